import { createHash } from 'node:crypto';
import { manifestRows, RULE_FILE } from '../dist/dist.ts';
import type { Problem } from '../problem.ts';
import { blobReader } from './blobs.ts';
import type { Git } from './door.ts';
import { askGit } from './job.ts';

/** Compiled rule files that a commit holds: the hash of each content by its path from the top of the work tree. */
export type CompiledBlobs = ReadonlyMap<string, string>;

export interface CommittedDist {
  /** The rule files that one of its manifests lists: its own, or those of its servers' folders. */
  readonly listed: CompiledBlobs;
  /** Those that no manifest lists, but that are called as ours are. */
  readonly unlisted: CompiledBlobs;
  readonly manifests: CompiledBlobs;
}

/** What a commit has in this folder, such as `dist`. */
export async function committedDist(git: Git, commit: string, folder: string): Promise<CommittedDist | Problem> {
  const told = await askGit(git, `list ${folder}/`, ['ls-tree', '-r', '-z', commit, '--', `${folder}/`]);
  if (typeof told !== 'string') return told;
  const there = new Map<string, string>();
  for (const line of told.split('\0')) {
    const [, oid, path] = /^100\d+ blob ([0-9a-f]+)\t([\s\S]+)$/.exec(line) ?? [];
    if (oid !== undefined && path !== undefined) there.set(path, oid);
  }
  const listed = new Map<string, string>();
  const manifests = new Map<string, string>();
  for (const [path, own] of there) {
    const home = path.slice(0, -'manifest.json'.length);
    if (!/^(?:[^/]+\/)?manifest\.json$/.test(path.slice(folder.length + 1))) continue;
    manifests.set(path, own);
    const text = await askGit(git, `read ${path}`, ['cat-file', 'blob', `${commit}:${path}`]);
    if (typeof text !== 'string') return text;
    for (const row of manifestRows(text).values()) {
      const oid = there.get(home + row.file);
      if (oid !== undefined) listed.set(home + row.file, oid);
    }
  }
  const ours = /^(?:[^/]+\/)?rules\/([^/]+)$/;
  const unlisted = [...there].filter(
    ([path]) => !listed.has(path) && RULE_FILE.test(ours.exec(path.slice(folder.length + 1))?.[1] ?? ''),
  );
  return { listed, unlisted: new Map(unlisted), manifests };
}

/** What git calls a content; `like` is another hash of the repository, for some have longer ones. */
export function blobHash(text: string, like: string): string {
  const bytes = Buffer.from(text);
  const hash = createHash(like.length > SHA1_DIGITS ? 'sha256' : 'sha1');
  return hash.update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

const SHA1_DIGITS = 40;
const LARGEST = 64 * 1024 * 1024; // bytes of a rule file

/** The texts of contents, in their order; undefined: it can't be read. */
export async function blobTexts(git: Git, oids: readonly string[]): Promise<(string | undefined)[]> {
  const blobs = blobReader(git);
  try {
    const read = await Promise.all(oids.map((oid) => blobs.read(oid, LARGEST)));
    return read.map((bytes) => (Buffer.isBuffer(bytes) ? bytes.toString('utf8') : undefined));
  } finally {
    blobs.close();
  }
}
