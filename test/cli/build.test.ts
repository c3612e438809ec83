import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tools } from '../support/tools.ts';
import { cli, cliJson, folder, put } from './support.ts';

const RULE = (name: string): string => `rules:
  - alert: ${name}
    params: { threshold: 80 }
    expr: ${name.toLowerCase()}_usage > << threshold >>
    labels: { severity: warning }
`;

/** Two rules and two groups that say something of the first, one of the second. */
const REPOSITORY = {
  'rulewright.yaml': 'version: 1\nprometheus: { validate_rules: false }\n',
  'rules/cpu.yaml': RULE('Cpu'),
  'rules/disk.yaml': RULE('Disk'),
  'groups/production.yaml': 'match: { env: prod }\nthresholds: { Cpu: 90 }\n',
  'groups/development.yaml': 'match: { env: dev }\nthresholds: { Cpu: 95, Disk: 99 }\n',
  'groups/targets/t.json':
    '[{"targets":["a:1"],"labels":{"env":"prod"}},{"targets":["b:1"],"labels":{"env":"dev"}},{"targets":["c:1"],"labels":{"env":"x"}}]',
};

const GROUP_FILES = ['group-default.yml', 'group-development.yml', 'group-production.yml'];

/** Path, inode, time and size of everything in a directory: equal where nothing was written. */
async function snapshot(directory: string): Promise<string[]> {
  const names = await readdir(directory, { recursive: true });
  const lines = names.map(async (name) => {
    const { ino, mtimeMs, size } = await stat(join(directory, name));
    return `${name} ${ino} ${mtimeMs} ${size}`;
  });
  return (await Promise.all(lines)).sort();
}

