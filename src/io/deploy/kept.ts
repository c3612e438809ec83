import { lstatSync, readFileSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { environmentProblem, errno, errnoText, type Problem } from '../problem.ts';
import { BUNDLE, CONTENT, stored } from './names.ts';
import { objectPath, proven } from './objects.ts';
import { sha256Of } from './release.ts';
import { storedAsRelease } from './rule-path.ts';
import { ruleProblem } from './say.ts';
import { isWhole, keptIn, readStore, releaseNamed, type Store, type StoredRelease } from './store.ts';
import type { Deployed, Release } from './types.ts';

/**
 * A kept release, every hash checked; `n` = 1 is the newest of `deployed.kept`, the one before the current. A file that
 * somebody edited in the release's directory is taken from its pristine copy.
 */
export async function keptRelease(deployed: Deployed, n: number): Promise<Release | Problem> {
  try {
    const store = readStore(deployed.rulePath);
    const kept = keptIn(store);
    const found = kept[n - 1];
    if (found) return whole(store, found, 'kept');
    const message =
      kept.length === 0
        ? `No release but the present one is kept in ${deployed.rulePath}, so there is none to go back to.`
        : `Only ${kept.length} older ${kept.length === 1 ? 'release is' : 'releases are'} kept in ${deployed.rulePath}; there is no number ${n}.`;
    return environmentProblem(message, ELSEWHERE);
  } catch (error) {
    return ruleProblem(error, 'cannot read', deployed.rulePath);
  }
}

/** The release that lies there now, for putting it in place again; what somebody edited is taken from its pristine copy. */
export async function presentRelease(deployed: Deployed): Promise<Release | Problem> {
  try {
    const store = readStore(deployed.rulePath);
    const current = releaseNamed(store, store.current);
    if (current?.content && deployed.current) return whole(store, current, 'present');
    return environmentProblem(`No release lies in ${deployed.rulePath}.`);
  } catch (error) {
    return ruleProblem(error, 'cannot read', deployed.rulePath);
  }
}

/** Which of `deployed.kept` can't be restored any more, by id. Reads every file of them, but shared ones only once. */
export async function damagedKept(deployed: Deployed): Promise<ReadonlySet<string> | Problem> {
  try {
    const store = readStore(deployed.rulePath);
    const seen = new Map<string, string>();
    const damaged = keptIn(store).filter(
      (release) => lost(store, release, seen).length > 0 || misdescribed(store, release).length > 0,
    );
    return new Set(damaged.map(({ id }) => id));
  } catch (error) {
    return ruleProblem(error, 'cannot read', deployed.rulePath);
  }
}

const ELSEWHERE = 'Check out the commit that you want back, and `rulewright deploy` that.';

function whole(store: Store, release: StoredRelease, which: 'kept' | 'present'): Release | Problem {
  const found = lost(store, release, new Map());
  // What is in force is known by its bytes; it needs no list to be whole.
  const wrong = found.length > 0 || which === 'present' ? found : misdescribed(store, release);
  if (wrong.length > 0 || !isWhole(release)) {
    const lines = wrong.slice(0, 20).map((line) => `\n  ${line}`);
    if (wrong.length > lines.length) lines.push(`\n  … and ${wrong.length - lines.length} more`);
    const help = `It can’t be trusted any more. ${ELSEWHERE}`;
    return environmentProblem(`The ${which} release ${release.id} is damaged:${lines.join('')}`, help);
  }
  const own = storedAsRelease(release.path, release.content);
  const files = own.files.map((file) => {
    if (proven(file.path, file.sha256)) return file;
    return { ...file, path: objectPath(store.path, file.sha256) };
  });
  return { ...own, files };
}

/** What neither the release's directory nor the pristine copies have as it should be. `seen`: hashes by inode. */
function lost(store: Store, { path, content, broken }: StoredRelease, seen: Map<string, string>): string[] {
  if (!content) return [`the list of its files, ${join(path, CONTENT)}, ${broken ?? 'is missing'}`];
  return storedAsRelease(path, content).files.flatMap((file) => {
    const complaint = judge(file.path, file.sha256, seen);
    if (complaint === undefined || proven(objectPath(store.path, file.sha256), file.sha256)) return [];
    return [`${file.fileName}: ${complaint}`];
  });
}

/** Where the list of a release's files says another size than files have whose hashes are right: somebody edited it. */
function misdescribed(store: Store, { path, content }: StoredRelease): string[] {
  if (!content) return [];
  const { bundle } = content;
  const parts = storedAsRelease(path, content).files;
  const all = bundle ? [...parts, { ...bundle, fileName: BUNDLE, path: join(path, stored(BUNDLE)) }] : parts;
  return all.flatMap(({ path: place, fileName, sha256, sizeBytes }) => {
    const bytes = proven(place, sha256) ?? proven(objectPath(store.path, sha256), sha256);
    if (!bytes || bytes.length === sizeBytes) return [];
    return [
      `${fileName}: has ${bytes.length} bytes, and the list of its files, ${join(path, CONTENT)}, says ${sizeBytes}`,
    ];
  });
}

function judge(path: string, sha256: string, seen: Map<string, string>): string | undefined {
  try {
    const found = lstatSync(path);
    if (!found.isFile()) return 'is no regular file';
    return hashOf(path, found, seen) === sha256 ? undefined : 'was changed since it was deployed';
  } catch (error) {
    return errno(error) === 'ENOENT' ? 'is missing' : `cannot be read: ${errnoText(error)}`;
  }
}

function hashOf(path: string, { dev, ino, nlink }: Stats, seen: Map<string, string>): string {
  // Only bytes with several names are worth remembering; and where there are no links, inodes may be made up.
  const key = nlink > 1 ? `${dev}:${ino}` : undefined;
  const known = key === undefined ? undefined : seen.get(key);
  if (known !== undefined) return known;
  const hash = sha256Of(readFileSync(path));
  if (key !== undefined) seen.set(key, hash);
  return hash;
}
