/**
 * A repository as a value: what the generator makes, the brute force reads and the writer writes out.
 * Labels have few values, chosen so that whatever the matchers tell apart, some value bears witness.
 */

export type Op = '=' | '!=' | '=~' | '!~';

export interface Matcher {
  readonly label: string;
  readonly op: Op;
  readonly value: string;
}

/** A label that is missing has the value "". */
export type LabelSet = Readonly<Record<string, string>>;

/** Every value that a label of a target may have: "zz" and "pz" are in no matcher, "" is a label that is missing. */
export const ALPHABET: Readonly<Record<string, readonly string[]>> = {
  env: ['prod', 'perf', 'pz', 'dev', 'zz', ''],
  site: ['a', 'b', 'zz', ''],
  tier: ['gpu', 'cpu', 'zz', ''],
};

/** A label of the series, not of the target. */
export const QUEUE: readonly string[] = ['bulk', 'mail', 'zz'];

/** What a group, or one of its cases, says of a rule; null unsets. */
export interface Said {
  readonly threshold?: number | null;
  readonly for?: string | null;
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly enabled?: boolean;
}

export interface Case extends Said {
  readonly id: string;
  readonly match: readonly Matcher[];
}

export interface Say extends Said {
  /** The id of a rule, or "*". */
  readonly rule: string;
  readonly under: 'thresholds' | 'overrides';
  readonly cases: readonly Case[];
}

export interface GroupModel {
  readonly id: string;
  readonly parent?: string;
  readonly match: readonly Matcher[];
  readonly priority?: number;
  readonly says: readonly Say[];
  readonly disabled: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

export interface RuleModel {
  /** Of a tier, `name.tier`; such rules follow one another. */
  readonly id: string;
  readonly kind: 'alert' | 'record';
  readonly name: string;
  /** Whether it is a recording rule that reads another one. */
  readonly second?: boolean;
  readonly tier?: string;
  /** The name of a shape of `shapes.ts`. */
  readonly shape: string;
  /** The author's own matchers, in every selector. */
  readonly author: readonly Matcher[];
  readonly threshold: number;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly enabled: boolean;
  readonly only?: readonly string[];
  readonly except: readonly string[];
}

export interface Repository {
  readonly rules: readonly RuleModel[];
  /** Parents come before their children; the root is among them where some file speaks for it. */
  readonly groups: readonly GroupModel[];
  readonly inventory: readonly LabelSet[];
  /** Labels that the series of `lack_…` metrics carry besides `instance`. */
  readonly carried: readonly string[];
  /** Whether only servers of version 3 are meant. */
  readonly three: boolean;
  /** Chooses which targets are above their thresholds first. */
  readonly salt: number;
}

/** Whether labels satisfy a matcher, as Prometheus has it. The generated regexes mean the same in JavaScript. */
export function matches(labels: LabelSet, { label, op, value }: Matcher): boolean {
  const own = labels[label] ?? '';
  switch (op) {
    case '=':
      return own === value;
    case '!=':
      return own !== value;
    case '=~':
      return regex(value).test(own);
    case '!~':
      return !regex(value).test(own);
  }
}

const regexes = new Map<string, RegExp>();

function regex(pattern: string): RegExp {
  const made = regexes.get(pattern) ?? new RegExp(`^(?:${pattern})$`, 's');
  regexes.set(pattern, made);
  return made;
}

export const matchesAll = (labels: LabelSet, matchers: readonly Matcher[]): boolean =>
  matchers.every((m) => matches(labels, m));

/** Every combination of the values of some labels. */
export function combinations(labels: readonly string[]): LabelSet[] {
  let all: LabelSet[] = [{}];
  for (const label of labels) {
    all = all.flatMap((set) => (ALPHABET[label] ?? []).map((value) => ({ ...set, [label]: value })));
  }
  return all;
}

/** All label sets of targets that there can be. */
export const UNIVERSE: readonly LabelSet[] = combinations(Object.keys(ALPHABET));

/** A name for a label set, also its `instance`. */
export const nameOf = (labels: LabelSet): string =>
  Object.keys(ALPHABET)
    .map((label) => labels[label] || '-')
    .join('.');

/** The labels that are there. */
export const present = (labels: LabelSet): LabelSet =>
  Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
