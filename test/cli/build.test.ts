import { readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli, cliJson, folder, put, REPOSITORY, RULE } from './support.ts';

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
      notes: [],
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
