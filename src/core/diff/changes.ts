import { affectedBy } from './affected.ts';
import type { Found, Gathered } from './gather.ts';
import { ownersOf } from './owners.ts';
import type { Change } from './report.ts';
import { arrow, count, few, fieldName, whom } from './words.ts';

/** What was gathered, as changes that people read. `inventory`: whether there is one at all. */
export function gatheredChanges(found: Gathered, inventory: boolean, servers: ReadonlySet<string>): Change[] {
  return [...found.values()].flatMap((one) => {
    // Where nothing is watched nothing has a state that could be lost.
    if (one.difference.kind === 'restart' && inventory && one.classes.size === 0) return [];
    return [{ ...changeOf(one, inventory), ...serversOf(one.servers, servers) }];
  });
}

function changeOf(found: Found, inventory: boolean): Change {
  const { difference, classes, regions } = found;
  const { kind, place, group, why, field } = difference;
  const gone = kind === 'cover-lost' || kind === 'rule-removed';
  const affected = affectedBy(classes, regions, gone ? 'base' : 'head', difference.condition);
  const rules = [...found.rules.keys()].sort();
  const said = { affected, rules };
  return {
    kind,
    severity: SEVERITY[kind],
    message: messageOf(found, said, inventory),
    rules,
    field,
    affected,
    owners: ownersOf([...found.rules.values()], group === undefined ? [] : [group], found.ground),
    ...(place && { place }),
    ...(group !== undefined && { group }),
    ...(difference.old !== undefined && { old: difference.old }),
    ...(difference.new !== undefined && { new: difference.new }),
    ...(why !== undefined && { why }),
  };
}

const SEVERITY = {
  'cover-lost': 'warning',
  'rule-removed': 'warning',
  'cover-gained': 'notice',
  'rule-added': 'notice',
  setting: 'notice',
  restart: 'warning',
  expression: 'notice',
  annotation: 'notice',
} as const;

/** The servers that a change is about, where it isn't all of them. */
export function serversOf(own: ReadonlySet<string>, all: ReadonlySet<string>): { server?: string } {
  return own.size === all.size ? {} : { server: [...own].sort().join(', ') };
}

function messageOf(
  { difference, rules: pairs }: Found,
  { affected, rules }: Pick<Change, 'affected' | 'rules'>,
  inventory: boolean,
): string {
  const { kind, field, why, group } = difference;
  const rule = few(rules);
  const them = whom(affected, inventory);
  const where = affected.condition === undefined ? '' : ` where ${affected.condition}`;
  const lost = affected.targets.length === 1 ? 'loses' : 'lose';
  switch (kind) {
    case 'cover-lost':
      return affected.targets.length > 0
        ? `${them} ${lost} cover by ${rule}${where}: ${why}.`
        : `${rule} no longer covers ${them === 'all targets' ? 'any target' : them}: ${why}.`;
    case 'cover-gained':
      return affected.targets.length > 0
        ? `${them} ${lost === 'loses' ? 'gains' : 'gain'} cover by ${rule}${where}; before, ${why}.`
        : `${rule} now covers ${them}; before, ${why}.`;
    case 'rule-removed':
      return `${rule} is removed: ${them} ${lost} it.`;
    case 'rule-added':
      return `${rule} is new: it watches ${them}.`;
    case 'setting':
    case 'annotation': {
      const who = group === undefined ? '' : ` (${group})`;
      const values = arrow(difference.old, difference.new, field);
      return `${rule}: ${fieldName(field)} ${values} for ${them}${where}${who}.`;
    }
    case 'restart': {
      const alerts = pairs.size === 1 ? `The alert ${rule} starts` : `${count(pairs.size, 'alert')} (${rule}) start`;
      return `${alerts} anew on ${them}${where}: ${why}.`;
    }
    case 'expression':
      return why === undefined
        ? `The expression of ${rule} changes, for ${them}.`
        : `The compiled expression of ${rule} changes, for ${them}: ${why}.`;
  }
}
