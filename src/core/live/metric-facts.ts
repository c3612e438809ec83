import { matcherText } from '../../promql/matcher.ts';
import { regexQuote } from '../../promql/regex.ts';
import type { LabelSet } from '../../promql/region.ts';
import type { Lack, LiveTargets } from './uses.ts';
import { differingLabels, lackOf } from './uses.ts';

/** What a server's series say of one metric: a row of `metrics:`. */
export interface MetricFinding {
  readonly metric: string;
  /** Labels of targets that its series lack. */
  readonly lacks: readonly Lack[];
  /** Labels of targets that its series carry with values of their own. */
  readonly differs: readonly string[];
  /** Labels that its series carry, as far as the server told. */
  readonly labels: readonly string[];
}

/** Which labels of their targets a metric's series lack. `labels` are those that were asked for. */
export function lacksOf(labels: readonly string[], series: readonly LabelSet[], targets: LiveTargets): Lack[] {
  return labels.flatMap((label) => lackOf(label, series, targets) ?? []);
}

/**
 * The finding of a metric; undefined where all is as it is taken to be.
 * @param names all labels that some series of the metric has.
 */
export function findingOf(
  metric: string,
  lacks: readonly Lack[],
  series: readonly LabelSet[],
  targets: LiveTargets,
  names: readonly string[],
): MetricFinding | undefined {
  const differs = differingLabels(series, targets);
  if (lacks.length === 0 && differs.length === 0) return undefined;
  const lacking = new Set(lacks.map(({ label }) => label));
  const labels = names.filter((name) => name !== '__name__' && !lacking.has(name));
  return { metric, lacks, differs, labels };
}

/** The `metrics:` of rulewright.yaml, to be pasted: a row for each metric that lacks a label. "" where none does. */
export function metricsYaml(findings: readonly MetricFinding[]): string {
  const rows = findings.filter(({ lacks }) => lacks.length > 0).map(row);
  return rows.length === 0 ? '' : `metrics:\n${rows.join('')}`;
}

function row({ metric, lacks, differs, labels }: MetricFinding): string {
  const own = differs.length > 0 ? `; its own values of ${differs.map(yamlText).join(', ')}` : '';
  const comment = `  # lacks ${lacks.map(({ label }) => yamlText(label)).join(', ')}${own}\n`;
  return `${comment}  ${JSON.stringify(regexQuote(metric))}: { labels: [${labels.map(yamlText).join(', ')}] }\n`;
}

/** A word that YAML takes for text as it stands, or else a quoted one. */
function yamlText(text: string): string {
  const plain = /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return plain ? text : JSON.stringify(text);
}

/** A selector that finds a series by the labels that were asked for. */
export function seriesText(metric: string, labels: LabelSet): string {
  const matchers = [...labels]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => matcherText({ label, op: '=', value }));
  if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(metric)) return `{${[JSON.stringify(metric), ...matchers].join(',')}}`;
  return `${metric}${matchers.length > 0 ? `{${matchers.join(',')}}` : ''}`;
}
