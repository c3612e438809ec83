import { labelText, matcherText } from '../../promql/matcher.ts';
import type { LabelSet } from '../../promql/region.ts';
import { mapLimited } from '../parallel.ts';
import type { Problem } from '../problem.ts';
import { instantQuery, isServerProblem, type Server } from './http.ts';

/** A metric to ask for, and the labels by which its series are told apart. */
export interface Wanted {
  readonly metric: string;
  readonly labels: readonly string[];
}

export interface Answers {
  /** By metric; each label set once, with job, instance and the wanted labels as far as the series have them. */
  readonly series: ReadonlyMap<string, readonly LabelSet[]>;
  /** Metrics that the server couldn't answer for, and what it said. */
  readonly unanswered: readonly { readonly metric: string; readonly message: string }[];
  /** How many were not asked for, so that the server is not flooded. */
  readonly skipped: number;
}

const AT_ONCE = 4;
/** One request a metric: more rules than this read are rather a fault, and the server has other work. */
const MOST_METRICS = 500;

/** Asks a server once for each metric, a few at a time. A server that can't be asked at all ends it. */
export async function seriesOf(server: Server, wanted: readonly Wanted[]): Promise<Answers | Problem> {
  const series = new Map<string, readonly LabelSet[]>();
  const unanswered: { metric: string; message: string }[] = [];
  let broken: Problem | undefined;
  await mapLimited(wanted.slice(0, MOST_METRICS), AT_ONCE, async ({ metric, labels }) => {
    if (broken) return;
    const answer = await instantQuery(server, seriesQuery(metric, labels));
    if (!isServerProblem(answer)) series.set(metric, answer);
    else if (answer.scope === 'server') broken ??= answer;
    else unanswered.push({ metric, message: answer.message });
  });
  if (broken) return broken;
  unanswered.sort((a, b) => (a.metric < b.metric ? -1 : 1));
  return { series, unanswered, skipped: Math.max(0, wanted.length - MOST_METRICS) };
}

/** A metric's series by some labels: no larger than the number of targets, whatever else its series are told apart by. */
export function seriesQuery(metric: string, labels: readonly string[]): string {
  const by = [...new Set(['job', 'instance', ...labels])].map(labelText);
  return `group by (${by.join(', ')}) ({${matcherText({ label: '__name__', op: '=', value: metric })}})`;
}
