import type { Labels } from '../../promql/label-names.ts';
import { hasLabel } from '../../promql/label-names.ts';
import { regexMatches } from '../../promql/regex.ts';
import type { Region } from '../../promql/region.ts';
import { memo } from '../ground/memo.ts';
import type { Known } from '../ground/subject.ts';
import { targetSubject } from '../ground/subject.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';
import type { Effective } from './effective.ts';
import { effectiveOf } from './effective.ts';

/**
 * Effective rules of the whole inventory. Targets that no rule can tell apart are looked at once: the
 * values of a label fall into classes by what rules ask of it, a target is its classes, and each rule
 * is asked once for every combination of the classes that it can tell apart itself.
 */
export interface EffectiveSets {
  /** What there is to answer of each rule of the program, in their order; the answers of one rule differ. */
  readonly answers: readonly (readonly (readonly Effective[])[])[];
  /** Each set as the numbers of its answers, by rule. No two are equal. */
  readonly sets: readonly Uint32Array[];
  /** The set of each target of the inventory, in its order. */
  readonly setOf: readonly number[];
}

/** The rules in effect of a set, in the order of the program. */
export function rulesOfSet({ answers, sets }: EffectiveSets, set: number): Effective[] {
  const own = sets[set] as Uint32Array;
  return answers.flatMap((answer, rule) => answer[own[rule] as number] as readonly Effective[]);
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
  const kinds: Kind[] = [];
  const kindByKey = new Map<string, number>();
  const columns = labels.map((label) => [label, classes.get(label)?.ofValue as Classes['ofValue']] as const);
  const kindOf = targets.map((target, i) => {
    const own = columns.map(([label, ofValue]) => ofValue.get(target.labels.get(label) ?? '') as number);
    return memo(kindByKey, own.join(), () => kinds.push({ target: i, classes: own }) - 1);
  });

  const column = new Map(labels.map((label, i) => [label, i]));
  const width = program.rules.length;
  const vectors = new Uint32Array(kinds.length * width);
  const askers = program.rules.map((resolved, i) =>
    asker(resolved, tests[i] as Map<string, Tests>, classes, column, program),
  );
  // In blocks, so that neither a rule's memory nor the vectors are visited all over the place.
  for (let from = 0; from < kinds.length; from += BLOCK) {
    const to = Math.min(kinds.length, from + BLOCK);
    for (const [rule, ask] of askers.entries()) {
      for (let kind = from; kind < to; kind++) vectors[kind * width + rule] = ask.answer(kinds[kind] as Kind);
    }
  }
  const answers = askers.map((ask) => ask.answers);
  const { sets, setOf } = distinct(kinds.map((_, kind) => vectors.subarray(kind * width, (kind + 1) * width)));
  return { answers, sets, setOf: kindOf.map((kind) => setOf[kind] as number) };
}

const BLOCK = 256; // kinds of targets

interface Kind {
  readonly target: number;
  readonly classes: readonly number[];
}

/** The vectors without repetitions, and which of those each is. */
function distinct(vectors: readonly Uint32Array[]): { sets: Uint32Array[]; setOf: number[] } {
  const sets: Uint32Array[] = [];
  const byHash = new Map<number, number[]>();
  const setOf = vectors.map((vector) => {
    const same = memo(byHash, hashOf(vector), () => []);
    const found = same.find((set) => vector.every((value, i) => value === sets[set]?.[i]));
    if (found !== undefined) return found;
    same.push(sets.length);
    return sets.push(vector) - 1;
  });
  return { sets, setOf };
}

/** FNV-1a of the numbers: only to find vectors that may be equal. */
function hashOf(vector: Uint32Array): number {
  let hash = 0x811c9dc5;
  for (const value of vector) hash = Math.imul(hash ^ value, 0x01000193);
  return hash;
}

/** What a rule asks of labels that are known of all targets. */
function testsOf({ instances, context }: ResolvedRule, known: Known): Map<string, Tests> {
  const tests = new Map<string, Tests>();
  const add = ({ base, minus }: Region, kept?: Labels): void => {
    for (const box of [base, ...minus]) {
      for (const [label, c] of box) {
        if (!known.has(label) || (kept && !hasLabel(kept, label))) continue;
        const own = memo(tests, label, noTests);
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
      const own = memo(result, label, noTests);
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
      memo(byKey, classKey(tests, value), () => examples.push(value) - 1),
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

interface Asker {
  /** The number of the answer for a kind of target. */
  answer(kind: Kind): number;
  readonly answers: readonly (readonly Effective[])[];
}

/** Up to so many combinations, answers are kept in a table instead of a map. */
const TABLE = 4096;

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
      return memo(keys, classKey(own, value), () => keys.size);
    });
    return { at: column.get(label) as number, of, size: keys.size };
  });
  const combinations = dimensions.reduce((product, { size }) => product * size, 1);
  const few = combinations <= Number.MAX_SAFE_INTEGER;
  const known = new Map<number | string, number>();
  const table = combinations <= TABLE ? new Int32Array(combinations).fill(-1) : undefined;
  const answers: (readonly Effective[])[] = [];
  const byText = new Map<string, number>();
  const ask = ({ target: i }: Kind): number => {
    const target = inventory.targets[i] as Program['inventory']['targets'][number];
    const effective = effectiveOf(resolved, targetSubject(target.labels, inventory.known));
    const text = effective.map((e) => `${resolved.instances.indexOf(e.instance)} ${e.condition ?? ''}`).join('\n');
    return memo(byText, text, () => answers.push(effective) - 1);
  };
  return {
    answers,
    answer: (kind) => {
      if (!few)
        return memo(known, dimensions.map(({ at, of }) => of[kind.classes[at] as number]).join(), () => ask(kind));
      let key = 0;
      for (const { at, of, size } of dimensions) key = key * size + (of[kind.classes[at] as number] as number);
      const found = table?.[key] ?? -1;
      if (found >= 0) return found;
      const answer = memo(known, key, () => ask(kind));
      if (table) table[key] = answer;
      return answer;
    },
  };
}
