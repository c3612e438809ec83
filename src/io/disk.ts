import { readdir, realpath, stat } from 'node:fs/promises';
import type { Diagnostic } from '../core/ground/diagnostic.ts';
import type { SourceFile } from '../core/ground/source.ts';
import { readSource } from './sources/read.ts';

/**
 * Where sources are read from: the disk, or a commit that looks like one. All throw as Node's own do, with
 * an errno in `code`.
 */
export interface Disk {
  /** The path with all symbolic links resolved. */
  realpath(path: string): Promise<string>;
  isDirectory(path: string): Promise<boolean>;
  readdir(path: string): Promise<readonly DiskEntry[]>;
  /** As `readSource`: what is wrong with the file is a diagnostic. */
  read(path: string, absolute: string, limit: number): Promise<SourceFile | Diagnostic>;
  /** What globs are looked up in, in the form of Node's `fs`; undefined: that itself. */
  readonly globs?: object;
}

export interface DiskEntry {
  readonly name: string;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** The disk of this machine. */
export const THIS_DISK: Disk = {
  realpath: (path) => realpath(path),
  isDirectory: async (path) => (await stat(path)).isDirectory(),
  readdir: (path) => readdir(path, { withFileTypes: true }),
  read: readSource,
};
