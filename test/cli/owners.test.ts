import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli, cliJson, folder, put } from './support.ts';

const SOURCES = {
  'rulewright.yaml': 'version: 1\nowners: { sre: "@example/sre", infra: ["@example/infra", "kim@example.com"] }\n',
  'rules/node.yaml':
    'rules:\n  - { alert: A, expr: up == 0, owner: sre }\n  - { alert: B, expr: up == 0, owner: "@lee" }\n  - { record: "a:b", expr: up, owner: sre }\n',
  'rules/nobody.yaml': 'rules:\n  - { alert: C, expr: up == 0 }\n',
  'rules/with space #1.yaml': 'rules:\n  - { alert: D, expr: up == 0, owner: infra }\n',
  'groups/production.yaml': 'match: { env: prod }\nowner: infra\nthresholds: {}\n',
};

const BLOCK = `# rulewright: begin
# Written by \`rulewright owners --write\` from the owners of rules and groups; what stands between these lines is replaced.
/groups/production.yaml @example/infra kim@example.com
/rules/node.yaml @example/sre @lee
/rules/with\\ space\\ \\#1.yaml @example/infra kim@example.com
# rulewright: end
`;

describe('owners', () => {
  it('prints, writes and checks the block, and touches nothing else', async () => {
    const root = await folder(SOURCES);
    const file = join(root, '.github/CODEOWNERS');
    expect(await cli(['owners', '-C', root])).toMatchObject({ code: 0, stdout: BLOCK });
    expect(existsSync(file)).toBe(false);
    expect((await cli(['owners', '-C', root, '--check'])).code).toBe(1);
    expect((await cli(['owners', '-C', root, '--write'])).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(BLOCK);
    expect((await cli(['owners', '-C', root, '--check'])).code).toBe(0);

    await put(root, { '.github/CODEOWNERS': `* @all\n\n${BLOCK.replace(' @lee', '')}\n/docs @kim\n` });
    const stale = await cli(['owners', '-C', root, '--check']);
    expect([stale.code, stale.stderr]).toEqual([
      1,
      expect.stringContaining(`run \`rulewright -C ${root} owners --write\``),
    ]);
    expect((await cliJson(['owners', '-C', root, '--write'])).json).toMatchObject({
      ok: true,
      stale: false,
      unknown: [],
    });
    expect(readFileSync(file, 'utf8')).toBe(`* @all\n\n${BLOCK}\n/docs @kim\n`);

    await put(root, { '.github/CODEOWNERS': '# rulewright: end\n# rulewright: begin\n' });
    expect(await cli(['owners', '-C', root, '--write'])).toMatchObject({ code: 2 });
    expect(readFileSync(file, 'utf8')).toBe('# rulewright: end\n# rulewright: begin\n');
  });

  it('says who is unknown, and what no pattern can name', async () => {
    const root = await folder({
      ...SOURCES,
      'rules/[a].yaml': 'rules:\n  - { alert: E, expr: up, owner: gone\u202e }\n',
    });
    const ran = await cli(['owners', '-C', root]);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toBe(BLOCK);
    expect(ran.stderr).toMatch(/nobody on GitHub is known for the owner gone<U\+202E> \(rules\/\[a\]\.yaml:2\)/);
    expect((await cli(['owners', '-C', root, '--strict'])).code).toBe(1);
    await put(root, { 'rules/[a].yaml': 'rules:\n  - { alert: E, expr: up, owner: sre }\n' });
    expect((await cli(['owners', '-C', root])).stderr).toContain('no pattern of CODEOWNERS can name rules/[a].yaml');
  });

  it('writes nothing where the sources have errors, and refuses handles that are none', async () => {
    const root = await folder({
      ...SOURCES,
      'rulewright.yaml': 'version: 1\nowners: { sre: "example/sre\\n/x @evil" }\n',
    });
    const ran = await cli(['owners', '-C', root, '--write']);
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('no owner that a CODEOWNERS file can name')]);
    expect(existsSync(join(root, '.github'))).toBe(false);
  });

  it('names files from the top of the work tree', async () => {
    const top = await folder(
      Object.fromEntries(Object.entries(SOURCES).map(([path, text]) => [`alerting/${path}`, text])),
    );
    execFileSync('git', ['init', '--quiet', top]);
    await put(top, { CODEOWNERS: '* @all\n' });
    const env = { PATH: process.env['PATH'] ?? '' };
    expect((await cli(['owners', '-C', join(top, 'alerting'), '--write'], { env })).code).toBe(0);
    expect(readFileSync(join(top, 'CODEOWNERS'), 'utf8')).toContain('* @all\n\n# rulewright: begin');
    expect(readFileSync(join(top, 'CODEOWNERS'), 'utf8')).toContain('\n/alerting/rules/node.yaml @example/sre @lee\n');
  });
});
