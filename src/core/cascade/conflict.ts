import { example } from '../../promql/constraint.ts';
import { matcherText } from '../../promql/matcher.ts';
import type { LabelSet, Region } from '../../promql/region.ts';
import { inRegion } from '../../promql/region.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { lineRef } from '../ground/source.ts';
import type { Group } from '../lookup/groups.ts';
import { related } from '../lookup/groups.ts';
import type { Field, Rule, Setting, Settings } from '../model/rule.ts';
import { fieldKey } from '../model/rule.ts';
import { valueText } from '../model/value.ts';
import type { RuleCell } from './cell.ts';

/** Two unrelated groups of one priority that set one field of a rule to different values. */
export interface Conflict {
  readonly rule: Rule;
  readonly field: Field;
  readonly a: Group;
  readonly b: Group;
  readonly settings: readonly [Setting, Setting];
  /** A cell that both are in. */
  readonly region: Region;
  /** A group of a higher priority that decides the field there. */
  readonly decides?: { readonly group: Group; readonly setting: Setting };
}

/** Of a pair of groups so many conflicts in one rule are looked at for one that a target is in. */
const MOST_OF_A_PAIR = 32;

/** The conflicts in a rule's cells, of each pair of groups; only those that no third group decides, where there are any. */
export function conflictsOf(rule: Rule, cells: readonly RuleCell[]): Conflict[] {
  const found = new Map<string, Conflict[]>();
  for (const cell of cells) {
    if (!cell.applies || cell.declarations.length < 2) continue;
    const said = [...byGroup(cell)];
    said.forEach(([a, own], i) => {
      for (const [b, others] of said.slice(i + 1)) {
        if (a.priority !== b.priority || related(a, b)) continue;
        const key = pairKey(a, b);
        const known = found.get(key) ?? [];
        if (known.length >= MOST_OF_A_PAIR && !known[0]?.decides) continue;
        const conflict = fieldConflict(rule, cell, [a, own], [b, others]) ?? labelConflict(rule, cell, a, b);
        if (!conflict) continue;
        if (known.length === 0 || (known[0]?.decides && !conflict.decides)) found.set(key, [conflict]);
        else if (!conflict.decides === !known[0]?.decides && known.length < MOST_OF_A_PAIR) known.push(conflict);
      }
    });
  }
  return [...found.values()].flat();
}

type Said = readonly [Group, Settings];

/** The first field that two groups set to different values; one that no third group decides comes first. */
function fieldConflict(rule: Rule, cell: RuleCell, [a, own]: Said, [b, others]: Said): Conflict | undefined {
  let decided: Conflict | undefined;
  for (const [field, one] of own) {
    const other = others.get(field);
    if (!other || fieldKey(field, one.value) === fieldKey(field, other.value)) continue;
    const decides = decider(cell, cell.settings.get(field), a, b);
    const conflict: Conflict = { rule, field, a, b, settings: [one, other], region: cell.region };
    if (!decides) return conflict;
    decided ??= { ...conflict, decides };
  }
  return decided;
}

/** The third group that gave a cell its setting, where it has a higher priority than two others. */
function decider(cell: RuleCell, setting: Setting | undefined, a: Group, b: Group): Conflict['decides'] {
  const group = cell.declarations.findLast((d) => [...d.settings.values()].includes(setting as Setting))?.group;
  return setting && group && group !== a && group !== b && group.priority > a.priority ? { group, setting } : undefined;
}

/** What each group says in a cell, its cases over the group's own. */
function byGroup({ declarations }: RuleCell): Map<Group, Settings> {
  const said = new Map<Group, Settings>();
  for (const { group, settings } of declarations) {
    const own = said.get(group);
    said.set(group, own ? new Map([...own, ...settings]) : settings);
  }
  return said;
}

