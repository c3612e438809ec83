import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tools } from '../support/tools.ts';
import { cli, cliJson, folder, REPOSITORY } from './support.ts';

describe('promtool', () => {
  it('is used where it is found, and named', async (context) => {
    const path = tools.promtool.old ?? tools.promtool.new;
    if (path === undefined) context.skip('there is no promtool here');
    const cwd = await folder({ ...REPOSITORY, 'rulewright.yaml': 'version: 1\n' });
    const env = { PROMTOOL_PATH: path };
    expect((await cliJson(['build'], { cwd, env })).json).toMatchObject({
      validated_by: expect.stringMatching(/^promtool \d+\.\d+\.\d+$/),
    });
    expect((await cliJson(['check'], { cwd, env })).json).toMatchObject({
      ok: true,
      validated_by: expect.stringMatching(/^promtool /),
    });
  });

  it('that is demanded and missing is a broken environment', async () => {
    const cwd = await folder({
      ...REPOSITORY,
      'rulewright.yaml': 'version: 1\nprometheus: { validate_rules: true }\n',
    });
    const { code, json } = await cliJson(['build'], { cwd });
    expect(code).toBe(2);
    expect(json['errors']).toMatchObject([{ code: 'environment', help: expect.stringContaining('Install it') }]);
    expect(await readdir(cwd)).not.toContain('dist');
    expect((await cli(['build'], { cwd, env: { PROMETHEUS_VALIDATE_RULES: 'false' } })).code).toBe(0);
  });

  it('that refuses what was compiled keeps it from being written', async () => {
    const cwd = await folder({ ...REPOSITORY, 'rulewright.yaml': 'version: 1\n' });
    const bin = await folder();
    const path = join(bin, 'promtool');
    // It finds fault with the first rule of the first file.
    await writeFile(
      path,
      `#!/bin/sh
if [ "$1" = --version ]; then echo "promtool, version 2.42.0 (x)"; exit; fi
echo "Checking 0.yml"; for f in 1 2; do echo "Checking $f.yml"; echo "  SUCCESS: 1 rules found"; done
printf '  FAILED:\\n0.yml: 5:5: group "default/cpu", rule 1, "Cpu": made up\\n' >&2
exit 1
`,
    );
    await chmod(path, 0o755);
    const { code, json } = await cliJson(['build'], { cwd, env: { PATH: `${bin}:${process.env['PATH']}` } });
    expect(code).toBe(1);
    expect(json['errors']).toMatchObject([
      { code: 'promtool', message: expect.stringContaining('made up'), file: 'rules/cpu.yaml' },
    ]);
    expect(await readdir(cwd)).not.toContain('dist');
  });
});

describe('variables that are wrong', () => {
  it.each([
    ['PROMETHEUS_URL', 'ftp://x'],
    ['PROMETHEUS_RELOAD_TIMEOUT', 'soon'],
    ['PROMETHEUS_RELOAD_ENABLED', 'perhaps'],
  ])('are a broken environment: %s', async (name, value) => {
    const cwd = await folder({ ...REPOSITORY, 'tests/a.yml': 'tests: []\n' });
    for (const command of ['build', 'check', 'test', 'status', 'drift', 'doctor', 'reload', 'deploy', 'effective x']) {
      const { code, json } = await cliJson(command.split(' '), { cwd, env: { [name]: value } });
      expect([command, code]).toEqual([command, 2]);
      expect(JSON.stringify(json['errors']), command).toContain(name);
    }
    const { json } = await cliJson(['status'], { cwd, env: { [name]: value } });
    expect(json).toMatchObject({ status: 'unreachable', url: null, ready: null, healthy: null });
    await writeFile(join(cwd, 'rules/bad.yaml'), 'rules: 5\n');
    expect((await cliJson(['check'], { cwd, env: { [name]: value } })).code, 'sources too').toBe(1);
  });
});

describe('a fault of ours', () => {
  it('is told as such', async () => {
    const cwd = await folder(REPOSITORY);
    await mkdir(join(cwd, 'dist'));
    const { main } = await import('../../src/commands/main.ts');
    let stderr = '';
    const write = (text: string): void => {
      stderr += text;
    };
    const stream = { write, isTTY: false };
    const now = (): number => {
      throw new Error('the clock stands');
    };
    const io = { cwd, env: {}, pid: 1, now, stdout: stream, stderr: stream };
    expect(await main(['build'], io, () => '1.2.3')).toBe(2);
    expect(stderr).toMatch(/^error: rulewright 1\.2\.3 met a fault of its own: the clock stands\./);
    expect(stderr).not.toMatch(/^ +at /m);
    await main(['build'], { ...io, env: { RULEWRIGHT_DEBUG: '1' } }, () => '1.2.3');
    expect(stderr).toMatch(/^ +at .*build/m);
  });
});
