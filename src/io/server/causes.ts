import { lstat, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, posix } from 'node:path';
import { readPlain } from '../../core/adopt/cut.ts';
import type { CauseFacts } from '../../core/doctor/facts.ts';
import { refusedBy, serverVersion } from '../../core/gates/version-gates.ts';
import { check } from '../../promql/check.ts';
import { PROMQL_FLAGS } from '../../promql/features.ts';
import { errno } from '../problem.ts';
import { type Env, featureArgs, type Promtool, run } from '../promtool/promtool.ts';
import { parsePromtool } from '../promtool/promtool-output.ts';
import { expandGlobs } from './rule-globs.ts';

/** What is known of the server whose reload failed. */
export interface Suspects {
  /** Its `rule_files`. */
  readonly globs: readonly string[];
  /** The rule path as it sees it; undefined: it isn't known. */
  readonly folder: string | undefined;
  /** The rule path as we see it. */
  readonly rulePath: string;
  /** Whether a file of this name in it is ours. */
  readonly isOurs: (fileName: string) => boolean;
  readonly version: string | undefined;
}

/** Milliseconds. */
const TIMEOUT = 60_000;
const AT_ONCE = 200;

/**
 * Which files that a server's globs match can't be loaded, as far as they lie on this machine; ours come first. promtool
 * says it, where there is one, and we by what the server's version lacks, which a newer promtool doesn't mind. A server
 * tells it to its log alone.
 */
export async function reloadCauses(
  suspects: Suspects,
  promtool: Promtool | undefined,
  env: Env,
): Promise<CauseFacts[]> {
  const { globs, folder, rulePath } = suspects;
  // What the server sees under another path lies here in the rule path.
  const here = globs.map((glob) =>
    folder !== undefined && posix.dirname(glob) === folder ? join(rulePath, posix.basename(glob)) : glob,
  );
  const paths = await expandGlobs(here);
  const isOurs = (path: string): boolean => dirname(path) === rulePath && suspects.isOurs(basename(path));
  const causes: CauseFacts[] = [];
  for (let from = 0; promtool && from < paths.length; from += AT_ONCE) {
    const given = paths.slice(from, from + AT_ONCE);
    const ran = await run(
      promtool.path,
      [...featureArgs(promtool), 'check', 'rules', '--lint=none', ...given],
      '/',
      env,
      TIMEOUT,
    );
    for (const { file, message, lint } of parsePromtool(ran.stdout, ran.stderr, given).complaints) {
      const path = file === undefined ? undefined : given[file];
      if (path !== undefined && !lint) causes.push({ path, message, ours: isOurs(path) });
    }
  }
  const accused = new Set(causes.map(({ path }) => path));
  for (const path of paths.filter((one) => !accused.has(one))) {
    const message = await complaintOf(path, suspects.version, promtool !== undefined);
    if (message !== undefined) causes.push({ path, message, ours: isOurs(path) });
  }
  return causes.sort((a, b) => Number(b.ours) - Number(a.ours));
}

/** What the compiler itself has against a file. Where promtool has passed it, only what the server's version lacks counts. */
async function complaintOf(path: string, version: string | undefined, passed: boolean): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined && (await leadsNowhere(path))) return 'it is a link that leads nowhere';
  // Whether the server may read it is another question, which its log answers.
  if (text === undefined || text.trim() === '') return undefined;
  const groups = readPlain(text);
  if (!groups) return passed ? undefined : 'it does not read as a rule file';
  const known = serverVersion(version) ?? LEAST;
  const tooNew = refusedBy(known, [{ fileName: basename(path), groups }])[0]?.message;
  if (tooNew !== undefined || passed) return tooNew;
  for (const { rules } of groups) {
    for (const { name, expr } of rules) {
      const [problem] = check(expr, { min: known, max: known, features: new Set(PROMQL_FLAGS) }).problems;
      if (problem) return `${name}: ${problem.message}`;
    }
  }
  return undefined;
}

/** A link whose file is gone; a server can't open it, and globs match it all the same. */
async function leadsNowhere(path: string): Promise<boolean> {
  const entry = await lstat(path).catch(() => undefined);
  if (!entry?.isSymbolicLink()) return false;
  return stat(path).then(
    () => false,
    (error: unknown) => errno(error) === 'ENOENT',
  );
}

/** The oldest that is spoken of here. */
const LEAST = [2, 42] as const;