/** Group-wide labels disagree only where neither the rule nor anything said of it sets that label. */
function labelConflict(rule: Rule, cell: RuleCell, a: Group, b: Group): Conflict | undefined {
  if (rule.kind === 'record') return undefined;
  for (const [name, one] of a.written?.labels ?? []) {
    const other = b.written?.labels.get(name);
    const field = `label:${name}`;
    if (!other || one.value === other.value || cell.settings.has(field)) continue;
    const setting = (text: { value: string | null; span: Setting['span'] }, group: Group): Setting => ({
      ...text,
      level: { kind: 'group', name: group.id },
    });
    return { rule, field, a, b, settings: [setting(one, a), setting(other, b)], region: cell.region };
  }
  return undefined;
}

const pairKey = (a: Group, b: Group): string => [a.id, b.id].sort().join();

/** One error for each pair of groups, with both lines, a label set and the targets that are in both. */
export function conflictDiagnostics(
  conflicts: readonly Conflict[],
  targets: readonly { id: string; labels: LabelSet }[],
): Diagnostic[] {
  const pairs = new Map<string, Conflict[]>();
  for (const conflict of conflicts) {
    const key = pairKey(conflict.a, conflict.b);
    pairs.set(key, [...(pairs.get(key) ?? []), conflict]);
  }
  return [...pairs.values()].map((all) => {
    const undecided = all.filter((c) => !c.decides);
    const worst = undecided.length > 0 ? undecided : all;
    // Somebody's machine says more than a region that nobody is in.
    const first = worst.find((c) => targets.some((t) => inRegion(t.labels, c.region))) ?? (worst[0] as Conflict);
    const { a, b, rule, field, settings, region, decides } = first;
    const inBoth = targets.filter((t) => inRegion(t.labels, region)).map((t) => t.id);
    const names =
      inBoth.length > 0
        ? `, such as ${inBoth.slice(0, 3).join(', ')}${inBoth.length > 3 ? ` and ${inBoth.length - 3} more of the inventory` : ' of the inventory'}`
        : '';
    const what = fieldName(field);
    const [one, other] = settings;
    const third = decides
      ? [
          {
            message: `"${decides.group.id}" decides there today (priority ${decides.group.priority}), but no longer where it does not match or does not set this`,
            span: decides.setting.span,
          },
        ]
      : [];
    const topic = (c: Conflict): string => `${c.field} ${c.rule.id}`;
    const topics = new Map(all.map((c) => [topic(c), c]));
    topics.delete(topic(first));
    const others = [...topics.values()];
    const more = others.map((c) => ({
      message: `they also disagree about ${fieldName(c.field)} of "${c.rule.id}"`,
      span: c.settings[1].span,
    }));
    return diagnostic(
      'ambiguous',
      one.span,
      `Groups "${a.id}" and "${b.id}" both match ${exampleText(region)}${names}, and set ${what} of rule "${rule.id}" to ${text(one)} and ${text(other)}; between them nothing says which one wins.`,
      {
        help: `give one of them a higher \`priority\` (both have ${a.priority}), let one be the \`parent\` of the other, make their \`match\` exclude one another, or set the same value`,
        notes: [
          {
            message: `"${other.level.name}" sets it to ${text(other)} here (${lineRef(other.span)})`,
            span: other.span,
          },
          ...third,
          ...more.slice(0, 5),
        ],
      },
    );
  });
}

function text({ value }: Setting): string {
  if (value === null) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'boolean' ? String(value) : valueText(value);
}

/** A field's name for people. */
export function fieldName(field: Field): string {
  const at = field.indexOf(':');
  return at < 0 ? `\`${field}\`` : `${field.slice(0, at)} \`${field.slice(at + 1)}\``;
}

/** A label set that is in a region, as a selector: `{env="prod",site="seoul"}`. */
export function exampleText(region: Region): string {
  const parts = [...region.base]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([label, c]) => {
      const value = example(c);
      return value === undefined ? [] : value === '' ? [] : [matcherText({ label, op: '=', value })];
    });
  return `{${parts.join(',')}}`;
}
