import { type ExecFileException, execFile } from 'node:child_process';
import { mkdtemp, open, realpath, rm, symlink } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { serverVersion } from '../../core/gates/version-gates.ts';
import { promtoolFlags } from '../../promql/features.ts';
import type { ReleaseFile } from '../dist/stage.ts';
import { findProgram, isExecutable } from '../find-program.ts';
import { repositoriesAround } from '../git/repository.ts';
import { type Cache, cacheKey } from '../memory/cache.ts';
import { mapLimited } from '../parallel.ts';
import { environmentProblem, fsProblem, type Problem } from '../problem.ts';
import { isInside } from '../sources/walk.ts';
import { type Complaint, parsePromtool } from './promtool-output.ts';

/** A call gets at most so many files and, but for a single larger file, rules: several run at a time. */
const FILES_PER_CALL = 200;
const RULES_PER_CALL = { least: 500, most: 5_000 };
const VERSION_TIMEOUT = 10_000; // milliseconds
/** Milliseconds for one call: some 0.2 ms a rule are usual, so this is a hanging process, not a slow one. */
const CHECK_TIMEOUT = 300_000;
const MAX_OUTPUT = 256 * 1024 * 1024; // bytes

export interface Promtool {
  /** Absolute. */
  readonly path: string;
  /** Such as "2.42.0". */
  readonly version: string;
  /** The feature flags that it is told of; absent: none. */
  readonly flags?: readonly string[];
  /** What tells this program from any other; undefined where that can't be told, since it is a script that may start anything. */
  readonly identity?: string;
}

export type Env = Readonly<Record<string, string | undefined>>;

/**
 * Finds promtool: `wanted` is a name that PATH is searched for, or a path (relative to `root`). A path
 * inside of the repository must come from the environment: else whoever changes the settings in a pull
 * request chooses what the machine that checks it runs.
 */
export async function findPromtool(wanted: string, root: string, env: Env, cache?: Cache): Promise<Promtool | Problem> {
  const fromEnv = env['PROMTOOL_PATH'] !== undefined && env['PROMTOOL_PATH'] !== '';
  const path = wanted.includes('/') || wanted.includes(sep) ? resolve(root, wanted) : await findProgram(wanted, env);
  if (path === undefined || !(await isExecutable(path))) {
    return environmentProblem(
      `promtool was not found: ${path ?? `no ${wanted} in PATH`}${path === undefined ? '' : ' is no program that can be run'}.`,
      INSTALL,
    );
  }
  const said = path === resolve(root, wanted);
  if (!fromEnv && (await liesBeside(await realpath(root), await realpath(path), said))) {
    const who = said ? 'promtool_path in rulewright.yaml names' : 'PATH leads to';
    return environmentProblem(
      `${who} a program inside of the repository (${path}), which is not run: any pull request could change it.`,
      'Where you trust it, set PROMTOOL_PATH in the environment instead.',
    );
  }
  const looks = await looksOf(path);
  const kept = looks === undefined ? undefined : await cache?.read('promtool-version', looks);
  if (looks !== undefined && kept !== undefined) return { path, version: kept, identity: looks };
  const ran = await run(path, ['--version'], root, env, VERSION_TIMEOUT);
  const version = /promtool, version (\d+\.\d+\.\d+(?:-rc\.\d+)?)/.exec(ran.stdout + ran.stderr)?.[1];
  if (version !== undefined) {
    if (looks !== undefined) await cache?.write('promtool-version', looks, version);
    return { path, version, ...(looks !== undefined && { identity: looks }) };
  }
  return environmentProblem(`${path} --version does not answer as promtool does${because(ran)}.`, INSTALL);
}

/**
 * Whether a program lies where a pull request could put it: in the rules' own folder, or in a work tree around it. (Somebody's
 * home may be a work tree as well; what PATH finds there is theirs.)
 */
async function liesBeside(root: string, path: string, said: boolean): Promise<boolean> {
  const around = (await repositoriesAround(root)).map(({ workTree }) => workTree);
  return [root, ...(said ? around : around.slice(-1))].some((folder) => isInside(folder, path));
}

/** What a program is known by without starting it; undefined for a script, which looks the same whatever it starts. */
async function looksOf(path: string): Promise<string | undefined> {
  const place = await realpath(path);
  const handle = await open(place);
  try {
    const head = Buffer.alloc(2);
    await handle.read(head, 0, 2, 0);
    if (head.toString('latin1') === '#!') return undefined;
    const { size, mtimeNs, ino, dev } = await handle.stat({ bigint: true });
    return cacheKey(place, `${size} ${mtimeNs} ${ino} ${dev}`);
  } finally {
    await handle.close();
  }
}

const INSTALL =
  'Install it (it comes with Prometheus; Debian: apt-get install prometheus), or set PROMTOOL_PATH or prometheus.promtool_path to where it is; `validate_rules: auto` does without it.';

/** The promtool of servers that run with these feature flags: those that it knows are set. */
export function withFeatures(promtool: Promtool, features: readonly string[]): Promtool {
  const version = serverVersion(promtool.version);
  return { ...promtool, flags: version ? promtoolFlags(features, version) : [] };
}

/** The feature flags as arguments, which stand before the command. */
export const featureArgs = ({ flags = [] }: Promtool): string[] => flags.map((flag) => `--enable-feature=${flag}`);

/** How every file is judged: part of what a verdict that is kept hangs on. */
export const PROMTOOL_ARGS: readonly string[] = ['check', 'rules', '--lint=all', '--lint-fatal'];

