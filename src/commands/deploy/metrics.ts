import { succeeded } from '../../core/deploy/outcome.ts';
import type { ServerConfig } from '../../core/model/config.ts';
import { fsProblem, type Problem } from '../../io/problem.ts';
import { readRegular } from '../../io/regular.ts';
import { writeWhole } from '../../io/write-file.ts';
import { type DeployMetrics, deployMetrics } from '../../outputs/textfile-metrics.ts';
import type { Io } from '../context.ts';
import type { Timed } from './run.ts';

/** More is no metrics file of ours. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Writes what a run did for the textfile collector. Servers that were not tried keep the rows that they had. */
export async function writeMetrics(
  path: string,
  timed: readonly Timed[],
  servers: readonly ServerConfig[],
  io: Io,
): Promise<Problem | undefined> {
  const now = Math.floor(io.now() / 1000);
  const rows = timed
    .filter(({ outcome }) => outcome.status !== 'not-tried' && outcome.status !== 'planned')
    .map(({ outcome, duration }): DeployMetrics => {
      const good = succeeded(outcome);
      return {
        server: outcome.name,
        lastRun: now,
        succeeded: good,
        // Somebody decided that the release is held back; that it isn't out shows by the age of the last success.
        failed: !good && outcome.status !== 'held',
        release: outcome.now,
        rules: outcome.now === outcome.release ? outcome.rulesCount : outcome.rulesBefore,
        duration,
        drift: outcome.drift,
      };
    });
  try {
    // Whatever else lies there, a pipe for one, is not waited for: the new file takes its place.
    const before = (await readRegular(path))?.toString('utf8');
    const known = new Set(servers.map(({ name }) => name));
    const old = before !== undefined && before.length <= MOST_BYTES ? before : undefined;
    await writeWhole(path, deployMetrics(rows, old, known), io.pid);
    return undefined;
  } catch (error) {
    return fsProblem(error, 'cannot write the metrics to', path);
  }
}
