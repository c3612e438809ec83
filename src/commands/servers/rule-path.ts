import { stat } from 'node:fs/promises';
import { compareLoaded, releasedGroups } from '../../core/deploy/read-back.ts';
import type { ServerConfig } from '../../core/model/config.ts';
import { readHolds } from '../../io/deploy/hold.ts';
import { shownTexts } from '../../io/deploy/loaded.ts';
import { inspect } from '../../io/deploy/rule-path.ts';
import type { Deployed } from '../../io/deploy/types.ts';
import { lostInForce } from '../../io/deploy/way-back.ts';
import type { Problem } from '../../io/problem.ts';
import type { Server } from '../../io/server/http.ts';
import type { LoadedGroup } from '../../io/server/types.ts';
import type { RulePathStatus } from '../../report/status.ts';
import { isProblem } from '../context.ts';
import { memoryAmong } from './memory.ts';

/** Above this, reading the rule path and comparing it takes seconds: `drift` does it, who asks how a server is does not wait. */
const MOST_RULES = 20_000;

/**
 * What lies in the rule path, and whether the server holds it; undefined where this machine has none, as when a server is
 * looked at from afar.
 * @param loaded undefined: the server doesn't tell.
 */
export async function rulePathOf(
  { rulePath }: ServerConfig,
  server: Server,
  loaded: readonly LoadedGroup[] | undefined,
): Promise<RulePathStatus | Problem | undefined> {
  if (!(await stat(rulePath).catch(() => undefined))) return undefined;
  const deployed = await inspect(rulePath);
  if (isProblem(deployed)) return deployed;
  const { current, layout, confirmed, damaged, unfinished } = deployed;
  const holds = await readHolds(deployed.rulePath);
  return {
    path: rulePath,
    release: current?.id,
    filesCount: current?.files.length ?? 0,
    rulesCount: current?.rulesCount ?? 0,
    layout,
    confirmed,
    damaged: damaged.length,
    lost: await lostInForce(deployed),
    unfinished: unfinished !== undefined,
    held: isProblem(holds)
      ? []
      : holds.map(({ release, since, failure }) => ({ release, since, failed: failure !== undefined })),
    memory: loaded && (await memoryState(rulePath, deployed, server, loaded)),
  };
}

/** Whether a server's memory is what lies in its rule path; undefined: it was not compared. */
async function memoryState(
  rulePath: string,
  deployed: Deployed,
  server: Server,
  loaded: readonly LoadedGroup[],
): Promise<RulePathStatus['memory']> {
  const { current, layout = 'files', foreign } = deployed;
  if (!current || current.rulesCount > MOST_RULES) return undefined;
  const texts = await shownTexts(deployed);
  if (isProblem(texts)) return undefined;
  const rulePaths = [rulePath, deployed.rulePath];
  const memory = await memoryAmong(server, loaded, { rulePaths, release: current, layout, foreign });
  if (memory.own.length === 0 && current.rulesCount > 0) return 'nothing';
  return compareLoaded(releasedGroups(texts).groups, loaded, memory).length === 0 ? 'same' : 'other';
}
