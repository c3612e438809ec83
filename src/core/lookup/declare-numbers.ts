import type { Box } from '../../promql/region.ts';
import type { Span } from '../ground/source.ts';
import type { Rule, Setting, Settings } from '../model/rule.ts';
import type { Thresholds } from '../model/written.ts';
import type { Declaration } from './declaration.ts';
import type { Group } from './groups.ts';
import type { RuleNames } from './rule-names.ts';

/**
 * Declarations that are a threshold of one number and nothing else: nearly all of a million. Each is a few
 * words; its settings are an object only where somebody asks for them. A class, so that what is
 * seldom asked for needs no closure.
 */
class NumberDeclaration implements Declaration {
  readonly group: Group;
  readonly entry: number;
  readonly number: number;
  private made: Settings | undefined;

  constructor(group: Group, entry: number, number: number) {
    this.group = group;
    this.entry = entry;
    this.number = number;
    this.made = undefined;
  }

  get box(): Box {
    return this.group.box;
  }

  get byName(): boolean {
    return true;
  }

  get span(): Span {
    return this.thresholds.at(this.entry).rule.span;
  }

  get settings(): Settings {
    this.made ??= new Map([['param:threshold', this.setting()]]);
    return this.made;
  }

  private setting(): Setting {
    const { id: name } = this.group;
    return {
      value: { type: 'number', value: this.number },
      span: this.thresholds.valueSpan(this.entry),
      level: { kind: 'group', name },
    };
  }

  private get thresholds(): Thresholds {
    return (this.group.written as NonNullable<Group['written']>).thresholds;
  }
}

/**
 * Takes what a group's thresholds say of rules that it says nothing else of (as `saysMore` tells of an id), where the
 * number is one that the rule's `threshold` takes; puts it to `into`, by rule. The entries that have to
 * be looked at closely come back, in their order.
 */
export function takeNumbers(
  group: Group,
  thresholds: Thresholds,
  saysMore: (rule: string) => boolean,
  lookUp: LookUp,
  rules: readonly Rule[],
  into: readonly Declaration[][],
): number[] {
  const rest: number[] = [];
  const doubted = new Set<Rule>();
  for (let i = 0; i < thresholds.length; i++) {
    const index = thresholds.isSet(i) ? lookUp(thresholds.name(i)) : -1;
    const rule = rules[index];
    const own = into[index];
    if (!rule || !own || saysMore(rule.id)) {
      rest.push(i);
      continue;
    }
    const before = own.at(-1);
    // Two names of one rule: which of the two numbers counts is for others to say.
    const twice = before instanceof NumberDeclaration && before.group === group;
    if (twice) {
      own.pop();
      doubted.add(rule);
      rest.push(before.entry);
    }
    if (doubted.has(rule) || !takes(rule, thresholds.number(i))) rest.push(i);
    else own.push(new NumberDeclaration(group, i, thresholds.number(i)));
  }
  return rest.sort((a, b) => a - b);
}

function takes(rule: Rule, number: number): boolean {
  const param = rule.params.get('threshold');
  if (!param || param.fixed || param.type !== 'number' || !Number.isFinite(number)) return false;
  return (param.min === undefined || number >= param.min) && (param.max === undefined || number <= param.max);
}

/** The one rule that a name means, by its index; -1 for several, none, and whatever is to be said of the name. */
export type LookUp = (name: string) => number;

export function lookUpOne(rules: readonly Rule[], names: RuleNames): LookUp {
  const indices = new Map(rules.map((rule, i) => [rule.id, i]));
  const known = new Map<string, number>();
  return (name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const { ids, problem } = names.find({ value: name, span: NOWHERE });
    const index = problem || ids.length !== 1 ? -1 : (indices.get(ids[0] as string) ?? -1);
    known.set(name, index);
    return index;
  };
}

const NOWHERE: Span = { file: { path: '', text: '' }, start: 0, end: 0 };
