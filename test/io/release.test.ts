import { execFileSync } from 'node:child_process';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Dist, manifestRows, readDist } from '../../src/io/dist/dist.ts';
import { planRelease, type ReleasePlan, staleFiles } from '../../src/io/dist/plan.ts';
import type { ReleaseFile } from '../../src/io/dist/stage.ts';
import { applyPlan } from '../../src/io/dist/write.ts';
import { manifest } from '../../src/outputs/manifest.ts';
import { distAt, file, HEADER, OPTIONS, planAt, releaseAt } from './release-support.ts';

let root: string;
let out: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'rw-release-')));
  out = join(root, 'dist');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const dist = (): Promise<Dist> => distAt(root);
const plan = (files: readonly ReleaseFile[]): Promise<ReleasePlan> => planAt(root, files);
const release = (files: readonly ReleaseFile[]): Promise<ReleasePlan> => releaseAt(root, files);
const names = async (directory = join(out, 'rules')): Promise<string[]> => (await readdir(directory)).sort();

describe('a release', () => {
  it('is written, and written again not at all', async () => {
    await release([file('a', { X: 1 }), file('b', { X: 2 })]);
    expect(await names()).toEqual(['group-a.yml', 'group-b.yml']);
    expect(await readFile(join(out, 'rules/group-a.yml'), 'utf8')).toBe([...file('a', { X: 1 }).parts()].join(''));
    const before = await stat(join(out, 'rules/group-a.yml'));
    const text = await readFile(join(out, 'manifest.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ version: 1, files: [{ file: 'rules/group-a.yml', rule_count: 1 }, {}] });
    expect(text.endsWith('}\n')).toBe(true);

    const again = await release([file('b', { X: 2 }), file('a', { X: 1 })]);
    expect(staleFiles(again)).toEqual([]);
    const after = await stat(join(out, 'rules/group-a.yml'));
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
  });

  it('writes only what changed, removes what is no longer ours, and touches nothing else', async () => {
    await release([file('a', { X: 1 }), file('b', { X: 2 }), file('c', { X: 3 })]);
    await writeFile(join(out, 'rules/group-handmade.yml'), 'groups: []\n');
    await writeFile(join(out, 'rules/notes.txt'), HEADER);
    await writeFile(join(out, 'rules/other.yml'), HEADER);
    // Ours by its first line, though no manifest tells of it.
    await writeFile(join(out, 'rules/static-old--x.yml'), `${HEADER}groups: []\n`);
    const untouched = await stat(join(out, 'rules/group-a.yml'));
    const result = await plan([file('a', { X: 1 }), file('b', { X: 9 }), file('d', { X: 3 })]);
    expect(staleFiles(result)).toEqual([
      'group-b.yml',
      'group-c.yml',
      'group-d.yml',
      'static-old--x.yml',
      'manifest.json',
    ]);
    expect(result.removed).toEqual([
      { fileName: 'group-c.yml', groupId: 'c' },
      { fileName: 'static-old--x.yml', groupId: 'static-old--x' },
    ]);
    expect(await applyPlan(result, OPTIONS)).toBeUndefined();
    expect(await names()).toEqual([
      'group-a.yml',
      'group-b.yml',
      'group-d.yml',
      'group-handmade.yml',
      'notes.txt',
      'other.yml',
    ]);
    expect((await stat(join(out, 'rules/group-a.yml'))).ino).toBe(untouched.ino);
  });

  it('mends a file that was changed by hand, also to one of equal length, and a deleted manifest', async () => {
    await release([file('a', { X: 1 })]);
    const path = join(out, 'rules/group-a.yml');
    const good = await readFile(path, 'utf8');
    await writeFile(path, good.replace('up > 1', 'up > 7'));
    await rm(join(out, 'manifest.json'));
    expect(staleFiles(await release([file('a', { X: 1 })]))).toEqual(['group-a.yml', 'manifest.json']);
    expect(await readFile(path, 'utf8')).toBe(good);
  });

  it('never follows a manifest out of dist/rules', async () => {
    const rows = [
      '../../precious.yml',
      'rules/../../precious.yml',
      '/etc/hosts',
      'rules/sub/group-x.yml',
      'rules/notes.yml',
    ];
    expect(manifestRows(JSON.stringify({ files: rows.map((file) => ({ file })) })).size).toBe(0);
    expect(manifestRows('not json').size).toBe(0);
    expect(manifestRows('{"files": 3}').size).toBe(0);
    expect(manifestRows('{"files": [null, 3, {}, {"file": "rules/group-x.yml"}]}').size).toBe(1);
  });

  it('replaces a symbolic link in place of a file, and leaves its target alone', async () => {
    await release([file('a', { X: 1 })]);
    const precious = join(root, 'precious');
    await writeFile(precious, 'keep me');
    await rm(join(out, 'rules/group-a.yml'));
    await symlink(precious, join(out, 'rules/group-a.yml'));
    await release([file('a', { X: 1 })]);
    expect((await lstat(join(out, 'rules/group-a.yml'))).isFile()).toBe(true);
    expect(await readFile(precious, 'utf8')).toBe('keep me');
  });

  it('refuses links that lead out, unless the user named the place', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'rw-else-'));
    await symlink(elsewhere, out);
    expect(await readDist(root, out, false)).toMatchObject({ message: expect.stringContaining('leads outside') });
    expect(await readDist(root, out, true)).toMatchObject({ out: await realpath(elsewhere) });
    await symlink(tmpdir(), join(elsewhere, 'rules'));
    expect(await readDist(root, out, true)).toMatchObject({ message: expect.stringContaining('leads outside') });
    await rm(elsewhere, { recursive: true });
    expect(await readDist(root, out, true)).toMatchObject({ message: expect.stringContaining('leads nowhere') });
  });

  it('says so where a directory is in the way', async () => {
    await mkdir(join(out, 'rules/group-a.yml'), { recursive: true });
    const result = await planRelease(await dist(), [file('a', { X: 1 })], manifest);
    expect(result).toMatchObject({ code: 'environment', message: expect.stringContaining('is a directory') });
  });

  it('takes back what it wrote when a later step fails', async () => {
    await release([file('a', { X: 1 }), file('b', { X: 1 })]);
    const before = await readFile(join(out, 'manifest.json'), 'utf8');
    const next = await plan([file('a', { X: 2 }), file('b', { X: 2 }), file('c', { X: 2 })]);
    // A directory takes the place of the last file between the plan and the writing.
    await mkdir(join(out, 'rules/group-c.yml/full'), { recursive: true });
    const problem = await applyPlan(next, OPTIONS);
    expect(problem?.message).toMatch(/group-c\.yml.*put back as they were/s);
    expect(await readFile(join(out, 'rules/group-a.yml'), 'utf8')).toContain('up > 1');
    expect(await readFile(join(out, 'rules/group-b.yml'), 'utf8')).toContain('up > 1');
    expect(await readFile(join(out, 'manifest.json'), 'utf8')).toBe(before);
    expect(await names()).toEqual(['group-a.yml', 'group-b.yml', 'group-c.yml']);
    expect(await names(out)).toEqual(['manifest.json', 'rules']);
  });

  it('removes what an interrupted build left behind, but not what may still be in use', async () => {
    await mkdir(join(out, 'rules'), { recursive: true });
    const left = ['rules/.group-a.yml.4000001.tmp', 'rules/.group-a.yml.4000001.old', '.manifest.json.4000001.tmp'];
    const kept = [`rules/.group-b.yml.${process.pid}.tmp`, 'rules/.hidden.yml', '.keep'];
    for (const name of [...left, ...kept]) await writeFile(join(out, name), '');
    await release([file('a', { X: 1 })]);
    const now = [...(await names()), ...(await names(out))];
    for (const name of left) expect(now).not.toContain(name.replace('rules/', ''));
    for (const name of kept) expect(now).toContain(name.replace('rules/', ''));
    expect(
      await applyPlan(await plan([file('a', { X: 1 })]), { ...OPTIONS, now: Date.now() + 7_200_000 }),
    ).toBeUndefined();
    expect(await names()).not.toContain(`.group-b.yml.${process.pid}.tmp`);
  });
});