describe('build', () => {
  it('writes a release, and the second time nothing', async () => {
    const cwd = await folder(REPOSITORY);
    const first = await cliJson(['build'], { cwd });
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.json).toEqual({
      groups_affected: 3,
      files_generated: 3,
      files_unchanged: 0,
      files_removed: 0,
      rules_count: 5,
      targets_count: 3,
      files: GROUP_FILES.map((file_name) => ({
        group_id: file_name.slice(6, -4),
        file_name,
        rules_count: file_name.includes('production') ? 1 : 2,
        changed: true,
      })),
      errors: [],
      warnings: expect.any(Array),
      notes: expect.any(Array),
      validated_by: 'in-process',
      duration: expect.any(Number),
    });
    const before = await snapshot(join(cwd, 'dist'));
    const second = await cliJson(['build'], { cwd });
    expect(second.json).toMatchObject({ groups_affected: 0, files_generated: 0, files_unchanged: 3, files_removed: 0 });
    expect(await snapshot(join(cwd, 'dist'))).toEqual(before);
    const text = await cli(['build'], { cwd });
    expect(text).toMatchObject({ code: 0, stdout: '' });
    expect(text.stderr).toMatch(/dist is up to date: 5 rules in 3 files, 3 targets \(in-process, \d+\.\d s\)\n$/);
    expect((await cli(['build', '--quiet'], { cwd })).stderr).toBe('');
  });

  it('tells people which files were created, changed and removed', async () => {
    const cwd = await folder(REPOSITORY);
    await cli(['build'], { cwd });
    await put(cwd, {
      'groups/production.yaml': 'match: { env: prod }\nthresholds: { Cpu: 91 }\n',
      'groups/new.yaml': 'match: { env: new }\nthresholds: { Disk: 1 }\n',
    });
    await rm(join(cwd, 'groups/development.yaml'));
    const { code, stderr } = await cli(['build'], { cwd });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^\+ dist\/rules\/group-new\.yml +1 rule$/m);
    expect(stderr).toMatch(/^~ dist\/rules\/group-production\.yml +1 rule$/m);
    expect(stderr).toMatch(/^- dist\/rules\/group-development\.yml +removed$/m);
    expect(stderr).toMatch(/3 written, 1 removed, 0 unchanged: 4 rules in 3 files/);
    expect((await readdir(join(cwd, 'dist/rules'))).sort()).toEqual([
      'group-default.yml',
      'group-new.yml',
      'group-production.yml',
    ]);
  });

  it('writes nothing if anything is wrong, and says where', async () => {
    const cwd = await folder(REPOSITORY);
    await cli(['build'], { cwd });
    const before = await snapshot(join(cwd, 'dist'));
    await put(cwd, { 'groups/production.yaml': 'match: { env: prod }\nthresholds: { Cppu: 91, Disk: 70 }\n' });
    const { code, json, stderr } = await cliJson(['build'], { cwd });
    expect([code, stderr]).toEqual([1, '']);
    expect(json).toMatchObject({
      files_generated: 0,
      files: [],
      errors: [{ code: 'unknown-rule', file: 'groups/production.yaml', line: 2, col: 15 }],
    });
    const text = await cli(['build'], { cwd });
    expect(text).toMatchObject({ code: 1, stdout: '' });
    expect(text.stderr).toContain('--> groups/production.yaml:2:15');
    expect(text.stderr).toContain('Nothing was written.');
    expect(await snapshot(join(cwd, 'dist'))).toEqual(before);
  });

  it('writes elsewhere with --out, seen from where the user stands', async () => {
    const root = await folder(REPOSITORY);
    const cwd = await folder();
    expect((await cli(['-C', root, 'build', '--out', 'release'], { cwd })).code).toBe(0);
    expect((await readdir(join(cwd, 'release/rules'))).sort()).toEqual(GROUP_FILES);
    expect(await readdir(root)).not.toContain('dist');
    expect((await cli(['-C', root, 'check', '--out', 'release'], { cwd })).code).toBe(0);
    expect((await cli(['-C', root, 'check'], { cwd })).code).toBe(1);
  });

  it('never writes among the sources, nor over a manifest of something else', async () => {
    const cwd = await folder({
      ...REPOSITORY,
      'web/manifest.json': '{"name":"app"}',
      'merged/manifest.json': '<<<<<<< ours',
    });
    for (const out of ['.', 'rules', 'groups/x']) {
      const { code, stderr } = await cli(['build', '--out', out], { cwd });
      expect([out, code]).toEqual([out, 2]);
      expect(stderr).toContain('among the sources');
    }
    expect(await cli(['build', '--out', 'web'], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('belongs to something else'),
    });
    expect((await cli(['build', '--out', 'merged'], { cwd })).code).toBe(0);
    expect(await readFile(join(cwd, 'web/manifest.json'), 'utf8')).toBe('{"name":"app"}');
    expect((await readdir(join(cwd, 'rules'))).sort()).toEqual(['cpu.yaml', 'disk.yaml']);
  });

  it('works where the repository is reached by a link', async () => {
    const root = await folder(REPOSITORY);
    const cwd = await folder();
    await symlink(root, join(cwd, 'link'));
    expect((await cli(['-C', 'link', 'build'], { cwd })).code).toBe(0);
    expect((await cli(['check'], { cwd: join(cwd, 'link') })).code).toBe(0);
  });

  it('--group writes that group’s file and those whose regions it changed', async () => {
    const cwd = await folder(REPOSITORY);
    await cli(['build'], { cwd });
    // A new matcher of production moves the default's region of Cpu as well; Disk's file for development is another matter.
    await put(cwd, {
      'groups/production.yaml': 'match: { env: live }\nthresholds: { Cpu: 90 }\n',
      'groups/other.yaml': 'match: { tier: x }\nthresholds: { Memory: 1 }\n',
      'rules/memory.yaml': RULE('Memory'),
    });
    const { code, json } = await cliJson(['build', '--group', 'production'], { cwd });
    expect(code).toBe(0);
    expect(json).toMatchObject({ groups_affected: expect.any(Number) });
    const changed = (json['files'] as { file_name: string; changed: boolean }[]).filter((file) => file.changed);
    expect(changed.map((file) => file.file_name)).toEqual(
      expect.arrayContaining(['group-default.yml', 'group-production.yml']),
    );
    expect((await cli(['build'], { cwd })).code).toBe(0);
    expect((await cli(['check'], { cwd })).code).toBe(0);
  });

  it('--group with an unknown id is wrong usage, and suggests', async () => {
    const cwd = await folder(REPOSITORY);
    const { code, stderr } = await cli(['build', '--group', 'prodution'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean production?');
    expect(await readdir(cwd)).not.toContain('dist');
  });

  it('needs sources', async () => {
    const cwd = await folder({ 'README.md': 'x' });
    for (const name of ['build', 'check']) {
      const { code, json } = await cliJson([name], { cwd });
      expect(code).toBe(2);
      expect(json['errors']).toMatchObject([
        {
          code: 'environment',
          message: expect.stringContaining('No rules were found'),
          help: expect.stringContaining('rulewright init'),
        },
      ]);
    }
  });

  it('compiles what init writes', async () => {
    const cwd = await folder();
    await cli(['init'], { cwd });
    const { code, json } = await cliJson(['build', '--strict'], { cwd });
    expect(json).toMatchObject({ errors: [], warnings: [] });
    expect(code).toBe(0);
    expect(json).toMatchObject({ files_generated: 2, targets_count: 3 });
    expect((await cli(['check', '--strict'], { cwd })).code).toBe(0);
  });
});

