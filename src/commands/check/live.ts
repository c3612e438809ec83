import { applySuppressions } from '../../core/checks/suppress.ts';
import type { Diagnostic } from '../../core/ground/diagnostic.ts';
import type { Program } from '../../core/instance/program.ts';
import { checkLive } from '../../core/live/check.ts';
import { liveTargets, metricUses } from '../../core/live/uses.ts';
import type { Problem } from '../../io/problem.ts';
import { activeTargets, allMetrics, isServerProblem, type Server } from '../../io/server/http.ts';
import { seriesOf } from '../../io/server/series.ts';
import { isProblem } from '../context.ts';

/** What a live server says of the rules. */
export interface Live {
  /** Without user and password. */
  readonly url: string;
  readonly diagnostics: readonly Diagnostic[];
  /** Metrics that were judged. */
  readonly metrics: number;
  readonly unanswered: readonly { readonly metric: string; readonly message: string }[];
  /** Metrics that were not asked for, for there are too many. */
  readonly skipped: number;
}

/** Holds what every instance asks for against what the server has: one request a metric. Closes the server. */
export async function judgeLive(program: Program, server: Server, today: string): Promise<Live | Problem> {
  try {
    const targets = await activeTargets(server);
    if (isProblem(targets)) return targets;
    const uses = metricUses(program);
    // Should there be too many, those whose labels matter are asked for first.
    const ordered = [...uses.filter((u) => u.demanded.size > 0), ...uses.filter((u) => u.demanded.size === 0)];
    const wanted = ordered.map(({ metric, demanded }) => ({ metric, labels: [...demanded.keys()].sort() }));
    const answers = await seriesOf(server, wanted);
    if (isProblem(answers)) return answers;
    const seen = uses.flatMap((use) => {
      const series = answers.series.get(use.metric);
      return series ? [{ use, series }] : [];
    });
    const names = seen.some(({ series }) => series.length === 0) ? await allMetrics(server) : [];
    const found = checkLive(seen, liveTargets(targets), server.name, isServerProblem(names) ? [] : names);
    const files = new Set(program.rules.map(({ rule }) => rule.expr.span.file));
    const { unanswered, skipped } = answers;
    const diagnostics = applySuppressions(found, [...files], today, true);
    return { url: server.name, diagnostics, metrics: seen.length, unanswered, skipped };
  } finally {
    await server.close();
  }
}
