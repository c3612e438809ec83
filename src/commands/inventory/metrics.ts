import { compile } from '../../core/compile.ts';
import { hasErrors } from '../../core/ground/diagnostic.ts';
import { findingOf, lacksOf, type MetricFinding, metricsYaml, seriesText } from '../../core/live/metric-facts.ts';
import { liveTargets, metricUses } from '../../core/live/uses.ts';
import type { Config } from '../../core/model/config.ts';
import type { Problem } from '../../io/problem.ts';
import { isServerProblem, labelNames, type Server } from '../../io/server/http.ts';
import { seriesOf } from '../../io/server/series.ts';
import type { Loaded } from '../../io/sources/load.ts';
import { matcherText } from '../../promql/matcher.ts';
import { regexMatches } from '../../promql/regex.ts';
import type { LabelSet } from '../../promql/region.ts';
import { plural } from '../../report/text.ts';
import { visible } from '../../report/visible.ts';
import { type Call, type Io, isProblem } from '../context.ts';
import { say } from '../say.ts';

/** What a server's series say of the metrics that the rules read. */
export interface Facts {
  readonly findings: readonly MetricFinding[];
  /** Metrics that were looked at. */
  readonly looked: number;
  /** Metrics of which there is no series now. */
  readonly missing: readonly string[];
  readonly unanswered: readonly { readonly metric: string; readonly message: string }[];
  readonly skipped: number;
  /** The sources have errors: rules that don't compile were left out. */
  readonly incomplete: boolean;
}

/** Finds the labels of targets that the series of each metric lack; rules that don't compile are left out. */
export async function pullMetrics(
  io: Io,
  sources: Loaded,
  server: Server,
  all: readonly LabelSet[],
): Promise<Facts | Problem> {
  const today = new Date(io.now()).toISOString().slice(0, 10);
  const { program, diagnostics, config } = compile(sources, { today, env: io.env });
  const targets = liveTargets(all);
  const labels = [...targets.known].filter((label) => label !== 'job' && label !== 'instance').sort();
  const metrics = metricUses(program).map(({ metric }) => metric);
  const answers = await seriesOf(
    server,
    metrics.map((metric) => ({ metric, labels })),
  );
  if (isProblem(answers)) return answers;
  const findings: MetricFinding[] = [];
  for (const [metric, series] of [...answers.series].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const wanted = takenToHave(config, metric, labels);
    const lacks = lacksOf(wanted, series, targets);
    // Only the row of a metric that lacks something needs to know all that it has.
    const names = lacks.length > 0 ? await labelNames(server, nameSelector(metric)) : [];
    if (isServerProblem(names)) return names;
    const finding = findingOf(metric, lacks, series, targets, names);
    if (finding) findings.push(finding);
  }
  return {
    findings,
    looked: answers.series.size,
    missing: [...answers.series].flatMap(([metric, series]) => (series.length === 0 ? [metric] : [])).sort(),
    unanswered: answers.unanswered,
    skipped: answers.skipped,
    incomplete: hasErrors(diagnostics),
  };
}

/** The labels that the compiler takes a metric to have: all of its target, or what `metrics:` says. */
function takenToHave({ metrics }: Config, metric: string, labels: readonly string[]): readonly string[] {
  const fact = metrics.find((m) => regexMatches(m.metric.value, metric));
  return fact ? labels.filter((label) => fact.labels.includes(label)) : labels;
}

const nameSelector = (metric: string): string => `{${matcherText({ label: '__name__', op: '=', value: metric })}}`;

/** The facts for a program; `yaml` is what belongs into rulewright.yaml. */
export function factsJson({ findings, missing, unanswered, skipped, looked }: Facts): object {
  return {
    findings: findings.map(({ metric, lacks, differs, labels }) => ({
      metric,
      lacks: lacks.map(({ label, series, value }) => ({
        label,
        example: seriesText(metric, series),
        target_value: value ?? null,
      })),
      differs,
      labels,
    })),
    yaml: metricsYaml(findings),
    metrics_count: looked,
    missing,
    unanswered,
    skipped,
  };
}

/** The facts for people: the block to paste on standard output, the words about it on standard error. */
export function sayFacts(facts: Facts, call: Call, io: Io): void {
  const { globals } = call;
  const { findings, looked, missing, unanswered, skipped, incomplete } = facts;
  const yaml = metricsYaml(findings);
  if (incomplete) say('The sources have errors; only rules that compile were looked at.', globals, io);
  sayUnasked(unanswered, skipped, call, io);
  if (missing.length > 0) {
    const some = missing.slice(0, 10).join(', ');
    const more = missing.length > 10 ? `, and ${missing.length - 10} more` : '';
    say(`${plural(missing.length, 'metric')} of the rules without a series now: ${visible(some + more)}`, globals, io);
  }
  if (yaml === '') {
    say(`${plural(looked, 'metric')} looked at: every series has the labels of its target.`, globals, io);
    return;
  }
  say(
    `${plural(looked, 'metric')} looked at. These rows belong under \`metrics:\` in rulewright.yaml, before any broader pattern:`,
    globals,
    io,
  );
  io.stdout.write(yaml.split('\n').map(visible).join('\n'));
}

/** What could not be judged is said, so that silence means that all is well. */
export function sayUnasked(unanswered: Facts['unanswered'], skipped: number, { globals }: Call, io: Io): void {
  const [first] = unanswered;
  if (globals.quiet || globals.format === 'json') return;
  if (first) {
    const more = unanswered.length > 1 ? `, and ${unanswered.length - 1} more` : '';
    io.stderr.write(`warning: not judged: ${visible(`${first.metric} (${first.message})`)}${more}\n`);
  }
  if (skipped > 0) io.stderr.write(`warning: not asked for: ${plural(skipped, 'metric')}, for there are too many.\n`);
}
