import type { LabelSet } from '../../promql/region.ts';
import { metricNames } from '../../promql/selectors.ts';
import type { Span } from '../ground/source.ts';
import type { Instance } from '../instance/instantiate.ts';
import type { Program } from '../instance/program.ts';
import type { Rule } from '../model/rule.ts';

/** What the rules read and ask for, held against what a server really has. */

/** A metric that rules read. Those that our own rules record are judged when they are compiled. */
export interface MetricUse {
  readonly metric: string;
  /** In the order of the program, each once. */
  readonly rules: readonly Rule[];
  /** Labels that a region asks for in some instance, with who said so. */
  readonly demanded: ReadonlyMap<string, Demand>;
}

export interface Demand {
  readonly rule: Rule;
  /** The group whose region it is. */
  readonly owner: string;
  /** Where that group speaks of the rule; undefined for the root's own instance. */
  readonly span?: Span;
}

/** The metrics that rules read by name, sorted. */
export function metricUses({ rules }: Program): MetricUse[] {
  const recorded = new Set(rules.flatMap(({ rule }) => (rule.kind === 'record' ? [rule.name.value] : [])));
  const uses = new Map<string, { rules: Set<Rule>; demanded: Map<string, Demand> }>();
  for (const { instances } of rules) {
    for (const instance of instances) {
      for (const selector of instance.shape.selectors) {
        const placed = instance.placed.get(selector);
        if (!placed?.region) continue;
        const labels = [...placed.add, ...placed.minus.flat()].map((m) => m.label);
        for (const metric of metricNames(selector) ?? []) {
          if (recorded.has(metric)) continue;
          const use = uses.get(metric) ?? { rules: new Set(), demanded: new Map() };
          uses.set(metric, use);
          use.rules.add(instance.rule);
          for (const label of labels) if (!use.demanded.get(label)?.span) use.demanded.set(label, demandOf(instance));
        }
      }
    }
  }
  return [...uses]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([metric, use]) => ({ metric, rules: [...use.rules], demanded: use.demanded }));
}

function demandOf({ rule, cell }: Instance): Demand {
  const span = cell.declarations.findLast((d) => d.group.depth > 0)?.span;
  return { rule, owner: cell.owner, ...(span && { span }) };
}

/** The targets of a server, to be found by the series that they expose. */
export interface LiveTargets {
  readonly targets: readonly LabelSet[];
  /** Labels that some target has. */
  readonly known: ReadonlySet<string>;
  /** Those that a series is from, by its job and instance; usually one, none where it was pushed or recorded. */
  of(series: LabelSet): readonly LabelSet[];
}

export function liveTargets(targets: readonly LabelSet[]): LiveTargets {
  const key = (labels: LabelSet): string => JSON.stringify([labels.get('job'), labels.get('instance')]);
  const index = new Map<string, LabelSet[]>();
  for (const target of targets) {
    const same = index.get(key(target));
    if (same) same.push(target);
    else index.set(key(target), [target]);
  }
  const known = new Set(targets.flatMap((t) => [...t.keys()]));
  return { targets, known, of: (series) => index.get(key(series)) ?? [] };
}

/** A label that a metric's series lack: one of them, and what its target has. */
export interface Lack {
  readonly label: string;
  readonly series: LabelSet;
  /** The target's value of the label; undefined where the series is from no target. */
  readonly value?: string;
}

/**
 * Why a metric's series can't be told apart by a label; undefined where they can. A series may lack what its
 * target lacks: then both are taken alike. `series` carry at least `job`, `instance` and the label.
 */
export function lackOf(label: string, series: readonly LabelSet[], targets: LiveTargets): Lack | undefined {
  let orphan: LabelSet | undefined;
  let carried = false;
  for (const one of series) {
    if (one.has(label)) {
      carried = true;
      continue;
    }
    const own = targets.of(one);
    if (own.length === 0) orphan ??= one;
    else if (own.every((target) => target.has(label))) return { label, series: one, value: own[0]?.get(label) ?? '' };
  }
  const [first] = series;
  if (carried || first === undefined) return undefined;
  // Nobody can say what these series should have, but a label that none of them has tells nothing apart.
  if (orphan || !targets.known.has(label)) return { label, series: orphan ?? first };
  return undefined;
}

/** Labels of their targets that some series carry with another value, sorted: an exporter's own, kept by `honor_labels`. */
export function differingLabels(series: readonly LabelSet[], targets: LiveTargets): string[] {
  const found = new Set<string>();
  for (const one of series) {
    const own = targets.of(one);
    for (const [label, value] of one) {
      if (own.length > 0 && own.every((t) => t.has(label) && t.get(label) !== value)) found.add(label);
    }
  }
  return [...found].sort();
}
