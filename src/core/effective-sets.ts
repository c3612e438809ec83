import type { Labels } from '../promql/label-names.ts';
import { hasLabel } from '../promql/label-names.ts';
import { regexMatches } from '../promql/regex.ts';
import type { Region } from '../promql/region.ts';
import type { Effective } from './effective.ts';
import { effectiveOf } from './effective.ts';
import { remembered } from './memo.ts';
import type { Program, ResolvedRule } from './resolve.ts';
import type { Known } from './subject.ts';
import { targetSubject } from './subject.ts';

/**
 * Effective rules of the whole inventory. Targets that no rule can tell apart are looked at once: the
 * values of a label fall into classes by what rules ask of it, a target is its classes, and each rule
 * is asked once for every combination of the classes that it can tell apart itself.
 */
export interface EffectiveSets {
  /** Each by the rules of the program, in their order. No two are equal. */
  readonly sets: readonly (readonly (readonly Effective[])[])[];
  /** The set of each target of the inventory, in its order. */
  readonly setOf: readonly number[];
}

/** What is asked of the values of a label. */
interface Tests {
  /** Values that some matcher names. */
  readonly values: Set<string>;
  readonly regexes: Set<string>;
}

const noTests = (): Tests => ({ values: new Set(), regexes: new Set() });

/** The classes of a label's values: numbers, and a value of each. */
interface Classes {
  readonly ofValue: Map<string, number>;
  readonly examples: string[];
}

export function effectiveSets(program: Program): EffectiveSets {
  const { targets, known } = program.inventory;
  const tests = program.rules.map((resolved) => testsOf(resolved, known));
  const all = merged(tests);
  const labels = [...all.keys()].sort();
  const classes = new Map(labels.map((label) => [label, classify(all.get(label) as Tests, targets, label)]));

  // One target stands for all those that nobody can tell apart.
  const kinds = new Map<string, { readonly target: number; readonly classes: readonly number[] }>();
  const kindOf = targets.map((target, i) => {
    const own = labels.map((label) => classes.get(label)?.ofValue.get(target.labels.get(label) ?? '') as number);
    const key = own.join();
    if (!kinds.has(key)) kinds.set(key, { target: i, classes: own });
    return key;
  });

  const column = new Map(labels.map((label, i) => [label, i]));
  const askers = program.rules.map((resolved, i) =>
    asker(resolved, tests[i] as Map<string, Tests>, classes, column, program),
  );
  const sets: (readonly (readonly Effective[])[])[] = [];
  const bySignature = new Map<string, number>();
  const setOfKind = new Map<string, number>();
  for (const [key, kind] of kinds) {
    const answers = askers.map((ask) => ask(kind));
    const signature = answers.map((a) => a.id).join();
    const set = remembered(bySignature, signature, () => sets.push(answers.map((a) => a.effective)) - 1);
    setOfKind.set(key, set);
  }
  return { sets, setOf: kindOf.map((key) => setOfKind.get(key) as number) };
}

/** What a rule asks of labels that are known of all targets. */
function testsOf({ instances, context }: ResolvedRule, known: Known): Map<string, Tests> {
  const tests = new Map<string, Tests>();
  const add = ({ base, minus }: Region, kept?: Labels): void => {
    for (const box of [base, ...minus]) {
      for (const [label, c] of box) {
        if (!known.has(label) || (kept && !hasLabel(kept, label))) continue;
        const own = remembered(tests, label, noTests);
        for (const value of c.values) own.values.add(value);
        if (c.kind === 'out') for (const regex of [...c.like, ...c.unlike]) own.regexes.add(regex);
      }
    }
  };
  for (const { cell, placed } of instances) {
    add(cell.region);
    for (const [selector, { region }] of placed) if (region) add(region, context.labelsOf(selector).kept);
  }
  return tests;
}

function merged(all: readonly ReadonlyMap<string, Tests>[]): Map<string, Tests> {
  const result = new Map<string, Tests>();
  for (const tests of all) {
    for (const [label, { values, regexes }] of tests) {
      const own = remembered(result, label, noTests);
      for (const value of values) own.values.add(value);
      for (const regex of regexes) own.regexes.add(regex);
    }
  }
  return result;
}

function classify(tests: Tests, targets: Program['inventory']['targets'], label: string): Classes {
  const ofValue = new Map<string, number>();
  const examples: string[] = [];
  const byKey = new Map<string, number>();
  for (const { labels } of targets) {
    const value = labels.get(label) ?? '';
    if (ofValue.has(value)) continue;
    ofValue.set(
      value,
      remembered(byKey, classKey(tests, value), () => examples.push(value) - 1),
    );
  }
  return { ofValue, examples };
}

/** Equal for values that the tests can't tell apart: those that no matcher names differ in regexes only. */
function classKey({ values, regexes }: Tests, value: string): string {
  if (values.has(value)) return `=${value}`;
  let key = '~';
  for (const regex of regexes) key += regexMatches(regex, value) ? '1' : '0';
  return key;
}

interface Answer {
  /** Equal for equal answers of one rule. */
  readonly id: number;
  readonly effective: readonly Effective[];
}

type Asker = (kind: { readonly target: number; readonly classes: readonly number[] }) => Answer;

/** Asks a rule about a kind of target, each combination of its own classes once. */
function asker(
  resolved: ResolvedRule,
  tests: ReadonlyMap<string, Tests>,
  classes: ReadonlyMap<string, Classes>,
  column: ReadonlyMap<string, number>,
  { inventory }: Program,
): Asker {
  const dimensions = [...tests].map(([label, own]) => {
    const keys = new Map<string, number>();
    const of = (classes.get(label) as Classes).examples.map((value) => {
      return remembered(keys, classKey(own, value), () => keys.size);
    });
    return { at: column.get(label) as number, of, size: keys.size };
  });
  const known = new Map<number | string, Answer>();
  const few = dimensions.reduce((product, { size }) => product * size, 1) <= Number.MAX_SAFE_INTEGER;
  const distinct = new Map<string, Answer>();
  return (kind) => {
    let key: number | string = 0;
    if (few) for (const { at, of, size } of dimensions) key = key * size + (of[kind.classes[at] as number] as number);
    else key = dimensions.map(({ at, of }) => of[kind.classes[at] as number]).join();
    const found = known.get(key);
    if (found) return found;
    const target = inventory.targets[kind.target] as Program['inventory']['targets'][number];
    const effective = effectiveOf(resolved, targetSubject(target.labels, inventory.known));
    const text = effective.map((e) => `${resolved.instances.indexOf(e.instance)} ${e.condition ?? ''}`).join('\n');
    const answer = distinct.get(text) ?? { id: distinct.size, effective };
    distinct.set(text, answer);
    known.set(key, answer);
    return answer;
  };
}
