import type { Meaning, Settled } from './brute.ts';
import { carriedLabels } from './brute.ts';
import { leftOut } from './left-out.ts';
import type { LabelSet, Repository, RuleModel } from './model.ts';
import { matchesAll, nameOf, present, QUEUE } from './model.ts';
import type { Datum, Element, Series, Shape, Values } from './shape.ts';
import { PHASES } from './shape.ts';
import { shapeOf } from './shapes.ts';
import { metricName } from './write.ts';

/** Series to load, and the alerts that there must be in each of the phases, each once: no others. */
export interface Trial {
  readonly series: readonly (Series & { readonly name: string })[];
  readonly alerts: readonly (readonly LabelSet[])[];
}

/** Beyond every threshold, so that whoever watches it fires: always where a rule is off, else in the last phase. */
const LOUD = 60;

/**
 * The trial of a repository: targets of every cell, each just above its own threshold in one phase, just below in the
 * other, and far beyond every threshold in the third.
 */
export function trialOf(repository: Repository, meaning: Meaning): Trial {
  const series: (Series & { name: string })[] = [];
  const alerts: LabelSet[][] = PHASES.map(() => []);
  const targets = someTargets(repository, meaning);
  for (const rule of repository.rules) {
    if (rule.kind === 'record') continue;
    const { nature } = shapeOf(rule.shape);
    const own = nature === 'nothing' && repository.inventory.length > 0 ? repository.inventory : targets;
    const seen = own.filter((labels) => matchesAll(labels, rule.author));
    tryRule(rule, own, seen, repository, meaning, series, alerts);
  }
  return { series, alerts };
}

/** A datum, where it is, and what applies there. */
interface Placed {
  readonly datum: Datum;
  readonly settled: Settled;
  readonly labels: LabelSet;
}

function tryRule(
  rule: RuleModel,
  targets: readonly LabelSet[],
  seen: readonly LabelSet[],
  repository: Repository,
  meaning: Meaning,
  series: (Series & { name: string })[],
  alerts: readonly LabelSet[][],
): void {
  const shape = shapeOf(rule.shape);
  const carried = carriedLabels(rule, repository);
  const cells = new Map<string, Placed[]>();
  const queues = shape.queue ? QUEUE : [''];
  // Of several tiers the first brings the series for all.
  const isFirst = repository.rules.find((r) => r.kind === 'alert' && r.name === rule.name) === rule;
  for (const labels of targets.flatMap((t) => queues.map((queue) => (queue ? { ...t, queue } : t)))) {
    const settled = meaning.settle(rule, labels);
    const made = meaning.recorded(rule, labels);
    const values = valuesAt(rule, labels, repository, meaning);
    const own = { ...present(labels), instance: nameOf(labels) };
    const lean = only(own, [...repository.carried, 'instance']);
    const shown = shape.lacks && carried ? lean : own;
    if (isFirst) {
      const factor = made?.factor ?? 1;
      const [a, b, c] = values;
      const brought = shape.series((letter) => metricName(rule, letter), {
        labels: shown,
        lean,
        values: [a / factor, b / factor, c / factor],
        extra: {},
      });
      const lost = Object.keys(own).filter((name) => !(name in lean));
      for (const one of brought) {
        // There is one flag for all targets.
        if (!one.name.endsWith('_flag'))
          series.push(one.name.endsWith('_k_lack') ? { ...one, labels: except(one.labels, lost) } : one);
        else if (!series.some(({ name }) => name === one.name)) series.push({ ...one, labels: {} });
      }
    }
    if (!seen.some((t) => nameOf(t) === nameOf(labels)) || !made) continue;
    const { extra } = made;
    const placed: Placed = { datum: { labels: shown, lean, values, extra }, settled, labels };
    // A rule that is about single series has the same for those of each share; one that combines them sees them all.
    const key = `${settled.cell}\n${JSON.stringify(shape.nature === 'fleet' ? {} : extra)}`;
    cells.set(key, [...(cells.get(key) ?? []), placed]);
  }
  // A rule that is from nothing fires where nothing is: there its instance stands alone.
  if (shape.nature === 'nothing') addEmptyCells(rule, repository, meaning, cells);
  const dropped = meaning.leavesOut(rule);
  for (const [key, members] of cells) {
    const extra = JSON.parse(key.slice(key.lastIndexOf('\n') + 1)) as LabelSet;
    const [{ settled, labels }] = members as [Placed, ...Placed[]];
    if (!settled.on || leftOut(rule, labels, repository, meaning)) continue;
    const data = members.flatMap((m) => (m.datum.labels.instance ? m.datum : []));
    for (const phase of PHASES) {
      for (const element of shape.evaluate(data, phase, rule.author)) {
        if (shape.less ? element.value >= settled.threshold : element.value <= settled.threshold) continue;
        const state = settled.for === '2h' ? 'pending' : 'firing';
        const own = { ...extra, ...extraOf(element, shape, dropped) };
        alerts[phase]?.push({ ...element.labels, ...own, ...settled.labels, alertname: rule.name, alertstate: state });
      }
    }
  }
}

