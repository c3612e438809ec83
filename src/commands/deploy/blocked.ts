import { join } from 'node:path';
import type { CauseFacts } from '../../core/doctor/facts.ts';
import { environmentProblem, type Problem } from '../../io/problem.ts';
import { findPromtool, withFeatures } from '../../io/promtool/promtool.ts';
import { reloadCauses } from '../../io/server/causes.ts';
import { isProblem } from '../context.ts';
import type { Asked } from './ask.ts';
import type { Session } from './session.ts';

/**
 * Why a server refuses to load, as far as its files lie on this machine; ours come first.
 * @param isOurs whether a file is one of the release, by its path as the server sees it.
 */
export async function refusalCauses(
  { server, prometheus, globals, io }: Session,
  { globs = [], folder, state: { version } }: Asked,
  isOurs: (file: string) => boolean,
): Promise<{ readonly causes: readonly CauseFacts[]; readonly byPromtool: boolean }> {
  const { rulePath } = server;
  const found = await findPromtool(prometheus.promtoolPath, globals.root, io.env);
  const promtool = isProblem(found) ? undefined : withFeatures(found, prometheus.features);
  const isOursHere = (name: string): boolean => isOurs(join(folder ?? rulePath, name));
  const causes = await reloadCauses({ globs, folder, rulePath, isOurs: isOursHere, version }, promtool, io.env);
  return { causes, byPromtool: promtool !== undefined };
}

/** That a server can't reload at all: its last one failed, and a file that isn't ours is why. Then nothing need be tried. */
export async function alreadyBlocked(
  session: Session,
  asked: Asked,
  isOurs: (file: string) => boolean,
): Promise<Problem | undefined> {
  if (asked.state.lastReload?.successful !== false) return undefined;
  const { causes, byPromtool } = await refusalCauses(session, asked, isOurs);
  const [first] = causes;
  // On our own word alone a deploy is not refused: the server may take what we don't read.
  if (!first || first.ours || !byPromtool) return undefined;
  return environmentProblem(
    `The last reload of ${asked.connection.name} failed because of ${first.path}, which rulewright does not own (${first.message}): until it is mended, no reload of this server can succeed, and neither can its next start. Nothing was changed.`,
    `Mend or remove ${first.path}, then run this again.`,
  );
}
