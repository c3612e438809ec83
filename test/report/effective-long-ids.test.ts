import { expect, test } from 'vitest';
import { effectiveText } from '../../src/report/effective/text.ts';

const LONG = 'vendor/node-exporter:NodeFilesystemAlmostOutOfSpace{severity="critical"}(node_filesystem_files_free)';
const row = (id: string) =>
  ({
    id,
    isAlert: true,
    cells: ['warning', '5', '10m', 'production', 'groups/prod.yml:4'],
    condition: null,
  }) as const;

test.each([
  [80, true],
  [100, true],
  [120, false],
])('a long id pushes nothing out of sight (%i columns, cut: %s), and is not cut itself', (width, cut) => {
  const text = effectiveText({ title: 'a', about: [], rules: [row('Up'), row(LONG)], color: false, width, cut });
  const lines = text.split('\n');
  const at = lines.indexOf(LONG);
  expect(at).toBeGreaterThan(0);
  expect(lines.filter((line) => line.length > width)).toEqual(LONG.length > width ? [LONG] : []);
  expect(lines.at(at + 1)?.trim()).toMatch(/^warning +5 +10m +production +groups\/prod/);
  // What stands behind it is where it is in other rows.
  expect(lines.at(at + 1)?.indexOf('warning')).toBe(lines.find((line) => line.startsWith('Up '))?.indexOf('warning'));
});