/** What is left on an element of what splits put on the series that it is made of. */
function extraOf({ of = [] }: Element, { combines, selects }: Shape, dropped: ReadonlySet<string>): LabelSet {
  if (!combines && !selects) return {};
  const all = Object.assign({}, ...of.map((d) => d.extra)) as LabelSet;
  return Object.fromEntries(Object.entries(all).filter(([name]) => !dropped.has(name)));
}

/** Cells of a rule without a datum, for which an instance may stand nevertheless. */
function addEmptyCells(rule: RuleModel, repository: Repository, meaning: Meaning, cells: Map<string, Placed[]>): void {
  for (const labels of meaning.universe(rule)) {
    const settled = meaning.settle(rule, labels);
    const key = `${settled.cell}\n{}`;
    if (cells.has(key) || !matchesAll(labels, rule.author) || leftOut(rule, labels, repository, meaning)) continue;
    cells.set(key, [{ settled, labels, datum: { labels: {}, lean: {}, values: [0, 0, 0], extra: {} } }]);
  }
}

function valuesAt(rule: RuleModel, labels: LabelSet, repository: Repository, meaning: Meaning): Values {
  const { nature, less, loud = LOUD } = shapeOf(rule.shape);
  const where = `${repository.salt} ${rule.name} ${nameOf(labels)} ${labels.queue ?? ''}`;
  // Tiers watch the same series, so that a value can be next to the threshold of one of them only.
  const tiers = repository.rules.filter((r) => r.kind === 'alert' && r.name === rule.name);
  const { on, threshold, cell } = meaning.settle(tiers[hash(`${where} tier`) % tiers.length] ?? rule, labels);
  const bit = hash(where) % 2 === 0;
  if (nature === 'fleet') return bit ? [1, 0, loud] : [0, 1, loud];
  if (nature === 'nothing') {
    // Whole cells are there or not, so that absence is seen.
    const whole = hash(`${repository.salt} ${cell}`) % 2 === 0;
    return [whole && bit ? 1 : 0, whole ? 0 : 1, 1];
  }
  const far = less ? -LOUD : LOUD;
  if (!on) return [far, far, far];
  return bit ? [threshold + 0.5, threshold - 0.5, far] : [threshold - 0.5, threshold + 0.5, far];
}

/** Targets from every cell of every rule, in each two where there are, chosen by the repository's salt. */
function someTargets({ rules, salt }: Repository, meaning: Meaning): LabelSet[] {
  const chosen = new Map<string, LabelSet>();
  for (const rule of rules) {
    const taken = new Map<string, number>();
    const shuffled = [...meaning.universe(rule)].sort(
      (a, b) => hash(`${salt} ${nameOf(a)} ${a.queue}`) - hash(`${salt} ${nameOf(b)} ${b.queue}`),
    );
    for (const labels of shuffled) {
      const { cell } = meaning.settle(rule, labels);
      const count = taken.get(cell) ?? 0;
      if (count >= 2 && !(chosen.has(nameOf(labels)) && count < 4)) continue;
      taken.set(cell, count + 1);
      const { queue: _, ...target } = labels;
      chosen.set(nameOf(labels), target);
    }
  }
  return [...chosen.values()];
}

const except = (labels: LabelSet, names: readonly string[]): LabelSet =>
  Object.fromEntries(Object.entries(labels).filter(([n]) => !names.includes(n)));
const only = (labels: LabelSet, names: readonly string[]): LabelSet =>
  Object.fromEntries(Object.entries(labels).filter(([n]) => names.includes(n)));

function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  // The lowest bits of the plain hash hang on the last letters alone.
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}
