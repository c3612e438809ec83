import { execFileSync } from 'node:child_process';
import {
  appendFile,
  chmod,
  link,
  mkdir,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { openWatch } from '../../src/io/watch.ts';
import { temporaryFolder } from '../support/paths.ts';

/** A repository that is watched; `sees` gives what changed after something was done, a minute later at most. */
async function watched() {
  const root = temporaryFolder();
  await mkdir(join(root, 'rules/deep'), { recursive: true });
  for (const name of ['a.yaml', 'deep/b.yaml']) await writeFile(join(root, 'rules', name), 'rules: []\n');
  await writeFile(join(root, 'elsewhere.txt'), 'rules: [ ]\n');
  await writeFile(join(root, 'beside.json'), '[]');
  const sources = openWatch(root, { others: () => ['beside.json'], sleep: (ms) => sleep(ms), stopped: () => false });
  onTestFinished(() => sources.close());
  const sees = async (work: () => Promise<unknown>): Promise<readonly string[] | undefined> => {
    const next = sources.next();
    await sleep(20);
    await work();
    return Promise.race([next, sleep(20_000).then(() => undefined)]);
  };
  return { root, sees, at: (path: string) => join(root, path) };
}

const A = 'rules/a.yaml';

it('sees a save in whichever way it is made', { timeout: 120_000 }, async () => {
  const { at, sees } = await watched();
  expect(await sees(() => writeFile(at(A), 'rules: [ ]\n')), 'written over').toEqual([A]);
  expect(await sees(() => appendFile(at(A), '# more\n')), 'appended to').toEqual([A]);
  expect(await sees(() => truncate(at(A), 5)), 'cut off').toEqual([A]);
  const renamed = async (): Promise<void> => {
    await writeFile(at('rules/.a.yaml.swp'), 'rules: []\n');
    await rename(at('rules/.a.yaml.swp'), at(A));
  };
  expect(await sees(renamed), 'a new file renamed over it').toEqual([A]);
  const anew = async (): Promise<void> => {
    await rename(at(A), at('rules/.a.yaml~'));
    await sleep(5);
    await writeFile(at(A), 'rules: [] \n');
  };
  expect(await sees(anew), 'moved away, and made anew').toEqual([A]);
  const alike = async (): Promise<void> => {
    const { atime, mtime } = await stat(at(A));
    await writeFile(at(A), 'rules: []\t\n');
    await utimes(at(A), atime, mtime);
  };
  expect(await sees(alike), 'of the same size and date').toEqual([A]);
  await link(at(A), at('rules/.second-name'));
  await sees(() => appendFile(at(A), ''));
  expect(await sees(() => appendFile(at('rules/.second-name'), '# x\n')), 'by another name of it').toEqual([A]);
  const linked = async (): Promise<void> => {
    await rm(at(A));
    await symlink('../elsewhere.txt', at(A));
  };
  expect(await sees(linked), 'a link in its place').toEqual([A]);
  expect(await sees(() => appendFile(at('elsewhere.txt'), '# x\n')), 'what a link leads to').toEqual([A]);
  const swapped = async (): Promise<void> => {
    await mkdir(at('rules.new'));
    await writeFile(at('rules.new/a.yaml'), 'rules: []\n');
    await rename(at('rules'), at('rules.old'));
    await rename(at('rules.new'), at('rules'));
  };
  expect(await sees(swapped), 'the folder exchanged').toEqual([A, 'rules/deep/b.yaml']);
  expect(await sees(() => writeFile(at('beside.json'), '[ ]')), 'outside of the folders').toEqual(['beside.json']);
});

it('sees what no build can read come and go', { timeout: 120_000 }, async () => {
  const { at, sees } = await watched();
  const P = 'rules/p.yaml';
  for (const [what, make] of [
    ['a pipe', async () => void execFileSync('mkfifo', [at(P)])],
    ['a link that leads nowhere', () => symlink('nowhere', at(P))],
    ['a link to a device', () => symlink('/dev/null', at(P))],
    ['a link to itself', () => symlink('p.yaml', at(P))],
    ['a folder that is called as a file is', () => mkdir(at(P))],
  ] as const) {
    expect(await sees(make), what).toEqual([P]);
    expect(await sees(() => rm(at(P), { recursive: true })), `${what}, gone`).toEqual([P]);
  }
  expect(await sees(() => chmod(at(A), 0)), 'no right to read').toEqual([A]);
  expect(await sees(() => chmod(at(A), 0o644)), 'the right to read').toEqual([A]);
});
