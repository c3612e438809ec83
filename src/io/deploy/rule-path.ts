import { readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { environmentProblem, type Problem } from '../problem.ts';
import type { Content } from './content.ts';
import { entry, readIfThere } from './disk.ts';
import {
  BUNDLE,
  HEADER,
  hasNoRules,
  isRuleName,
  linkText,
  NOTHING_ID,
  STORE,
  storedPart,
  visibleNames,
} from './names.ts';
import { releaseOf, sha256Of } from './release.ts';
import { rulePathProblem, ruleProblem } from './say.ts';
import { keptIn, readStore, releaseNamed, type Store, type StoredRelease } from './store.ts';
import type { Deployed, Release } from './types.ts';

type Damage = Deployed['damaged'][number];

/**
 * Looks at what lies in a rule path, every hash checked, and changes nothing. A rule path that is missing, is no
 * directory or can't be read is a problem that says who must do what.
 */
export async function inspect(rulePath: string): Promise<Deployed | Problem> {
  const missing = rulePathProblem(rulePath);
  if (missing) return missing;
  try {
    const real = realpathSync(rulePath);
    const inTheWay = entry(join(real, STORE));
    if (inTheWay && !inTheWay.isDirectory()) {
      const help = 'It is where deployed releases are kept, and must be a directory of its own. Move it away.';
      return environmentProblem(`${join(real, STORE)} is in the way: it is no directory.`, help);
    }
    return lookInto(real, readStore(real));
  } catch (error) {
    return ruleProblem(error, 'cannot look into', rulePath);
  }
}

function lookInto(rulePath: string, store: Store): Deployed {
  const current = releaseNamed(store, store.current);
  const content = current?.content?.id === NOTHING_ID ? undefined : current?.content;
  const wanted = new Map(content ? expected(content) : []);
  const names = readdirSync(rulePath);
  const ours = names.filter((name) => wanted.has(name) || isOurs(rulePath, name));
  const ownedHere = new Set(ours);
  const damaged = [
    ...ours.flatMap((name) => judge(rulePath, name, wanted.get(name))),
    ...[...wanted.keys()].filter((name) => !ownedHere.has(name)).map(missing),
    ...(content && current ? damagedParts(current, content) : []),
  ].sort((a, b) => (a.fileName < b.fileName ? -1 : 1));
  return {
    rulePath,
    layout: content?.layout ?? (damaged.length === 0 ? undefined : ownedHere.has(BUNDLE) ? 'bundle' : 'files'),
    current: content && current ? storedAsRelease(current.path, content) : undefined,
    ...(current && !current.content && { unbelieved: current.id }),
    deployedAt: content?.deployedAt,
    confirmed: content !== undefined && current?.confirmed === true,
    rolledBackFrom: content && current?.rolledBackFrom,
    kept: keptIn(store).map(({ id, content }) => {
      if (!content) return { id };
      const { deployedAt, files } = content;
      return { id, deployedAt, filesCount: files.length, rulesCount: files.reduce((sum, f) => sum + f.ruleCount, 0) };
    }),
    damaged,
    foreign: names.filter((name) => /\.(?:ya?ml|rules)$/.test(name) && !ownedHere.has(name)).sort(),
    unfinished: store.journal && unfinished(store, store.journal),
  };
}

/** A release that lies in the store. */
export function storedAsRelease(directory: string, content: Content): Release {
  return releaseOf(
    content.files.map((file) => ({ ...file, path: join(directory, storedPart(content.layout, file.fileName)) })),
  );
}

/**
 * Whether a name in a rule path is ours: a link into our store, or a file that says in its first line that we compiled
 * it (then somebody copied `dist/` here before there was a deploy, or restored a backup that had lost its links).
 */
export function isOurs(rulePath: string, name: string): boolean {
  if (!isRuleName(name)) return false;
  const path = join(rulePath, name);
  const found = entry(path);
  if (found?.isSymbolicLink()) return readlinkSync(path) === linkText(name);
  if (!found?.isFile()) return false;
  return readIfThere(path)?.subarray(0, HEADER.length).toString('latin1') === HEADER;
}

/** The visible files of a release, with their hashes. */
export function expected(content: Content): [name: string, sha256: string][] {
  const hashes = new Map(content.files.map((file) => [file.fileName, file.sha256]));
  const names = visibleNames(content.layout, [...hashes.keys()]);
  return names.map((name) => [
    name,
    content.bundle && name === BUNDLE ? content.bundle.sha256 : (hashes.get(name) ?? ''),
  ]);
}

function judge(rulePath: string, fileName: string, sha256: string | undefined): Damage[] {
  const bytes = readIfThere(join(rulePath, fileName));
  if (bytes === undefined) return [missing(fileName)];
  if (sha256 !== undefined) return sha256Of(bytes) === sha256 ? [] : [{ fileName, what: 'changed' }];
  return hasNoRules(bytes.toString('utf8')) ? [] : [{ fileName, what: 'extra' }];
}

function missing(fileName: string): Damage {
  return { fileName, what: 'missing' };
}

/** In layout `bundle` the parts aren't what a server reads, but a later release and a rollback are made of them. */
function damagedParts(release: StoredRelease, content: Content): Damage[] {
  if (content.layout === 'files') return [];
  return content.files.flatMap(({ fileName, sha256 }) => {
    const bytes = readIfThere(join(release.path, storedPart(content.layout, fileName)));
    if (bytes === undefined) return [missing(fileName)];
    return sha256Of(bytes) === sha256 ? [] : [{ fileName, what: 'changed' as const }];
  });
}

function unfinished(store: Store, journal: NonNullable<Store['journal']>): Deployed['unfinished'] {
  const id = (name: string): string => releaseNamed(store, name)?.content?.id ?? name;
  const [from, to] = journal.direction === 'forward' ? [journal.from, journal.to] : [journal.to, journal.from];
  // The mark is in the release that was new, whichever way it goes now.
  const rollback = releaseNamed(store, journal.to)?.rolledBackFrom !== undefined;
  return { from: id(from) === NOTHING_ID ? undefined : id(from), to: id(to), rollback };
}
