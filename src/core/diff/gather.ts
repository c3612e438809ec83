import type { Effective } from '../effective/effective.ts';
import { offReason } from '../effective/off.ts';
import { memo } from '../ground/memo.ts';
import { targetSubject } from '../ground/subject.ts';
import type { Known, Looked, TargetClass } from './classes.ts';
import type { Difference, Ground } from './difference.ts';
import { differences } from './differences.ts';
import { matched } from './match.ts';
import type { RulePair } from './pairs.ts';
import { idOf } from './pairs.ts';
import type { ChangePlace } from './report.ts';
import { sameAnswer } from './same.ts';

/** What is different, with everybody for whom it is. */
export interface Found {
  readonly difference: Difference | Cover;
  /** By id. */
  readonly rules: Map<string, RulePair>;
  readonly classes: Set<TargetClass>;
  /** Regions, where no target was there to ask. */
  readonly regions: Set<TargetClass>;
  readonly servers: Set<string>;
  readonly ground: Ground;
}

/** A rule that watches a target on one side alone. */
export interface Cover {
  readonly kind: 'cover-lost' | 'cover-gained' | 'rule-added' | 'rule-removed';
  readonly field: 'cover';
  readonly group?: string;
  readonly why?: string;
  readonly place?: ChangePlace;
  readonly condition?: string;
  readonly old?: undefined;
  readonly new?: undefined;
}

/** All differences so far, by what they are. */
export type Gathered = Map<string, Found>;

/** Compares the answers of rules, each two different ones once, and adds what differs. */
export function gather(
  { base, head, classes, known: labels }: Looked,
  pairs: readonly RulePair[],
  ground: Ground,
  what: 'classes' | 'regions',
  servers: readonly string[],
  into: Gathered,
): void {
  const add = (one: Difference | Cover, pair: RulePair, own: TargetClass): void => {
    const found = memo(into, keyOf(one, pair), () => ({
      difference: one,
      rules: new Map(),
      classes: new Set(),
      regions: new Set(),
      servers: new Set(),
      ground,
    }));
    found.rules.set(idOf(pair), pair);
    found[what].add(own);
    for (const server of servers) found.servers.add(server);
  };
  let [left, right] = [-1, -1];
  for (const pair of pairs) {
    if (pair.base) left++;
    if (pair.head) right++;
    const known = new Map<string, readonly Difference[]>();
    for (const own of classes) {
      const a = pair.base ? (base.sets[own.sets[0]]?.[left] as number) : -1;
      const b = pair.head ? (head.sets[own.sets[1]]?.[right] as number) : -1;
      const before = base.answers[left]?.[a] ?? [];
      const after = head.answers[right]?.[b] ?? [];
      if (before.length === 0 && after.length === 0) continue;
      if (before.length === 0 || after.length === 0) {
        const found = cover(pair, own, before.length === 0 ? after : before, after.length > 0, ground, labels);
        add(found, pair, own);
        continue;
      }
      const key = `${a} ${b}`;
      for (const one of memo(known, key, () => compare(before, after, ground))) add(one, pair, own);
    }
  }
}

function compare(before: readonly Effective[], after: readonly Effective[], ground: Ground): readonly Difference[] {
  if (ground.sure && sameAnswer(before, after)) return [];
  return matched(before, after).flatMap(([a, b]) => differences(a, b, ground));
}

/** Restarts of one cause are one change, whatever the rule; anything else is told rule by rule. */
function keyOf(one: Difference | Cover, { base, head }: RulePair): string {
  const { kind, field, group, why, condition, place } = one;
  const at = place && `${place.side} ${place.span.file.path} ${place.span.start}`;
  const { rule } = (head ?? base) as NonNullable<typeof head>;
  if (kind === 'restart') return JSON.stringify([kind, why, condition]);
  if (kind === 'expression' || kind === 'rule-added' || kind === 'rule-removed')
    return JSON.stringify([kind, rule.kind, rule.id, why]);
  return JSON.stringify([kind, rule.kind, rule.id, field, one.old, one.new, group, why, condition, at]);
}

function cover(
  { base, head }: RulePair,
  own: TargetClass,
  on: readonly Effective[],
  gained: boolean,
  ground: Ground,
  known: Known,
): Cover {
  const effective = on[0] as Effective;
  const owner = effective.instance.cell.owner;
  const condition = on.length === 1 && effective.condition !== null ? { condition: effective.condition } : {};
  const common = { field: 'cover', ...condition } as const;
  if (!base || !head) {
    const place = { side: head ? 'head' : 'base', span: effective.resolved.rule.span } as const;
    return { ...common, kind: head ? 'rule-added' : 'rule-removed', place };
  }
  const off = gained
    ? offReason(base, ground.base, targetSubject(own.base.labels, known.base))
    : offReason(head, ground.head, targetSubject(own.head.labels, known.head));
  if (!gained) {
    const group = decider(head, off.span) ?? own.groups[1][0]?.id;
    return {
      ...common,
      kind: 'cover-lost',
      why: off.reason,
      place: { side: 'head', span: off.span },
      ...(group && { group }),
    };
  }
  const enabled = effective.instance.cell.settings.get('enabled');
  const span = enabled?.span ?? effective.instance.cell.declarations.at(-1)?.span ?? effective.resolved.rule.span;
  return { ...common, kind: 'cover-gained', why: off.reason, place: { side: 'head', span }, group: owner };
}

/** The group in whose file a line stands. */
function decider({ cascade }: NonNullable<RulePair['head']>, span: ChangePlace['span']): string | undefined {
  for (const { declarations } of cascade.cells) {
    const found = declarations.find((d) => d.settings.get('enabled')?.span === span);
    if (found) return found.group.id;
  }
  return undefined;
}
