import { canonical } from '../../promql/canonical.ts';
import { parse } from '../../promql/parse.ts';
import type { Effective } from '../effective/effective.ts';
import type { Instance } from '../instance/instantiate.ts';
import { fillRange } from '../instance/shape.ts';
import { valueKey } from '../model/value.ts';
import { instanceExpr } from '../plan/plan.ts';
import type { Difference, Ground } from './difference.ts';
import { textsOf } from './identity.ts';
import { restartOf } from './restart.ts';
import { ofGroup, oldText, paramText, placeOf, sameTime } from './said.ts';
import { sameInstance, sameRegion } from './same.ts';

/** What an instance of the base and the one of the head that took its place differ in. */
export function differences(before: Effective, after: Effective, ground: Ground): Difference[] {
  const [a, b] = [before.instance, after.instance];
  if (ground.sure && sameInstance(a, b)) return [];
  const found = [
    ...params(a, b),
    ...times(a, b, ground),
    ...texts(a, b, 'label', ground),
    ...texts(a, b, 'annotation', ground),
    ...expression(before, after, ground.sure),
    ...restartOf(a, b, ground),
  ];
  const condition = after.condition ?? before.condition;
  // That an alert starts anew is told once, whatever part of it a case takes.
  return condition === null ? found : found.map((one) => (one.kind === 'restart' ? one : { ...one, condition }));
}

function params(a: Instance, b: Instance): Difference[] {
  return [...b.rule.params.keys()].flatMap((name): Difference[] => {
    // A param that only one side declares is a matter of how the expression is written.
    if (!a.rule.params.has(name)) return [];
    const [old, now] = [a.values.get(name), b.values.get(name)];
    if ((old && valueKey(old)) === (now && valueKey(now))) return [];
    const field = `param:${name}`;
    return [
      {
        kind: 'setting',
        field,
        ...(old && { old: paramText(old, a.rule.params.get(name)) }),
        ...(now && { new: paramText(now, b.rule.params.get(name)) }),
        ...ofGroup(a, b, field),
        ...placeOf(a, b, field),
      },
    ];
  });
}

function times(a: Instance, b: Instance, { base, head }: Ground): Difference[] {
  const [left, right] = [textsOf(a, base), textsOf(b, head)];
  const pairs = [
    ['for', left.for, right.for],
    ['keep_firing_for', left.keepFiringFor, right.keepFiringFor],
  ] as const;
  return pairs.flatMap(([field, old, now]): Difference[] =>
    sameTime(old, now)
      ? []
      : [
          {
            kind: 'setting',
            field,
            ...oldText('old', old),
            ...oldText('new', now),
            ...ofGroup(a, b, field),
            ...placeOf(a, b, field),
          },
        ],
  );
}

/** Labels that were said, and annotations whose text was changed, not only a number in it. */
function texts(a: Instance, b: Instance, kind: 'label' | 'annotation', { base, head }: Ground): Difference[] {
  const of = kind === 'label' ? 'labels' : 'annotations';
  const [left, right] = [textsOf(a, base)[of], textsOf(b, head)[of]];
  const own = new Set([base.config.groupLabel, head.config.groupLabel, 'rule_case']);
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((name): Difference[] => {
    const [old, now] = [left.get(name), right.get(name)];
    const field = `${kind}:${name}`;
    if (old === now || (kind === 'label' && own.has(name))) return [];
    if (kind === 'annotation' && onlyValues(a, b, field)) return [];
    return [
      {
        kind: kind === 'label' ? 'setting' : 'annotation',
        field,
        ...oldText('old', asWritten(a, b, field) ?? old),
        ...oldText('new', asWritten(b, a, field) ?? now),
        ...ofGroup(a, b, field),
        ...placeOf(a, b, field),
      },
    ];
  });
}

/** A text with its holes, so that one change of it is told once; undefined where only what fills them differs. */
function asWritten(own: Instance, other: Instance, field: string): string | undefined {
  const [text, than] = [own, other].map((one) => one.cell.settings.get(field)?.value);
  return typeof text === 'string' && typeof than === 'string' && text !== than ? text : undefined;
}

/** Whether a text is written as it was, and differs only in the values of params, which are told themselves. */
function onlyValues(a: Instance, b: Instance, field: string): boolean {
  const [old, now] = [a.cell.settings.get(field)?.value, b.cell.settings.get(field)?.value];
  return old === now && params(a, b).length > 0;
}

/**
 * Whether the expression computes something else: as its author wrote it, or (where that is the same) as
 * it was compiled, for a metric may be known to carry other labels now.
 */
function expression(before: Effective, after: Effective, sure: boolean): Difference[] {
  const [a, b] = [before.instance, after.instance];
  const written = writtenDifferently(before, after, sure);
  if (written) {
    const same = a.rule.expr.value === b.rule.expr.value;
    const line = (text: string): string => text.replace(/\s+/g, ' ').trim();
    return [
      {
        kind: 'expression',
        field: 'expr',
        // A macro may have changed, and not what calls it.
        old: line(same ? filled(a) : a.rule.expr.value),
        new: line(same ? filled(b) : b.rule.expr.value),
        place: { side: 'head', span: b.rule.expr.span },
      },
    ];
  }
  if (!sameRegion(a.cell.region, b.cell.region)) return [];
  const [old, now] = [instanceExpr(a), instanceExpr(b)];
  if (old === now || a.holes.join('\n') !== b.holes.join('\n')) return [];
  if (asParsed(old) === asParsed(now)) return [];
  return [
    {
      kind: 'expression',
      field: 'query',
      old,
      new: now,
      why: 'other labels are known of its metrics, so that it selects other series',
      place: { side: 'head', span: b.rule.expr.span },
    },
  ];
}

/** Whether the head's text with the values of the base is something else than the base's. */
function writtenDifferently({ instance: a }: Effective, after: Effective, sure: boolean): boolean {
  const b = after.instance;
  if (a.shape === b.shape) return false;
  if (sure && a.rule.expr.value === b.rule.expr.value && a.shape.sample === b.shape.sample) return false;
  const values = new Map([...b.values].map(([name, value]) => [name, a.values.get(name) ?? value]));
  const { shapes } = after.resolved.context;
  const { shape } = shapes.shape(values);
  const holes = shape && shapes.fill(shape, values).texts;
  // A number that has become a param, or another param of the same value, changes nothing.
  const now = shape && holes ? fillRange(shape, holes, { from: 0, to: shape.sample.length }) : filled(b);
  return asParsed(filled(a)) !== asParsed(now);
}

const filled = ({ shape, holes }: Instance): string => fillRange(shape, holes, { from: 0, to: shape.sample.length });

function asParsed(text: string): string {
  const { expr } = parse(text);
  return expr ? canonical(expr) : text;
}
