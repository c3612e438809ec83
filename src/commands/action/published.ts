import { posix } from 'node:path';
import type { Compiled } from '../../core/compile.ts';
import { diffReport } from '../../core/diff/diff.ts';
import type { DiffReport } from '../../core/diff/report.ts';
import { textOf } from '../../core/model/output-file.ts';
import { blobHash, type CompiledBlobs, committedDist } from '../../io/git/compiled.ts';
import type { Git } from '../../io/git/door.ts';
import { askGit, runJobGit } from '../../io/git/job.ts';
import type { Problem } from '../../io/problem.ts';
import { identities, outputOf } from '../../outputs/table.ts';
import type { Prepared } from '../build/prepare.ts';
import { isProblem } from '../context.ts';
import { prefixOf } from '../repository.ts';
import { beforeAndAfter } from './compare.ts';
import type { World } from './world.ts';

/**
 * From which sources the committed `dist/` was compiled. No commit's word is taken for it: what its sources compile to must be
 * what `dist/` holds, byte by byte.
 */

/** Stands in the commits that `publish` makes, so that a squashed merge too tells which sources were compiled. */
export const SOURCE_TRAILER = 'Rulewright-Source';

/** Commits whose sources are compiled at most: with many instances each takes its time. */
const MOST_TRIES = 4;
const MOST_LOOKED_AT = 20;

/** What `dist/` of HEAD holds, and what the work tree changes against the sources that it was compiled from. */
export interface Published {
  readonly blobs: CompiledBlobs;
  /** Why it is not known from which; else the report. */
  readonly told: DiffReport | Unknown;
}

export interface Unknown {
  readonly why: string;
  readonly help: string;
}

/** Looks for the sources of `dist/` among the commits that changed it, and compares with those that are proven. */
export async function comparePublished(world: World, folder: string, prepared: Prepared): Promise<Published | Problem> {
  const { git } = world;
  const dist = await committedDist(git, 'HEAD', folder);
  if (isProblem(dist)) return dist;
  // A manifest that two branches spoiled lists nothing, and the files are there all the same.
  const blobs = dist.listed.size > 0 ? dist.listed : dist.unlisted;
  const candidates = blobs.size === 0 ? [] : await candidatesFor(git, folder, blobs);
  if (!Array.isArray(candidates)) return candidates;
  for (const sha of blobs.size === 0 ? [undefined] : candidates) {
    const base = sha === undefined ? undefined : { sha, name: `the sources of ${folder}/ (${sha.slice(0, 7)})` };
    const both = await beforeAndAfter(world, base, prepared);
    if (isProblem(both)) {
      if (base === undefined) return both;
      continue;
    }
    const { before, after } = both;
    if (base === undefined || compilesTo(before.servers ?? [], folder, blobs)) {
      return { blobs, told: diffReport(before, after, identities) };
    }
  }
  const shallow = await askGit(git, 'look at the clone', ['rev-parse', '--is-shallow-repository']);
  return { blobs, told: shallow === 'true' ? beyond(folder) : unproven(folder) };
}

/** Commits whose sources `dist/` may come from, the likeliest first: what the newest change of it names, that change, and older ones that had the same. */
async function candidatesFor(git: Git, folder: string, blobs: CompiledBlobs): Promise<string[] | Problem> {
  const folders = new Set([...blobs.keys()].map((path) => `${posix.dirname(path)}/`));
  const args = ['rev-list', `--max-count=${MOST_LOOKED_AT}`, 'HEAD', '--', ...folders];
  const listed = await askGit(git, `look for the changes of ${folder}/`, args);
  if (typeof listed !== 'string') return listed;
  const [newest, ...older] = listed.split('\n').filter((sha) => sha !== '');
  if (newest === undefined) return [];
  const found = [newest];
  const format = `--format=%(trailers:key=${SOURCE_TRAILER},valueonly)`;
  const said = await askGit(git, 'read the newest of these', ['log', '-n1', format, newest, '--']);
  if (typeof said !== 'string') return said;
  const [named = ''] = said.split('\n');
  if (/^[0-9a-f]{40,64}$/.test(named) && (await isOurs(git, named))) found.unshift(named);
  for (const sha of older) {
    if (found.length >= MOST_TRIES) break;
    const dist = await committedDist(git, sha, folder);
    if (!isProblem(dist) && sameBlobs(dist.listed, blobs)) found.push(sha);
  }
  return found;
}

/** A trailer is text that anybody can write: the commit must be one of this branch's. */
async function isOurs(git: Git, sha: string): Promise<boolean> {
  return (await runJobGit(git, ['merge-base', '--is-ancestor', sha, 'HEAD'])).code === 0;
}

function sameBlobs(some: CompiledBlobs, others: CompiledBlobs): boolean {
  return some.size === others.size && [...some].every(([path, oid]) => others.get(path) === oid);
}

/** Whether what was compiled for all servers is what these contents are. */
function compilesTo(servers: readonly Compiled[], folder: string, blobs: CompiledBlobs): boolean {
  const [like = ''] = blobs.values();
  let count = 0;
  for (const { server, ruleSet } of servers) {
    if (!ruleSet) return false;
    for (const file of outputOf(server).files(ruleSet, server)) {
      const oid = blobs.get(`${folder}/${prefixOf(server.name)}${file.path}`);
      if (oid === undefined || oid !== blobHash(textOf(file), like)) return false;
      count++;
    }
  }
  return count === blobs.size;
}

const beyond = (folder: string): Unknown => ({
  why: `Which sources ${folder}/ was compiled from lies beyond the end of this shallow clone.`,
  help: 'Let actions/checkout fetch everything: `with: { fetch-depth: 0 }`.',
});

const unproven = (folder: string): Unknown => ({
  why: `No commit was found whose sources compile to what ${folder}/ holds: somebody changed compiled files by hand, or another version of rulewright wrote them.`,
  help: 'Merging this pull request ends that.',
});
