import { posix } from 'node:path';
import type { Compiled } from '../../core/compile.ts';
import { compareCompiled } from '../../core/deploy/compiled-files.ts';
import { textOf } from '../../core/model/output-file.ts';
import { digest } from '../../io/dist/dist.ts';
import { blobHash, blobTexts, type CommittedDist, type CompiledBlobs, committedDist } from '../../io/git/compiled.ts';
import type { Git } from '../../io/git/door.ts';
import { runJobGit } from '../../io/git/job.ts';
import type { Problem } from '../../io/problem.ts';
import { manifest } from '../../outputs/manifest.ts';
import { outputOf } from '../../outputs/table.ts';
import type { EditedFiles } from '../../report/action/edited.ts';
import { isProblem } from '../context.ts';
import { prefixOf } from '../repository.ts';
import { compileCommit } from './compare.ts';
import type { World } from './world.ts';

/** More are counted, and not read. */
const MOST_FILES = 200;

/** Commits that a change consists of. `base` undefined: there was nothing before. */
export interface Commits {
  readonly base: string | undefined;
  readonly head: string;
  /** The branch's own newest commit, where `head` is what merges it. */
  readonly own: string | undefined;
}

/**
 * The compiled files that a change brings and that no sources of it compile to: somebody edited them. What the base had already,
 * and what is only missing, is not this change's; and files that the branch compiled from its own sources
 * were no person's, also where the base has moved on since. undefined: there are none, or nothing is compiled to compare with.
 */
export async function editedDist(
  world: World,
  { base, head, own }: Commits,
  servers: readonly Compiled[],
): Promise<EditedFiles | undefined | Problem> {
  const { git, inputs } = world;
  const folder = `${inputs.prefix}dist`;
  if (servers.some(({ ruleSet }) => !ruleSet)) return undefined;
  const [before, after] = [await treeOf(git, base, folder), await treeOf(git, head, folder)];
  if (before === after) return undefined;
  const was = base === undefined ? NONE : await committedDist(git, base, folder);
  if (isProblem(was)) return was;
  const is = await committedDist(git, head, folder);
  if (isProblem(is)) return is;
  const blobs = { before: blobsOf(was), after: blobsOf(is) };
  const names = editedNames(blobs, compiledTexts(servers, folder));
  if (names.length === 0) return undefined;
  if (own !== undefined && own !== head) {
    const theirs = await compileCommit(world, own);
    const texts = isProblem(theirs) ? undefined : compiledTexts(theirs.servers ?? [], folder);
    if (texts && names.every((name) => isCompiled(blobs.after.get(name), texts.get(name)))) return undefined;
  }
  return compared(git, folder, names, blobs.after, compiledTexts(servers, folder));
}

const NONE: CommittedDist = { listed: new Map(), unlisted: new Map(), manifests: new Map() };

/** The rule files that a release would take, and the manifests. One that two branches spoiled lists nothing. */
function blobsOf({ listed, unlisted, manifests }: CommittedDist): CompiledBlobs {
  return new Map([...(listed.size > 0 ? listed : unlisted), ...manifests]);
}

/** What git calls all that the folder holds: "" where there is none. */
async function treeOf(git: Git, commit: string | undefined, folder: string): Promise<string> {
  if (commit === undefined) return '';
  const ran = await runJobGit(git, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}:${folder}`]);
  return ran.code === 0 ? ran.stdout.trim() : '';
}

type Texts = ReadonlyMap<string, () => string>;

/** What sources compile to, by path from the top of the work tree; a text is made when it is asked for. */
function compiledTexts(servers: readonly Compiled[], folder: string): Texts {
  const texts = new Map<string, () => string>();
  for (const { server, ruleSet } of servers) {
    const home = `${folder}/${prefixOf(server.name)}`;
    const files = ruleSet ? [...outputOf(server).files(ruleSet, server)] : [];
    for (const file of files) texts.set(home + file.path, () => textOf(file));
    texts.set(`${home}manifest.json`, () => {
      const rows = files.map((file) => {
        const { sha256, size } = digest(file.parts());
        const { path, groupId: group_id, ruleCount: rule_count } = file;
        return { file: path, group_id, rule_count, size_bytes: size, sha256 };
      });
      return manifest(rows, server.name);
    });
  }
  return texts;
}

function editedNames(blobs: { readonly before: CompiledBlobs; readonly after: CompiledBlobs }, texts: Texts): string[] {
  const all = new Set([...blobs.before.keys(), ...blobs.after.keys()]);
  return [...all].sort().filter((path) => {
    const now = blobs.after.get(path);
    return now !== blobs.before.get(path) && !isCompiled(now, texts.get(path));
  });
}

function isCompiled(oid: string | undefined, text: (() => string) | undefined): boolean {
  return oid === undefined || text === undefined ? oid === undefined && !text : oid === blobHash(text(), oid);
}

/** What the compiled files would say, and what they say. */
async function compared(
  git: Git,
  folder: string,
  names: readonly string[],
  after: CompiledBlobs,
  texts: Texts,
): Promise<EditedFiles> {
  const shown = names.filter((name) => posix.basename(name) !== 'manifest.json').slice(0, MOST_FILES);
  const read = await blobTexts(
    git,
    shown.flatMap((name) => after.get(name) ?? []),
  );
  const pairs = shown.map((name) => {
    const now = after.has(name) ? (read.shift() ?? UNREADABLE) : undefined;
    return { name: name.slice(folder.length + 1), before: texts.get(name)?.(), after: now };
  });
  return { files: names, differences: compareCompiled(pairs) };
}

/** What no server would load, in place of a content that could not be had. */
const UNREADABLE = '{';