describe('a hostile machine', () => {
  it('a full disk changes nothing, and says so', async (context) => {
    await mkdir(out);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', out], { stdio: 'ignore' });
    } catch {
      context.skip('a small file system cannot be mounted here');
    }
    try {
      await release([file('a', { X: 1 })]);
      const before = await readFile(join(out, 'rules/group-a.yml'), 'utf8');
      const many = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`Alert${i}`, i]));
      const problem = await applyPlan(await plan([file('a', { X: 2 }), file('b', many)]), OPTIONS);
      expect(problem?.message).toMatch(/cannot write .*group-b\.yml: there is no space left.*Nothing was changed/s);
      expect(problem?.help).toContain('df -h');
      expect(await names()).toEqual(['group-a.yml']);
      expect(await readFile(join(out, 'rules/group-a.yml'), 'utf8')).toBe(before);
      expect(staleFiles(await plan([file('a', { X: 1 })]))).toEqual([]);
    } finally {
      execFileSync('umount', ['-l', out]);
    }
  });

  it('a read-only file system changes nothing, and says so', async (context) => {
    await release([file('a', { X: 1 })]);
    try {
      execFileSync('mount', ['--bind', out, out], { stdio: 'ignore' });
      execFileSync('mount', ['-o', 'remount,ro,bind', out], { stdio: 'ignore' });
    } catch {
      context.skip('nothing can be mounted here');
    }
    try {
      const problem = await applyPlan(await plan([file('a', { X: 2 })]), OPTIONS);
      expect(problem?.message).toContain('the file system is read-only');
      expect(problem?.help).toContain('--out');
    } finally {
      execFileSync('umount', ['-l', out]);
    }
  });

  it('a directory without rights is told by its path', async (context) => {
    if (process.getuid?.() === 0) context.skip('root may write everywhere');
    await release([file('a', { X: 1 })]);
    await chmod(join(out, 'rules'), 0o555);
    const problem = await applyPlan(await plan([file('a', { X: 2 })]), OPTIONS);
    await chmod(join(out, 'rules'), 0o755);
    expect(problem?.message).toMatch(/cannot write .*group-a\.yml: permission denied/);
  });
});
