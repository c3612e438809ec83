import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmdirSync,
  rmSync,
  type Stats,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { asidePath } from './dist.ts';

/** A file of the new release. */
export interface ReleaseFile {
  /** Below `rules/`. */
  readonly fileName: string;
  readonly groupId: string;
  readonly ruleCount: number;
  /** The text in pieces, the same each time. */
  parts(): Iterable<string>;
}

/**
 * Renders each file of a release once: its text is digested, compared with what lies in `dist/`, and put on disk only
 * where somebody needs it again: the build, which renames it into place, or promtool, which has not judged it yet.
 * A release may have hundreds of megabytes, of which one file at a time is held, and of a large file only a piece.
 */
export interface Stage {
  /** `place` is where the file belongs, `entry` what is there now. Throws what the file system throws. */
  take(file: ReleaseFile, place: string, entry: Stats | undefined): Staged;
  /** Removes all that was put on disk and not renamed into place since. */
  discard(): void;
}

export interface Staged {
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Whether `place` has exactly these bytes. */
  readonly same: boolean;
  /** Where the text lies, if it was put on disk. */
  readonly path?: string;
}

export interface StageOptions {
  /** Texts that `dist/` lacks are put beside their place. */
  readonly writing: boolean;
  /** Whether a text of this content is still to be judged; undefined where nobody judges. */
  readonly unjudged?: ((sha256: string) => boolean) | undefined;
  readonly pid: number;
}

/** Bytes of one file that are held before they go to disk; most files are smaller and never go there in vain. */
const HELD = 8 * 1024 * 1024;
/** UTF-16 units that are put together before they are made bytes: small pieces cost more than they weigh. */
const PIECE = 256 * 1024;

export function openStage({ writing, unjudged, pid }: StageOptions): Stage {
  const made: string[] = [];
  /** Folders that were not there before, the outermost first. */
  const folders = new Set<string>();
  let folder: string | undefined;
  const outside = (): string => {
    folder ??= mkdtempSync(join(tmpdir(), 'rulewright-'));
    return join(folder, `${made.length}.yml`);
  };
  const create = (path: string): number => {
    const first = mkdirSync(dirname(path), { recursive: true });
    if (first !== undefined) for (const one of between(first, dirname(path))) folders.add(one);
    // Never through a link that somebody laid there.
    rmSync(path, { force: true });
    made.push(path);
    return openSync(path, 'wx', 0o644);
  };
  return {
    take(file, place, entry) {
      const hash = createHash('sha256');
      let held: Buffer[] = [];
      let sizeBytes = 0;
      let spill: { readonly path: string; readonly fd: number } | undefined;
      const put = (path: string): { readonly path: string; readonly fd: number } => {
        const fd = create(path);
        for (const bytes of held) writeAll(fd, bytes, path);
        held = [];
        return { path, fd };
      };
      try {
        for (const bytes of encoded(file.parts())) {
          hash.update(bytes);
          sizeBytes += bytes.length;
          if (!writing && !unjudged) continue;
          if (spill) writeAll(spill.fd, bytes, spill.path);
          else held.push(bytes);
          if (!spill && sizeBytes > HELD) spill = put(writing ? asidePath(place, pid, 'tmp') : outside());
        }
        const sha256 = hash.digest('hex');
        const same = entry?.isFile() === true && entry.size === sizeBytes && sha256Of(place) === sha256;
        const digest = { sha256, sizeBytes, same };
        if (writing && !same) spill ??= put(asidePath(place, pid, 'tmp'));
        else if (unjudged?.(sha256)) spill ??= put(outside());
        else if (spill) return digest;
        return spill ? { ...digest, path: spill.path } : digest;
      } finally {
        if (spill) closeSync(spill.fd);
      }
    },
    discard() {
      for (const path of made) rmSync(path, { force: true });
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      for (const one of [...folders].reverse()) {
        try {
          rmdirSync(one);
        } catch {
          // What a build put there stays.
        }
      }
    },
  };
}

/** The folders from one down to another below it. */
function between(first: string, last: string): string[] {
  return last === first || dirname(last) === last ? [first] : [...between(first, dirname(last)), last];
}

function* encoded(parts: Iterable<string>): Generator<Buffer> {
  let text = '';
  for (const part of parts) {
    text += part;
    if (text.length < PIECE) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}

/** Writes all of it. What goes wrong is told with its place, for that may be another than where the file belongs. */
function writeAll(fd: number, bytes: Buffer, path: string): void {
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
  } catch (error) {
    throw Object.assign(error as Error, { path });
  }
}

function sha256Of(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
