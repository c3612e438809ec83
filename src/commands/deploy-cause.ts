import { basename, dirname, join, posix } from 'node:path';
import { environmentProblem, type Problem } from '../io/problem.ts';
import { findPromtool, run } from '../io/promtool.ts';
import { parsePromtool } from '../io/promtool-output.ts';
import { expandGlobs } from '../io/rule-globs.ts';
import { isProblem } from './context.ts';
import type { Asked } from './deploy-ask.ts';
import type { Session } from './deploy-session.ts';

/** A complaint of promtool's about a file that the server loads. */
export interface Cause {
  /** On this machine. */
  readonly path: string;
  readonly message: string;
  /** Whether the file is one of the release. */
  readonly ours: boolean;
}

/** Milliseconds. */
const TIMEOUT = 60_000;
const AT_ONCE = 200;

/**
 * Why a server refuses to load: it says it only in its own log, so promtool is asked about every file that the server's
 * globs match, as far as they lie on this machine. Empty where nothing was found, or there is no promtool.
 * @param folder the rule path as the server sees it.
 * @param isOurs whether a file is one of the release, by its path as the server sees it.
 */
export async function reloadCause(
  { server, prometheus, globals, io }: Session,
  globs: readonly string[],
  folder: string | undefined,
  isOurs: (file: string) => boolean,
): Promise<Cause[]> {
  const promtool = await findPromtool(prometheus.promtoolPath, globals.root, io.env);
  if (isProblem(promtool)) return [];
  // What the server sees under another path lies here in the rule path.
  const here = globs.map((glob) =>
    folder !== undefined && posix.dirname(glob) === folder ? join(server.rulePath, posix.basename(glob)) : glob,
  );
  const paths = await expandGlobs(here);
  const causes: Cause[] = [];
  for (let from = 0; from < paths.length; from += AT_ONCE) {
    const given = paths.slice(from, from + AT_ONCE);
    const ran = await run(promtool.path, ['check', 'rules', '--lint=none', ...given], globals.root, io.env, TIMEOUT);
    const { complaints } = parsePromtool(ran.stdout, ran.stderr, given);
    for (const { file, message, lint } of complaints) {
      const path = file === undefined ? undefined : given[file];
      if (path === undefined || lint) continue;
      const inRulePath = dirname(path) === server.rulePath;
      causes.push({ path, message, ours: inRulePath && isOurs(join(folder ?? server.rulePath, basename(path))) });
    }
  }
  return causes.sort((a, b) => Number(b.ours) - Number(a.ours));
}

/** That a server can't reload at all: its last one failed, and a file that isn't ours is why. Then nothing need be tried. */
export async function alreadyBlocked(
  session: Session,
  asked: Asked,
  isOurs: (file: string) => boolean,
): Promise<Problem | undefined> {
  if (asked.state.lastReload?.successful !== false) return undefined;
  const causes = await reloadCause(session, asked.globs ?? [], asked.folder, isOurs);
  const [first] = causes;
  if (!first || first.ours) return undefined;
  return environmentProblem(
    `The last reload of ${asked.connection.name} failed because of ${first.path}, which rulewright does not own (${first.message}): until it is mended, no reload of this server can succeed, and neither can its next start. Nothing was changed.`,
    `Mend or remove ${first.path}, then run this again.`,
  );
}
