import { stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { compileAll } from '../../core/compile.ts';
import type { DiffInput } from '../../core/diff/diff.ts';
import type { SourceFile } from '../../core/ground/source.ts';
import { type Commit, commitOf, mergeBase, mergeBaseWithMain, unknownRef } from '../../io/git/refs.ts';
import { type Place, placeInGit } from '../../io/git/repository.ts';
import { commitDisk } from '../../io/git/tree.ts';
import { environmentProblem, type Problem } from '../../io/problem.ts';
import { type Loaded, loadSources } from '../../io/sources/load.ts';
import { type Call, type Io, isProblem } from '../context.ts';
import { compileOptions, hasSources, howToBegin, rootProblem } from '../repository.ts';

/** Sources to compare, read and not yet compiled. `loaded` undefined: there were none. */
export interface Side {
  readonly name: string;
  readonly loaded?: Loaded;
  readonly hasSettings: boolean;
}

type Asked =
  | { readonly kind: 'directory'; readonly path: string; readonly name: string }
  | { readonly kind: 'commit'; readonly place: Place; readonly commit: Commit }
  | { readonly kind: 'nothing'; readonly name: string };

/** Reads both sides of what the arguments ask for. */
export async function readSides(call: Call, io: Io): Promise<{ readonly base: Side; readonly head: Side } | Problem> {
  const { globals, args } = call;
  const missing = await rootProblem(globals.root);
  if (missing) return missing;
  const tree: Asked = { kind: 'directory', path: globals.root, name: 'the work tree' };
  const [first, second] = args;
  const path = first !== undefined && (await isDirectory(resolve(io.cwd, first)));
  const range = second === undefined && !path ? /^([^.].*?)(\.{2,3})([^.].*)$/.exec(first ?? '') : null;
  const asked: readonly [Asked | Problem, Asked | Problem] = range
    ? await betweenCommits(range[1] as string, range[2] === '...', range[3] as string, call, io)
    : [
        first === undefined ? await mainBase(call, io) : await named(first, call, io),
        second === undefined ? tree : await named(second, call, io),
      ];
  const [from, to] = asked;
  if (isProblem(from)) return from;
  if (isProblem(to)) return to;
  const [base, head] = await Promise.all([readSide(from, io), readSide(to, io)]);
  if (isProblem(base)) return base;
  if (isProblem(head)) return head;
  if (base.loaded || head.loaded) return { base: shared(base, head), head };
  // Before the first commit there is one side alone to speak of.
  const where = from.kind === 'nothing' ? `in ${head.name} yet` : `in ${base.name} and none in ${head.name}`;
  return environmentProblem(
    `There are no rules ${where}: no YAML files in rules/ or groups/.`,
    howToBegin(base.hasSettings || head.hasSettings),
  );
}

async function mainBase({ globals }: Call, io: Io): Promise<Asked | Problem> {
  const place = await placeInGit(globals.root, io.env);
  if (isProblem(place)) return place;
  const commit = await mergeBaseWithMain(place);
  if (commit === undefined) return { kind: 'nothing', name: 'nothing (there is no commit yet)' };
  return isProblem(commit) ? commit : { kind: 'commit', place, commit };
}

/** A directory or a commit; what could be both is the commit, and `./name` the directory. */
async function named(name: string, { globals }: Call, io: Io): Promise<Asked | Problem> {
  const path = resolve(io.cwd, name);
  const directory = await isDirectory(path);
  const asDirectory: Asked = { kind: 'directory', path, name: relative(io.cwd, path) || name };
  if (directory && /^\.{0,2}\//.test(name)) return asDirectory;
  const place = await placeInGit(globals.root, io.env);
  if (isProblem(place)) return directory ? asDirectory : place;
  const parted = /^(.+)\.\.\.$/.exec(name);
  const ref = parted?.[1] ?? name;
  const commit = await commitOf(place, ref);
  if (commit === undefined) return directory ? asDirectory : unknownRef(place, ref);
  if (isProblem(commit) || !parted) return isProblem(commit) ? commit : { kind: 'commit', place, commit };
  const common = await mergeBase(place, commit, ref);
  return isProblem(common) ? common : { kind: 'commit', place, commit: common };
}

/** `A..B` and `A...B`, as git has them. */
async function betweenCommits(
  from: string,
  parted: boolean,
  to: string,
  { globals }: Call,
  io: Io,
): Promise<[Asked | Problem, Asked | Problem]> {
  const place = await placeInGit(globals.root, io.env);
  if (isProblem(place)) return [place, place];
  const [base, head] = [await commitOf(place, from), await commitOf(place, to)];
  const asked = async (commit: Commit | Problem | undefined, ref: string): Promise<Asked | Problem> =>
    commit === undefined ? unknownRef(place, ref) : isProblem(commit) ? commit : { kind: 'commit', place, commit };
  if (!parted || !base || isProblem(base) || !head || isProblem(head))
    return [await asked(base, from), await asked(head, to)];
  return [await asked(await mergeBase(place, base, from, head.id), from), await asked(head, to)];
}

async function readSide(asked: Asked, io: Io): Promise<Side | Problem> {
  if (asked.kind === 'nothing') return { name: asked.name, hasSettings: false };
  if (asked.kind === 'directory') {
    const wrong = await rootProblem(asked.path);
    return wrong ?? side(asked.name, await loadSources(asked.path, io.env));
  }
  const { place, commit } = asked;
  const tree = await commitDisk(place, commit.id);
  if (tree === undefined || isProblem(tree)) return tree ?? { name: commit.name, hasSettings: false };
  try {
    return side(commit.name, await loadSources(tree.root, io.env, tree.disk));
  } finally {
    tree.close();
  }
}

function side(name: string, loaded: Loaded): Side {
  const hasSettings = loaded.config !== undefined;
  return { name, hasSettings, ...(hasSources(loaded) && { loaded }) };
}

/** The base with the head's own file wherever the two are equal, so that it is parsed once. */
function shared(base: Side, head: Side): Side {
  if (!base.loaded || !head.loaded) return base;
  const all = (from: Loaded): SourceFile[] => [
    ...from.rules,
    ...from.groups,
    ...from.templates,
    ...from.macros,
    ...from.inventory.map((i) => i.file),
  ];
  const known = new Map(all(head.loaded).map((file) => [file.path, file]));
  const swap = (file: SourceFile): SourceFile => {
    const other = known.get(file.path);
    return other && other.text === file.text ? other : file;
  };
  const { rules, groups, templates, macros, inventory } = base.loaded;
  return {
    ...base,
    loaded: {
      ...base.loaded,
      rules: rules.map(swap),
      groups: groups.map(swap),
      templates: templates.map(swap),
      macros: macros.map(swap),
      inventory: inventory.map((one) => ({ ...one, file: swap(one.file) })),
    },
  };
}

/** Compiles one side for every server. */
export function compileSide({ name, loaded }: Pick<Side, 'name' | 'loaded'>, io: Io): DiffInput {
  if (!loaded) return { name, macros: [] };
  const servers = compileAll(loaded, compileOptions(io));
  const [compiled] = servers;
  return { name, macros: loaded.macros, servers, ...(compiled && { compiled }) };
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
