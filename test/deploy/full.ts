import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

const PAGE = 4096; // bytes

/** How a volume is made, and what fills it up but for so much. */
export interface Filling {
  readonly what: string;
  /** Of `mount`. */
  readonly option: string;
  readonly fillUp: (volume: string, free: number) => void;
}

/** A volume that runs out of bytes, or of files. */
export const FILLINGS: readonly Filling[] = [
  { what: 'bytes', option: 'size=512k', fillUp: fill },
  { what: 'inodes', option: 'nr_inodes=160', fillUp: useUp },
];

/** What filled it goes. */
export function empty(volume: string): void {
  rmSync(join(volume, 'ballast'), { force: true });
  rmSync(join(volume, 'names'), { recursive: true, force: true });
}

/** Fills a volume up to so many free pages. */
function fill(volume: string, free: number): void {
  const path = join(volume, 'ballast');
  rmSync(path, { force: true });
  expect(spawnSync('dd', ['if=/dev/zero', `of=${path}`, `bs=${PAGE}`], { stdio: 'ignore' }).status).not.toBe(0);
  spawnSync('truncate', ['-s', String(statSync(path).size - free * PAGE), path]);
}

/** Uses up a volume's inodes, but for so many. */
function useUp(volume: string, free: number): void {
  const folder = join(volume, 'names');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  let n = 0;
  try {
    for (; ; n += 1) writeFileSync(join(folder, String(n)), '');
  } catch {
    for (let back = 1; back <= free; back += 1) rmSync(join(folder, String(n - back)), { force: true });
  }
}
