import { matcherText } from '../../promql/matcher.ts';
import type { LabelSet } from '../../promql/region.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { suggest } from '../ground/suggest.ts';
import { seriesText } from './metric-facts.ts';
import type { Demand, Lack, LiveTargets, MetricUse } from './uses.ts';
import { lackOf } from './uses.ts';

/** What a server said of one metric: its series, each with job, instance and the labels that were asked for. */
export interface Seen {
  readonly use: MetricUse;
  readonly series: readonly LabelSet[];
}

/**
 * Judges what instances ask for by what a server has.
 * @param server what people call it; no password in it.
 * @param metrics all names that the server knows, where they could be had: what was probably meant.
 */
export function checkLive(
  seen: readonly Seen[],
  targets: LiveTargets,
  server: string,
  metrics: readonly string[],
): Diagnostic[] {
  return seen.flatMap(({ use, series }) => {
    if (series.length === 0) return missingMetric(use, server, metrics);
    return [...use.demanded.keys()].sort().flatMap((label) => {
      const lack = lackOf(label, series, targets);
      return lack ? [missingLabel(use, lack, server)] : [];
    });
  });
}

/** These exist only while alerts are pending or firing. */
const COME_AND_GO = new Set(['ALERTS', 'ALERTS_FOR_STATE']);

function missingMetric({ metric, rules }: MetricUse, server: string, metrics: readonly string[]): Diagnostic[] {
  const [first, ...others] = rules;
  if (!first || COME_AND_GO.has(metric)) return [];
  const near = suggest(metric, metrics);
  const also = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return [
    diagnostic(
      'live-missing-metric',
      first.expr.span,
      `${server} has no series of "${metric}" now; rule "${first.id}"${also} reads it.`,
      {
        help: `${near ? `did you mean "${near}"? If not, ` : ''}look whether its exporter runs and is scraped; a metric that comes and goes is no fault`,
      },
    ),
  ];
}

function missingLabel({ metric, rules, demanded }: MetricUse, lack: Lack, server: string): Diagnostic {
  const { label, series, value } = lack;
  const { rule, owner, span } = demanded.get(label) as Demand;
  const example = seriesText(metric, series);
  const others = rules.filter((r) => r !== rule).map((r) => `"${r.id}"`);
  const asks = `rule "${rule.id}" asks for it in "${owner}"`;
  const why =
    value === undefined
      ? 'none of them has it'
      : `their targets have it, ${matcherText({ label, op: '=', value })} for one`;
  return diagnostic(
    'live-missing-label',
    rule.expr.span,
    `On ${server} series of "${metric}" lack the label "${label}" (${why}), and ${asks}: a matcher that wants a value finds none of them, one that excludes a value finds all.`,
    {
      help: `let them keep the label when they are scraped or recorded; or say in rulewright.yaml what they carry, metrics: { ${JSON.stringify(metric)}: { labels: […] } } (\`rulewright inventory pull --metrics\` lists it); or let no group tell the rule apart by it (\`only\`, \`except\`)`,
      notes: [
        { message: `for instance ${example}` },
        ...(span ? [{ message: `"${owner}" speaks of the rule here`, span }] : []),
        ...(others.length > 0 ? [{ message: `it is also read by ${shortList(others)}` }] : []),
      ],
    },
  );
}

function shortList(items: readonly string[]): string {
  return items.length > 5 ? `${items.slice(0, 5).join(', ')} and ${items.length - 5} more` : items.join(', ');
}