/** A file of the release; `staged` is where its text lies, if it was put on disk already. */
export interface JudgedFile extends Pick<ReleaseFile, 'fileName' | 'ruleCount' | 'parts'> {
  readonly staged?: string;
}

/** A complaint about a file of the release. */
export interface FileComplaint extends Complaint {
  readonly fileName: string;
}

/**
 * Runs `promtool check rules` with every lint on the files of a release, in a temporary directory,
 * so that it judges them before anything is written. A Problem where its verdict can't be trusted.
 */
export async function checkRules(
  promtool: Promtool,
  files: readonly JudgedFile[],
  env: Env,
): Promise<readonly FileComplaint[] | Problem> {
  if (files.length === 0) return [];
  let directory: string | undefined;
  try {
    const temporary = await mkdtemp(join(tmpdir(), 'rulewright-'));
    directory = temporary;
    // Files go by number: a name made of a source's path may hold anything, and must not look like an option.
    const names = files.map((_, index) => `${index}.yml`);
    const cores = Math.min(4, availableParallelism());
    const calls = shareOut(files, cores);
    const results = await mapLimited(calls, cores, async (call) => {
      for (const index of call) {
        const file = files[index] as JudgedFile;
        const path = join(temporary, names[index] as string);
        if (file.staged === undefined) await writeParts(path, file.parts());
        else await symlink(file.staged, path);
      }
      return checkOnce(promtool, temporary, call, names, files, env);
    });
    const broken = results.find((result) => 'message' in result);
    return broken && 'message' in broken ? broken : (results as FileComplaint[][]).flat();
  } catch (error) {
    return fsProblem(error, 'cannot write files for promtool in', directory ?? tmpdir());
  } finally {
    if (directory !== undefined) await rm(directory, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Indices of the files for each call. */
function shareOut(files: readonly JudgedFile[], cores: number): number[][] {
  const calls: number[][] = [];
  const all = files.reduce((sum, file) => sum + file.ruleCount, 0);
  const most = Math.min(RULES_PER_CALL.most, Math.max(RULES_PER_CALL.least, Math.ceil(all / cores)));
  let rules = Number.POSITIVE_INFINITY;
  for (const [index, file] of files.entries()) {
    rules += file.ruleCount;
    if (rules > most || (calls.at(-1)?.length ?? 0) >= FILES_PER_CALL) {
      calls.push([]);
      rules = file.ruleCount;
    }
    calls.at(-1)?.push(index);
  }
  return calls;
}

async function checkOnce(
  promtool: Promtool,
  cwd: string,
  call: readonly number[],
  names: readonly string[],
  files: readonly JudgedFile[],
  env: Env,
): Promise<FileComplaint[] | Problem> {
  const given = call.map((index) => names[index] as string);
  const ran = await run(promtool.path, [...featureArgs(promtool), ...PROMTOOL_ARGS, ...given], cwd, env, CHECK_TIMEOUT);
  const output = parsePromtool(ran.stdout, ran.stderr, given);
  const broken = (what: string): Problem =>
    environmentProblem(
      `promtool ${promtool.version} ${what}`,
      'Use another promtool (PROMTOOL_PATH), or `validate_rules: false` to do with the checks in process.',
    );
  if (output.lintUnknown)
    return broken('does not know the lint option that it was given, so its verdict proves nothing.');
  const judged = output.complaints.every((complaint) => complaint.file !== undefined);
  const expected = ran.code === 0 ? output.passed.size === call.length : output.complaints.length > 0 && judged;
  if (!expected || (ran.code !== 0 && ran.code !== 1 && ran.code !== 3)) {
    return broken(`gave no verdict on the compiled rules${because(ran)}.`);
  }
  return output.complaints.map((complaint) => {
    const index = call[complaint.file as number] as number;
    return { ...complaint, fileName: (files[index] as JudgedFile).fileName };
  });
}

export interface Ran {
  /** Exit code; undefined where it was killed or never ran. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Why there is no exit code. */
  readonly failure?: string;
}

/** Runs a program to its end; never throws. */
export function run(path: string, args: readonly string[], cwd: string, env: Env, timeout: number): Promise<Ran> {
  return new Promise((done) => {
    const options = { cwd, timeout, maxBuffer: MAX_OUTPUT, killSignal: 'SIGKILL' as const, env: childEnv(env) };
    const child = execFile(path, args, options, (error: ExecFileException | null, stdout, stderr) => {
      if (!error) done({ code: 0, stdout, stderr });
      else if (typeof error.code === 'number') done({ code: error.code, stdout, stderr });
      else {
        const failure = error.killed
          ? `no answer within ${timeout / 1000} s`
          : (error.code ?? error.signal ?? 'it failed');
        done({ code: undefined, stdout, stderr, failure });
      }
    });
    // A promtool without file arguments reads standard input: it must find its end.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end();
  });
}

/** promtool needs no secrets of the environment. */
function childEnv(env: Env): Record<string, string> {
  const kept: Record<string, string> = { LANG: 'C' };
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'SYSTEMROOT']) {
    const value = env[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

function because(ran: Ran): string {
  const said = ran.stderr.trim() || ran.stdout.trim();
  const first = said === '' ? '' : `: ${said.split('\n').slice(0, 3).join(' | ').slice(0, 500)}`;
  return ran.failure === undefined ? ` (exit code ${ran.code})${first}` : ` (${ran.failure})${first}`;
}

async function writeParts(path: string, parts: Iterable<string>): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    for (const part of parts) await handle.writeFile(part);
  } finally {
    await handle.close();
  }
}
