import { expect, test } from 'vitest';
import { compareCompiled } from '../../src/core/deploy/compiled-files.ts';
import { type FilesReport, filesHeadline, filesJson, filesMarkdown } from '../../src/report/action/files.ts';

const group = (number: number, offset = '1m'): string => `groups:
  - name: g
    query_offset: ${offset}
    rules:
      - { alert: "Cpu|<b>", expr: "cpu > ${number}", labels: { severity: warning } }
`;
const ADDED = '  - name: new\n    rules:\n      - { record: "a:b", expr: up }\n';

const report = (pairs: Parameters<typeof compareCompiled>[0], unseen = 0): FilesReport => ({
  why: 'Nobody knows.',
  help: 'Ask.',
  files: pairs.length + unseen,
  unseen,
  differences: compareCompiled(pairs),
});

test('compiled files are compared rule by rule, as they stand there', () => {
  const told = report([
    { name: 'rules/a.yml', before: group(93), after: group(55, '2m') + ADDED },
    { name: 'rules/b.yml', before: group(93), after: undefined },
    { name: 'rules/d.yml', before: group(1), after: `# Another comment\n${group(1)}` },
  ]);
  expect(filesHeadline(told)).toBe('3 rules differ, their targets are not known');
  const lines = filesMarkdown(told, 10_000).split('\n');
  expect(lines.slice(0, 4)).toEqual([
    '> [!WARNING]',
    '> What this changes for each target is not known. Nobody knows. Ask.',
    '',
    'Of 3 compiled files that differ, this is what the files themselves say:',
  ]);
  const cpu = '<code>Cpu&#124;&#60;b&#62;</code>';
  expect(lines.slice(5)).toEqual([
    `- \`rules/a.yml\` › \`g\` › ${cpu}: \`expr\`: \`{__name__="cpu"} > 93\` → \`{__name__="cpu"} > 55\``,
    '- `rules/a.yml` › `new` › `a:b`: is new',
    '- `rules/a.yml` › `g`: `query_offset`: `1m` → `2m`',
    `- \`rules/b.yml\` › \`g\` › ${cpu}: is removed`,
  ]);
  expect(filesJson(told)).toMatchObject({
    consequences: true,
    compared: false,
    errors: [{ message: 'Nobody knows.', help: 'Ask.' }],
    compiled_files: {
      changed: 3,
      not_compared: 0,
      unreadable: [],
      rules: [
        { what: 'changed', file: 'rules/a.yml', group: 'g', rule: 'Cpu|<b>', field: 'expr' },
        { what: 'added', rule: 'a:b' },
        { what: 'changed', rule: null, field: 'query_offset', old: '1m', new: '2m' },
        { what: 'removed', rule: 'Cpu|<b>' },
      ],
    },
  });
});

test('what was not read is never taken for no difference, and the rest degrades', () => {
  const broken = report([{ name: 'rules/c.yml', before: '{', after: group(1) }], 2);
  expect(filesHeadline(broken)).toBe('what changes is not known');
  expect(filesMarkdown(broken, 10_000)).toMatch(/c\.yml`: can’t be read as a rule file\n- 2 more were not compared$/);
  const same = report([{ name: 'rules/d.yml', before: group(1), after: `# x\n${group(1)}` }]);
  expect(filesHeadline(same)).toBe('written otherwise, no rule differs');
  expect(filesMarkdown(same, 10_000)).toContain('no rule differs: only comments, or the form');
  const many = report(
    Array.from({ length: 50 }, (_, i) => ({ name: `rules/${i}.yml`, before: group(1), after: group(2) })),
  );
  const text = filesMarkdown(many, 1_000);
  expect(text.length).toBeLessThanOrEqual(1_000);
  expect(text).toMatch(/… and \d+ more: see the files of the change$/);
});
