import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli, cliJson, folder } from './support.ts';

const native = (expr: string, summary: string): string =>
  JSON.stringify({ groups: [{ name: 'g', rules: [{ alert: 'A', expr, annotations: { summary } }] }] });

const GROUP = 'match: { env: prod }\nthresholds: { A: 70 }\n';
const CASE = `match: { env: prod }
thresholds:
  A: { where: [{ id: c, match: { queue: q }, threshold: 70 }] }
`;

/** What `number-in-text` says of a native rule that a group tunes. */
async function said(cwd: string): Promise<{ message: string; help: string }[]> {
  const { json } = await cliJson(['check', '--sources'], { cwd });
  expect(json['errors']).toEqual([]);
  return (json['warnings'] as { code: string; message: string; help: string }[]).filter(
    ({ code }) => code === 'number-in-text',
  );
}

const repository = (expr: string, summary: string, group = GROUP): Promise<string> =>
  folder({ 'rules/n.yml': native(expr, summary), 'groups/prod.yaml': group });

describe('number-in-text', () => {
  it.each([
    ['mem > 85', 'memory over 80%', '80%', false],
    ['mem > 85', 'memory over 80 for long', '80', false],
    ['100 * a_bytes / b_bytes > 85', 'more than 80 percent', '80 percent', false],
    ['a_bytes / b_bytes > 0.85', 'above 80%', '80%', false],
    ['mem > 85', 'memory over 85%', '85%', true],
    ['mem > 85', 'memory over 85.0', '85.0', false],
    ['mem > 85', 'memory: 85 percent', '85 percent', true],
    ['5 < mem', 'more than 5 on node 5', '5', true],
    ['mem == 5', 'equals 5', '5', true],
  ])('of %s and %j quotes %s, and what it offers helps', async (expr, summary, quote, lifted) => {
    const cwd = await repository(expr, summary);
    const [first, second] = await said(cwd);
    expect(second).toBe(undefined);
    expect(first?.message).toContain(`says ${quote}, but "prod" sets 70`);
    expect(first?.help.includes('adopt --params')).toBe(lifted);
    await writeFile(
      join(cwd, 'groups/prod.yaml'),
      `${GROUP}overrides: { A: { annotations: { summary: over << threshold >> } } }\n`,
    );
    expect(await said(cwd)).toEqual([]);
    if (!lifted) return;
    await writeFile(join(cwd, 'groups/prod.yaml'), GROUP);
    expect((await cli(['adopt', '--params', 'rules/n.yml'], { cwd })).stderr).toContain('0 differences');
    expect(await said(cwd)).toEqual([]);
    expect(await readFile(join(cwd, 'rules/n.yaml'), 'utf8')).toContain('<< threshold >>');
  });

  it.each([
    ['mem > 85', 'on node 85'],
    ['mem > 85', 'more than 3 pods use too much'],
    ['mem_bytes > 85', 'over 80%'],
    ['mem > 85', 'over 80%, twice over 60%'],
    ['mem > 85 and age > 30', 'older than 30'],
    ['mem > 85', 'over 70%'],
    ['mem > 85', 'over {{ $value }}'],
    ['mem > 85', 'for more than 30 seconds'],
  ])('of %s and %j says nothing', async (expr, summary) => {
    expect(await said(await repository(expr, summary))).toEqual([]);
  });

  it('of a case asks for its text, and takes the group’s', async () => {
    const cwd = await repository('mem > 85', 'over 85%', CASE);
    const [first] = await said(cwd);
    expect(first?.help).toContain('Give case "c" of "prod" a summary of its own');
    await writeFile(
      join(cwd, 'groups/prod.yaml'),
      `${CASE}overrides: { A: { annotations: { summary: over << threshold >> } } }\n`,
    );
    expect(await said(cwd)).toEqual([]);
    const inCase = CASE.replace('threshold: 70 }', 'threshold: 70, annotations: { summary: over << threshold >> } }');
    await writeFile(join(cwd, 'groups/prod.yaml'), inCase);
    expect(await said(cwd)).toEqual([]);
  });

  it('of our own rule is mended by the hole', async () => {
    const own = (text: string): string =>
      `rules:\n  - alert: A\n    params: { threshold: 85 }\n    expr: mem > << threshold >>\n    annotations: { summary: ${text} }\n`;
    const cwd = await folder({ 'rules/n.yaml': own('over 80%'), 'groups/prod.yaml': GROUP });
    const [first] = await said(cwd);
    expect(first?.help).toBe('Write << threshold >> in the text instead of the number.');
    await writeFile(join(cwd, 'rules/n.yaml'), own('over << threshold >>%'));
    expect(await said(cwd)).toEqual([]);
  });
});
