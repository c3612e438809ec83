import type { Expr } from '../../promql/ast.ts';
import { unwrap } from '../../promql/kept.ts';
import { regionsApart } from '../../promql/region.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { parseDuration } from '../ground/duration.ts';
import type { Instance } from '../instance/instantiate.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';
import type { Shape } from '../instance/shape.ts';
import { fillRange } from '../instance/shape.ts';
import { numberText } from '../model/value.ts';

/** How severe a tier is, by the usual names; tiers of other names are not compared. */
const SEVERITY: Readonly<Record<string, number>> = {
  info: 0,
  notice: 1,
  low: 1,
  minor: 1,
  warning: 2,
  medium: 2,
  error: 3,
  high: 3,
  major: 3,
  critical: 4,
  severe: 4,
  page: 5,
  emergency: 5,
};

/** Tiers of a rule must be in order for every target: the more severe one further out. */
export function checkTiers({ rules }: Program): Diagnostic[] {
  const families = new Map<string, ResolvedRule[]>();
  for (const resolved of rules) {
    const of = resolved.rule.tier?.of;
    if (of !== undefined) families.set(of, [...(families.get(of) ?? []), resolved]);
  }
  return [...families.values()].flatMap((family) => {
    const ranked = family
      .filter((r) => severity(r) !== undefined)
      .sort((a, b) => (severity(a) as number) - (severity(b) as number));
    return ranked.flatMap((mild, i) =>
      ranked.slice(i + 1).flatMap((severe) => (severity(mild) === severity(severe) ? [] : compare(mild, severe))),
    );
  });
}

const severity = (r: ResolvedRule): number | undefined => SEVERITY[r.rule.tier?.name ?? ''];

/** Whether the copies of two rules are in order in every cell, both rules being cut alike: then only the others need a look. */
function inOrder(mild: ResolvedRule, severe: ResolvedRule): boolean {
  const [a, b] = [mild.copies, severe.copies];
  if (!a || !b || mild.cascade.partition !== severe.cascade.partition) return false;
  const [one, other] = [limit(a.sample), limit(b.sample)];
  if (one?.param !== 'threshold' || other?.param !== 'threshold' || one.up !== other.up) return false;
  const [first, second] = [a.thresholds, b.thresholds];
  for (let i = 0; i < first.length; i++) {
    if (!first.isSet(i) && !second.isSet(i)) continue;
    if (!first.isSet(i) || !second.isSet(i)) return false;
    if (one.up ? second.at(i) <= first.at(i) : second.at(i) >= first.at(i)) return false;
  }
  return true;
}

function compare(mild: ResolvedRule, severe: ResolvedRule): Diagnostic[] {
  // Cells of one partition are apart, so that only those of one index meet.
  if (inOrder(mild, severe)) return compareAll([...mild.others.values()], [...severe.others.values()]);
  return compareAll(mild.instances, severe.instances);
}

function compareAll(mild: readonly Instance[], severe: readonly Instance[]): Diagnostic[] {
  const limits = severe.map(limit);
  for (const a of mild) {
    const one = limit(a);
    for (const [i, b] of severe.entries()) {
      const other = limits[i];
      if (!one || !other || one.up !== other.up || one.param !== other.param) continue;
      if (one.value === other.value ? !together(a, b) : one.up === other.value > one.value) continue;
      if (regionsApart(a.cell.region, b.cell.region)) continue;
      return [describe(a, b, one, other)];
    }
  }
  return [];
}

/** Whether two tiers of equal limits fire at one moment: the same expression, and the more severe one waits no longer. */
function together(mild: Instance, severe: Instance): boolean {
  if (filled(mild) !== filled(severe)) return false;
  const [first, second] = [mild, severe].map((i) => i.cell.settings.get('for')?.value ?? '0s') as [string, string];
  if (first === second) return true;
  const [short, long] = [parseDuration(first), parseDuration(second)];
  return short.problem === undefined && long.problem === undefined && long.ms <= short.ms;
}

const filled = ({ shape, holes }: Instance): string => fillRange(shape, holes, { from: 0, to: shape.sample.length });

function describe(a: Instance, b: Instance, one: Limit, other: Limit): Diagnostic {
  const [settingA, settingB] = [a.cell.settings.get(`param:${one.param}`), b.cell.settings.get(`param:${other.param}`)];
  // The line to mend is a group's, where one of the two is.
  const later = settingA?.level.kind === 'group' && settingB?.level.kind !== 'group' ? settingA : settingB;
  const where = b.cell.owner === 'default' ? '' : ` in "${b.cell.owner}"`;
  const side = one.up ? 'above' : 'below';
  const further = `give "${b.rule.tier?.name}" a ${one.up ? 'higher' : 'lower'} \`${other.param}\` than "${a.rule.tier?.name}"`;
  const same = one.value === other.value;
  return diagnostic(
    'tier-order',
    later?.span ?? b.rule.span,
    same
      ? `"${b.rule.id}" fires ${side} ${numberText(other.value)}${where}, at the same value as "${a.rule.id}": both fire together, and the milder one never warns first.`
      : `"${b.rule.id}" fires ${side} ${numberText(other.value)}${where}, before "${a.rule.id}" at ${numberText(one.value)}: the more severe tier must be further out.`,
    {
      help: same ? `${further}, or a longer \`for\`` : `${further}, or set both here`,
      notes: [settingA, settingB].flatMap((s, i) =>
        s && s !== later ? [{ message: `"${(i === 0 ? a : b).rule.id}" is set here`, span: s.span }] : [],
      ),
    },
  );
}

interface Limit {
  readonly param: string;
  readonly value: number;
  /** Whether it fires above the limit. */
  readonly up: boolean;
}

/** The limit of an alert whose expression ends in a comparison with a param. */
function limit({ shape, values }: Instance): Limit | undefined {
  const found = comparison(shape);
  const value = found && values.get(found.param);
  return found && value?.type === 'number' ? { ...found, value: value.value } : undefined;
}

/** The param that the whole expression is compared with, and in which direction. */
export function comparison({ expr, holes }: Shape): { param: string; up: boolean } | undefined {
  const whole = unwrap(expr);
  if (whole?.kind !== 'binary') return undefined;
  const direction = DIRECTION[whole.op];
  if (direction === undefined) return undefined;
  const paramOf = (side: Expr): string | undefined => {
    const number = unwrap(side);
    const hole =
      number?.kind === 'number' ? holes.find((h) => h.from === number.from && h.to === number.to) : undefined;
    return hole?.piece.params.length === 1 ? hole.piece.params[0] : undefined;
  };
  const right = paramOf(whole.rhs);
  if (right !== undefined) return { param: right, up: direction };
  const left = paramOf(whole.lhs);
  return left === undefined ? undefined : { param: left, up: !direction };
}

const DIRECTION: Readonly<Record<string, boolean>> = { '>': true, '>=': true, '<': false, '<=': false };
