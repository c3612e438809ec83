import type { Constraint } from '../../promql/constraint.ts';
import type { Box, Region } from '../../promql/region.ts';
import type { Placed } from '../../promql/selector-region.ts';
import type { Effective } from '../effective/effective.ts';
import type { Instance } from '../instance/instantiate.ts';
import type { Config } from '../model/config.ts';
import type { Setting } from '../model/rule.ts';
import { fieldKey } from '../model/rule.ts';

/**
 * Whether two instances, each of its own program, are the same without rendering either: equal texts,
 * settings and regions. False where that can't be told cheaply. It holds only where the programs
 * themselves agree (`sameGround`).
 */
export function sameInstance(a: Instance, b: Instance): boolean {
  if (a === b) return true;
  return (
    a.cell.owner === b.cell.owner &&
    a.cell.caseId === b.cell.caseId &&
    sameRuleText(a, b) &&
    sameSettings(a.cell.settings, b.cell.settings) &&
    sameSettings(a.cell.groupLabels, b.cell.groupLabels) &&
    sameRegion(a.cell.region, b.cell.region) &&
    samePlaces([...a.placed.values()], [...b.placed.values()])
  );
}

/** Whether a target's answers of one rule are the same on both sides. */
export function sameAnswer(a: readonly Effective[], b: readonly Effective[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((one, i) => {
    const other = b[i] as Effective;
    return one.condition === other.condition && sameInstance(one.instance, other.instance);
  });
}

/** Whether what all rules stand on is the same: the settings that decide how an instance is compiled. */
export function sameGround(a: Config, b: Config): boolean {
  const key = ({ groupLabel, metrics, prometheus }: Config): string =>
    JSON.stringify([
      groupLabel,
      metrics.map(({ metric, labels }) => [metric.value, labels]),
      prometheus.version.value,
      prometheus.layout,
    ]);
  return key(a) === key(b);
}

function sameRuleText({ rule: a }: Instance, { rule: b }: Instance): boolean {
  return (
    a === b ||
    (a.id === b.id &&
      a.kind === b.kind &&
      a.name.value === b.name.value &&
      a.expr.value === b.expr.value &&
      a.group.name === b.group.name &&
      a.group.native?.fileName === b.group.native?.fileName &&
      a.group.native?.groupName === b.group.native?.groupName &&
      a.params.size === b.params.size)
  );
}

function sameSettings(a: ReadonlyMap<string, Setting>, b: ReadonlyMap<string, Setting>): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [field, { value }] of a) {
    const other = b.get(field);
    if (!other || fieldKey(field, value) !== fieldKey(field, other.value)) return false;
  }
  return true;
}

export function sameRegion(a: Region, b: Region): boolean {
  return (
    sameBox(a.base, b.base) &&
    a.minus.length === b.minus.length &&
    a.minus.every((box, i) => sameBox(box, b.minus[i] as Box))
  );
}

function sameBox(a: Box, b: Box): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [label, c] of a) {
    const other = b.get(label);
    if (!other || !sameConstraint(c, other)) return false;
  }
  return true;
}

function sameConstraint(a: Constraint, b: Constraint): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || a.values.size !== b.values.size) return false;
  for (const value of a.values) if (!b.values.has(value)) return false;
  if (a.kind === 'in' || b.kind === 'in') return true;
  return sameList(a.like, b.like) && sameList(a.unlike, b.unlike);
}

const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((text, i) => text === b[i]);

function samePlaces(a: readonly Placed[], b: readonly Placed[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((one, i) => {
    const { region, finds } = b[i] as Placed;
    if (one.finds !== finds) return false;
    return one.region && region ? sameRegion(one.region, region) : one.region === region;
  });
}
