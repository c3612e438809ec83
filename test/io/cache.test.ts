import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, realpath, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digest } from '../../src/io/dist/dist.ts';
import { openCache } from '../../src/io/memory/cache.ts';
import { prune } from '../../src/io/memory/cache-prune.ts';
import { lookAgain } from '../../src/io/memory/known.ts';
import { openVerdicts } from '../../src/io/memory/verdicts.ts';
import { readPiece } from '../../src/io/regular.ts';
import { temporaryFolder } from '../support/paths.ts';

const open = (directory: string, root = '/nowhere') =>
  openCache({ env: { RULEWRIGHT_CACHE: directory }, root, pid: process.pid });
const sha = (text: string): string => digest([text]).sha256;

async function entries(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

describe('the cache', () => {
  it('gives back what was kept, and nothing that is not whole', async () => {
    const folder = temporaryFolder();
    const cache = await open(folder);
    expect(await cache?.read('kind', 'abcd')).toBeUndefined();
    await cache?.write('kind', 'abcd', 'some words, ü among them');
    expect(await cache?.read('kind', 'abcd')).toBe('some words, ü among them');
    const [path] = await entries(folder);
    const whole = await readFile(path as string);
    for (const broken of [whole.subarray(0, whole.length - 1), Buffer.alloc(0), Buffer.from(`${whole} and more`)]) {
      await writeFile(path as string, broken);
      expect(await cache?.read('kind', 'abcd')).toBeUndefined();
    }
    await cache?.write('kind', 'abcd', 'anew');
    expect(await cache?.read('kind', 'abcd')).toBe('anew');
  });

  it('survives many who write at once', async () => {
    const folder = temporaryFolder();
    const caches = await Promise.all(
      Array.from({ length: 8 }, (_, pid) => openCache({ env: { RULEWRIGHT_CACHE: folder }, root: '/x', pid })),
    );
    await Promise.all(caches.map((cache, i) => cache?.write('kind', 'key', String(i).repeat(100_000))));
    const text = await caches[0]?.read('kind', 'key');
    expect(text).toHaveLength(100_000);
    expect(new Set(text)).toHaveProperty('size', 1);
    expect((await entries(folder)).length).toBe(1);
  });

  it('is none where others could write to it, inside of the repository, or switched off', async () => {
    const folder = temporaryFolder();
    expect(await open(folder)).toBeDefined();
    expect(await open(join(folder, 'cache'), folder)).toBeUndefined();
    await writeFile(join(folder, 'rulewright.yaml'), '');
    expect(await open(join(folder, 'cache'))).toBeUndefined();
    await rm(join(folder, 'rulewright.yaml'));
    expect(await open('off')).toBeUndefined();
    expect(await open('relative/path')).toBeUndefined();
    expect(await openCache({ env: {}, root: '/x', pid: 1 })).toBeUndefined();
    await chmod(join(folder, 'v1'), 0o777);
    expect(await open(folder)).toBeUndefined();
  });

  it('waits for no pipe, reads no device, and follows no link, whatever lies there', async () => {
    for (const kind of ['a pipe', 'a device', 'a link to a pipe', 'a folder', 'a file'] as const) {
      const folder = temporaryFolder();
      const cache = await open(folder);
      const verdicts = await openVerdicts(cache, 'promtool 1', 1);
      const pack = (await cache?.place('kind', 'pack')) ?? '';
      await cache?.write('kind', 'abcd', 'some words');
      await verdicts.add([sha('a')]);
      await cache?.tidy(Date.now());
      await writeFile(pack, 'pieces');
      const there = await entries(folder);
      expect(there).toHaveLength(4);
      for (const path of there) {
        await rm(path);
        if (kind === 'a pipe') execFileSync('mkfifo', [path]);
        else if (kind === 'a device') await symlink('/dev/zero', path);
        else if (kind === 'a folder') await mkdir(join(path, 'in it'), { recursive: true });
        else if (kind === 'a file') await writeFile(path, 'other words');
        else {
          execFileSync('mkfifo', [`${path}.aside`]);
          await symlink(`${path}.aside`, path);
        }
      }
      expect(await cache?.read('kind', 'abcd'), kind).toBeUndefined();
      expect((await readPiece(pack, 2, 3))?.toString(), kind).toBe(kind === 'a file' ? 'her' : undefined);
      const again = await openVerdicts(cache, 'promtool 1', 2);
      expect(again.has(sha('a')), kind).toBe(false);
      await again.add([sha('b')]);
      await cache?.write('kind', 'abcd', 'anew');
      expect(await cache?.read('kind', 'abcd'), kind).toBe(kind === 'a folder' ? undefined : 'anew');
      await cache?.tidy(Date.now() + 3 * 24 * 3600 * 1000);
    }
  });

  it('is none where a link leads into a repository, or through one', async () => {
    const folder = temporaryFolder();
    const repository = join(folder, 'repository');
    await mkdir(join(repository, '.git'), { recursive: true });
    await mkdir(join(repository, 'in it'), { recursive: true });
    await mkdir(join(folder, 'outside/cache'), { recursive: true });
    await symlink(join(repository, 'in it'), join(folder, 'link'));
    expect(await open(join(folder, 'link'))).toBeUndefined();
    expect(await open(join(folder, 'link/deeper/still'))).toBeUndefined();
    await symlink(join(repository, 'in it'), join(folder, 'outside/cache/v1'));
    expect(await open(join(folder, 'outside/cache')), 'the last folder of the way').toBeUndefined();
    await rm(join(folder, 'outside/cache/v1'));
    await symlink(join(folder, 'outside'), join(repository, 'out'));
    expect(await open(join(repository, 'out/cache')), 'through a work tree').toBeUndefined();
    await symlink(join(folder, 'outside'), join(folder, 'alias'));
    expect((await open(join(folder, 'alias/cache')))?.directory).toBe(join(await realpath(folder), 'outside/cache/v1'));
    await symlink(folder, join(folder, 'outside/root'));
    expect(await open(join(folder, 'outside/cache'), join(folder, 'outside/root/outside')), 'its own').toBeUndefined();
  });

  it('forgets what was long not used', async () => {
    const folder = temporaryFolder();
    const cache = await open(folder);
    await cache?.write('kind', 'old', 'x');
    await cache?.write('kind', 'new', 'x');
    const [old] = (await entries(folder)).filter((path) => path.endsWith('old'));
    const longAgo = new Date(Date.now() - 40 * 24 * 3600 * 1000);
    await utimes(old as string, longAgo, longAgo);
    await prune(join(folder, 'v1'), Date.now(), process.pid);
    expect(await cache?.read('kind', 'old')).toBeUndefined();
    expect(await cache?.read('kind', 'new')).toBe('x');
  });
});

describe('verdicts', () => {
  it('are kept for one promtool, line by line, whatever stands between them', async () => {
    const folder = temporaryFolder();
    const cache = await open(folder);
    const [a, b, c] = [sha('a'), sha('b'), sha('c')] as const;
    const first = await openVerdicts(cache, 'promtool 1', 1);
    const second = await openVerdicts(cache, 'promtool 1', 2);
    await Promise.all([first.add([a]), second.add([b])]);
    const [path] = await entries(folder);
    const text = await readFile(path as string, 'latin1');
    // A line that was cut off, one whose checksum is another's, and one that somebody made up.
    await writeFile(path as string, `${text}${c} 00000000\n${c}\n${a.slice(0, 20)}`);
    const again = await openVerdicts(cache, 'promtool 1', 3);
    expect([a, b, c].map((one) => again.has(one))).toEqual([true, true, false]);
    await again.add([c]);
    expect((await openVerdicts(cache, 'promtool 1', 4)).has(c)).toBe(true);
    expect((await openVerdicts(cache, 'promtool 2', 5)).has(a)).toBe(false);
    expect((await openVerdicts(undefined, 'promtool 1', 6)).has(a)).toBe(false);
  });
});

describe('looking again', () => {
  it('reads a file whose looks changed, and one that was written a moment ago', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'a');
    await writeFile(path, 'one');
    const known = [{ path: 'a', sha256: sha('one') }];
    // A moment after it was written nobody can tell by its looks whether it is written once more.
    const { mtimeMs } = await stat(path);
    expect(lookAgain(folder, known, mtimeMs + 1)).toBe(known);
    const signed = lookAgain(folder, known, mtimeMs + 10_000);
    expect(signed?.[0]).toMatchObject({ path: 'a', signature: expect.any(String) });
    expect(lookAgain(folder, signed ?? [], mtimeMs + 10_000)).toBe(signed);
    await writeFile(path, 'two');
    expect(lookAgain(folder, signed ?? [], mtimeMs + 10_000)).toBeUndefined();
    await writeFile(path, 'one');
    expect(lookAgain(folder, signed ?? [], mtimeMs + 10_000)).toHaveLength(1);
    expect(lookAgain(folder, [{ path: 'b', sha256: sha('one') }], Date.now())).toBeUndefined();
  });
});