describe('--strict', () => {
  it('fails on warnings and writes nothing', async () => {
    // A file that says nothing is a warning.
    const cwd = await folder({ ...REPOSITORY, 'rules/empty.yaml': '# nothing yet\n' });
    const { code, json } = await cliJson(['build', '--strict'], { cwd });
    expect(code).toBe(1);
    expect(json).toMatchObject({ errors: [], files_generated: 0 });
    expect(json['warnings']).toMatchObject([{ code: 'empty-file', severity: 'warning' }]);
    expect(await readdir(cwd)).not.toContain('dist');
    expect((await cli(['build', '--strict', '--quiet'], { cwd })).stderr).toContain('empty-file');
    expect((await cli(['build', '--quiet'], { cwd })).stderr).toBe('');
  });
});

describe('check', () => {
  it('tells what is stale, and writes nothing', async () => {
    const cwd = await folder(REPOSITORY);
    expect((await cliJson(['check'], { cwd })).json).toEqual({
      ok: false,
      errors: [],
      warnings: expect.any(Array),
      stale: [...GROUP_FILES, 'manifest.json'],
      validated_by: 'in-process',
    });
    expect(await readdir(cwd)).not.toContain('dist');
    expect((await cli(['check', '--sources'], { cwd })).code).toBe(0);
    await cli(['build'], { cwd });
    const good = await cli(['check'], { cwd });
    expect(good).toMatchObject({ code: 0, stdout: '' });
    expect(good.stderr).toContain('dist/ is up to date');

    await writeFile(join(cwd, 'dist/rules/group-production.yml'), 'x');
    await writeFile(join(cwd, 'dist/rules/group-old.yml'), '# Compiled by rulewright: do not edit.\n');
    expect((await cliJson(['check'], { cwd })).json).toMatchObject({
      ok: false,
      stale: ['group-old.yml', 'group-production.yml'],
    });
    const text = await cli(['check', '--quiet'], { cwd });
    expect(text.code).toBe(1);
    expect(text.stderr).toContain('  group-old.yml\n');
    expect(await readFile(join(cwd, 'dist/rules/group-production.yml'), 'utf8')).toBe('x');
  });
});

describe('files', () => {
  it('lists what build wrote', async () => {
    const cwd = await folder(REPOSITORY);
    await cli(['build'], { cwd });
    const { json, stderr } = await cliJson(['files'], { cwd });
    expect(stderr).toBe('');
    expect(json).toMatchObject({
      total: 3,
      files: [{ group_id: 'default', rule_count: 2 }, {}, { group_id: 'production', rule_count: 1 }],
    });
  });
});

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
