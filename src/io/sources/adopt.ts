import { lstat, mkdir, realpath, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve, sep } from 'node:path';
import type { Diagnostic } from '../../core/ground/diagnostic.ts';
import type { SourceFile } from '../../core/ground/source.ts';
import { errno, fsProblem, type Problem } from '../problem.ts';
import { writeWhole } from '../write-file.ts';
import { isDiagnostic, readSource } from './read.ts';
import { type Found, walk } from './walk.ts';

/** A file that may hold rules: named on the command line, or found in a directory that was. */
export interface RuleInput {
  readonly file: SourceFile;
  /** What a rule file of it is called: its path below the directory, without its ending. */
  readonly name: string;
  readonly explicit: boolean;
  /** Where it is a source of the repository that is worked on: its path from the root. */
  readonly source?: string;
}

export interface RuleInputs {
  readonly inputs: readonly RuleInput[];
  readonly problems: readonly Diagnostic[];
}

const ENDINGS = /\.(?:ya?ml|rules|json)$/;
const MOST_BYTES = 16 * 1024 * 1024;

/** Reads the files and directories (their YAML, JSON and `.rules` files) that are to be taken over. */
export async function readRuleInputs(
  paths: readonly string[],
  cwd: string,
  root: string,
): Promise<RuleInputs | Problem> {
  const sources = join(await realpath(root), 'rules') + sep;
  const inputs: RuleInput[] = [];
  const problems: Diagnostic[] = [];
  const seen = new Set<string>();
  for (const path of paths) {
    const absolute = resolve(cwd, path);
    let found: (Found & { name: string })[];
    let explicit = false;
    try {
      if ((await stat(absolute)).isDirectory()) {
        const real = await realpath(absolute);
        const walked = await walk(dirname(real), basename(real), (name) => ENDINGS.test(name));
        problems.push(...walked.problems);
        found = walked.found.map((f) => {
          const below = f.path.slice(basename(real).length + 1);
          return { path: join(path, below), absolute: f.absolute, name: withoutEnding(below) };
        });
      } else {
        explicit = true;
        found = [{ path, absolute: await realpath(absolute), name: withoutEnding(basename(path)) }];
      }
    } catch (error) {
      return fsProblem(error, 'cannot read', path);
    }
    for (const one of found) {
      if (seen.has(one.absolute)) continue;
      seen.add(one.absolute);
      const file = await readSource(one.path.split(sep).join('/'), one.absolute, MOST_BYTES);
      if (isDiagnostic(file)) problems.push(file);
      else if (one.absolute.startsWith(sources)) {
        const below = one.absolute.slice(sources.length).split(sep).join('/');
        inputs.push({ file, name: withoutEnding(below), explicit, source: `rules/${below}` });
      } else inputs.push({ file, name: one.name.split(sep).join('/'), explicit });
    }
  }
  return { inputs, problems };
}

function withoutEnding(path: string): string {
  return ENDINGS.test(path) ? path.slice(0, -extname(path).length) : path;
}

/** Which of some files exist, absolute paths. */
export async function existing(paths: readonly string[]): Promise<string[] | Problem> {
  const found: string[] = [];
  for (const path of paths) {
    try {
      await lstat(path);
      found.push(path);
    } catch (error) {
      if (errno(error) !== 'ENOENT') return fsProblem(error, 'cannot write', path);
    }
  }
  return found;
}

/** Writes files whole, by absolute path, each with the directories that it needs. */
export const writeSources = (files: ReadonlyMap<string, string>, pid: number): Promise<Problem | undefined> =>
  replaceSources(files, [], pid);

/**
 * Writes files as `writeSources` does, and then removes those that they take the
 * place of: what breaks in between leaves rules twice, which every build refuses, and none lost.
 */
export async function replaceSources(
  files: ReadonlyMap<string, string>,
  gone: readonly string[],
  pid: number,
): Promise<Problem | undefined> {
  for (const [path, text] of files) {
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeWhole(path, text, pid);
    } catch (error) {
      return fsProblem(error, 'cannot write', path);
    }
  }
  for (const path of gone) {
    try {
      await rm(path, { force: true });
    } catch (error) {
      return fsProblem(error, 'cannot remove', path);
    }
  }
  return undefined;
}
