import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli, cliJson, folder } from './support.ts';

describe('adopt, and another version of the rules', () => {
  const rule = (name: string, limit: number, text = 'much'): string =>
    `  - alert: ${name}\n    expr: ${name.toLowerCase()} > ${limit}\n    annotations: { s: ${text} }\n`;
  const file = (...rules: string[]): string => `groups:\n- name: g\n  rules:\n${rules.join('')}`;

  it('says in one message what would be kept and what lost, and --force does it', async () => {
    const edited = file(rule('A', 5, 'edited'), rule('B', 9), rule('Mine', 1));
    const cwd = await folder({ 'n.yml': file(rule('A', 5), rule('B', 6)), 'rules/n.yml': edited });
    const { code, stderr } = await cli(['adopt', 'n.yml'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toBe(
      '+ rules/n.yml  2 rules, as they are\n' +
        'rules/n.yml is another version of n.yml, and nothing was written. --force takes this one over, and what rules/n.yml says otherwise is lost: ' +
        '"A" (annotation s: edited became much), "B" (expr: {__name__="b"} > 9 became {__name__="b"} > 6), "Mine" (it would be there no more). ' +
        'To keep it, go on with what is there; what a group says instead (`thresholds`, `overrides`) outlives every new version.\n',
    );
    expect(await readFile(join(cwd, 'rules/n.yml'), 'utf8')).toBe(edited);
    const { code: forced, stderr: said } = await cli(['adopt', '--force', 'n.yml'], { cwd });
    expect(forced).toBe(0);
    expect(said).toContain('rules/n.yml was another version; what it says otherwise is gone: "A" (annotation s:');
    expect(await readFile(join(cwd, 'rules/n.yml'), 'utf8')).toBe(file(rule('A', 5), rule('B', 6)));
  });

  it('in JSON, and where nothing would be lost', async () => {
    const cwd = await folder({ 'n.yml': file(rule('A', 5), rule('B', 6)), 'rules/n.yml': file(rule('A', 5)) });
    const { json } = await cliJson(['adopt', 'n.yml'], { cwd });
    expect(json).toMatchObject({
      in_the_way: ['rules/n.yml'],
      versions: [{ path: 'rules/n.yml', lost: [] }],
      written: [],
    });
    expect((await cli(['adopt', 'n.yml'], { cwd })).stderr).toContain('no rule of rules/n.yml is lost');
  });

  it('says with --params what copying it over would lose, and counts nothing that was not written', async () => {
    const there = file(rule('A', 5), rule('B', 9));
    const cwd = await folder({ 'n.yml': file(rule('A', 5), rule('B', 6)), 'rules/n.yml': there });
    const { code, stderr } = await cli(['adopt', '--params', 'n.yml'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain(
      'To go on with it: `rulewright adopt --params rules/n.yml`. To go on with n.yml: first `rulewright adopt --force n.yml`, which loses what rules/n.yml says otherwise ("B"), and build; then',
    );
    expect(stderr).not.toContain('differences');
    expect((await cli(['adopt', '--params', 'rules/n.yml'], { cwd })).code).toBe(0);
  });

  it('names the unit tests whose rule_files find the rules no more', async () => {
    const two = `${file(rule('A', 5))}- name: h\n  rules:\n${rule('B', 6)}`;
    const unit = (entry: string): string => `rule_files: [${entry}]\ntests: []\n`;
    const cwd = await folder({
      'rules/n.yml': two,
      'rules/m.yml': file(rule('C', 1)),
      'tests/n.yml': unit('../rules/n.yml'),
      'tests/m.yml': unit('../rules/m.yml'),
      'tests/all.yml': unit('"*"'),
    });
    const { json } = await cliJson(['adopt', '--params', '--dry-run', 'rules/n.yml', 'rules/m.yml'], { cwd });
    const instead = ['rules/n/g.yaml', 'rules/n/h.yaml'];
    expect(json['tests_lost']).toEqual([{ path: 'tests/n.yml', entry: '../rules/n.yml', instead }]);
    const { code, stderr } = await cli(['adopt', '--params', 'rules/n.yml', 'rules/m.yml'], { cwd });
    expect(code).toBe(0);
    expect(stderr).toContain('  tests/n.yml: in the place of ../rules/n.yml write rules/n/g.yaml, rules/n/h.yaml\n');
    // What it says to write does find them.
    await writeFile(join(cwd, 'tests/n.yml'), unit(instead.join(', ')));
    expect((await cli(['test'], { cwd })).stderr).not.toContain('tests/n.yml');
  });
});
