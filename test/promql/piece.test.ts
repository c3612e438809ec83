import { expect, test } from 'vitest';
import { pieceFinder, searchable } from '../../src/promql/piece.ts';

test.each([
  ['write_lat', 'rate(write_lat[5m]) > 5', true],
  ['lat', 'rate(write_lat[5m]) > 5', false],
  ['write_lat', 'write_lat_total > 5', false],
  ['prod', 'up{env="prod"} == 0', true],
  ['/data', "disk{mountpoint='/data'} < 5", true],
  ['pro', 'up{env="prod"} == 0', false],
  ['env="prod"', "up{job='a', env = 'prod'} == 0", true],
  ['env="prod"', 'up{env!="prod"} == 0', false],
  ['rate( write_lat [5m])', 'sum(rate(write_lat[300s])) > 5', true],
  ['sum(x) by (job)', 'sum by (job) (x{}) > 5', true],
  ['SUM by(job)', 'sum by (job) (x) > 5', true],
  ['x{b="2",a="1"}', 'x{a="1",b="2"} > 5', true],
  ['> 5', 'x >  5.0 # five', true],
  ['> 5', 'x > 50', false],
  ['> 5', 'x >= 5', false],
  ['^x > 5$', '( x > 5 )', false],
  ['^x > 5$', 'x > 5', true],
  ['^x > 5$', 'x{ } > 5', true],
  ['^x > 5$', 'x > 5 and y', false],
  ['> 5$', 'y or x > 5', true],
  ['^y', 'y or x > 5', true],
  ['^x', 'y or x > 5', false],
  ['http.errors', '{"http.errors"} > 5', true],
  ['"never closed', 'x{a="never closed"} > 5', false],
  ['and', 'x AND y', true],
])('%s in %s: %s', (piece, expr, expected) => {
  expect(pieceFinder(piece)(searchable(expr))).toBe(expected);
});
