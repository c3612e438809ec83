import { expect, test } from 'vitest';
import { textOf } from '../../src/core/model/output-file.ts';
import { jsonSchemas } from '../../src/core/parse/schema/json-schema.ts';
import { renderFile } from '../../src/outputs/prometheus/prometheus.ts';
import { OUTPUTS, outputOf } from '../../src/outputs/table.ts';
import { compileFolder } from '../support/compile.ts';
import { projectRoot } from '../support/paths.ts';

const { ruleSet, server } = await compileFolder(projectRoot);
if (!ruleSet) throw new Error('the example does not compile');

test.each(Object.entries(OUTPUTS))('%s: its row is whole', (_, output) => {
  expect(output.title).not.toBe('');
  const settings = JSON.stringify(jsonSchemas()['rulewright.schema.json']);
  const { section, server: own } = output.settings;
  for (const key of [...Object.keys(section), ...Object.keys(own)]) expect(settings).toContain(`"${key}":`);
});

test('the files of a server come from the row of its kind, each with every rule of the plan', () => {
  const files = [...outputOf(server).files(ruleSet, server)];
  expect(files.map(({ path }) => path)).toEqual(ruleSet.files.map(({ fileName }) => `rules/${fileName}`));
  expect(files.map(textOf)).toEqual(ruleSet.files.map(renderFile));
  expect(files.map(({ ruleCount }) => ruleCount)).toEqual(ruleSet.files.map(({ ruleCount }) => ruleCount));
  expect(outputOf(server).check(ruleSet, server)).toEqual([]);
});

test('Prometheus knows an alert by its file, rule group, name and labels with a value, in any order', () => {
  const { identity } = OUTPUTS.prometheus;
  const place = {
    file: 'f.yml',
    ruleGroup: 'g',
    name: 'A',
    labels: new Map([
      ['a', '1'],
      ['b', '2'],
    ]),
  };
  const same = {
    ...place,
    labels: new Map([
      ['b', '2'],
      ['c', ''],
      ['a', '1'],
    ]),
  };
  expect(identity(same)).toBe(identity(place));
  const others = [
    { ...place, file: 'h.yml' },
    { ...place, ruleGroup: 'h' },
    { ...place, name: 'B' },
    {
      ...place,
      labels: new Map([
        ['a', '1'],
        ['b', '3'],
      ]),
    },
  ];
  for (const other of others) expect(identity(other)).not.toBe(identity(place));
});
