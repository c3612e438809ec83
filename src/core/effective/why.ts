import type { RuleCell } from '../cascade/cell.ts';
import type { Span } from '../ground/source.ts';
import type { Subject } from '../ground/subject.ts';
import { residual } from '../ground/subject.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';
import type { Declaration } from '../lookup/declaration.ts';
import type { Group } from '../lookup/groups.ts';
import { foldOrder } from '../lookup/groups.ts';
import type { Field, Level, Setting, Settings } from '../model/rule.ts';
import { conditionText, selectorText } from './effective.ts';
import { ofCases } from './group.ts';
import type { Off } from './off.ts';
import { offIn } from './off.ts';

/** One thing that a level said of a rule, and whether it still holds in the end. */
export interface WhySetting {
  readonly field: Field;
  readonly setting: Setting;
  /** Who overrode it; undefined: it is in effect. */
  readonly overriddenBy?: Setting;
}

export interface WhyLevel {
  readonly level: Level;
  /** Of a case the group that it belongs to. */
  readonly group?: Group;
  readonly span: Span;
  /** Why a group (or case) has a say here; undefined for the root and for the rule's own levels. */
  readonly match?: string;
  readonly said: readonly WhySetting[];
  /** The labels that a group gives to all its alerts: they hold only where the rule has none. */
  readonly wide: boolean;
  /** Said through "*" or group-wide labels, which can't reach a rule that looks at many machines at once. */
  readonly unreached: boolean;
}

/** The whole cascade of one rule for a subject in one of the cells that it may be in. */
export interface Why {
  readonly resolved: ResolvedRule;
  readonly cell: RuleCell;
  readonly condition: string | null;
  /** Why it is not in effect here; undefined where it is. */
  readonly off?: Off;
  /** In the order of the fold, group-wide labels first: later wins. Levels that say nothing are not among them. */
  readonly levels: readonly WhyLevel[];
  /** Groups that match and say nothing of the rule. */
  readonly silent: readonly Group[];
}

/**
 * The cascade of a rule for a subject: one for each cell that it may be in. Where `around` is given, of
 * those alone in which no other group has a say.
 */
export function whyOf(program: Program, resolved: ResolvedRule, subject: Subject, around?: ReadonlySet<Group>): Why[] {
  return resolved.cascade.cells.flatMap((cell) => {
    if (around && cell.declarations.some((d) => !around.has(d.group))) return [];
    const open = residual(cell.region, subject);
    if (!open) return [];
    const left = around ? ofCases(open, resolved) : open;
    const groups = program.tree.groups.filter((g) => matches(g, cell, subject)).sort(foldOrder);
    const wide = groups.flatMap((g) => wideLevels(g, resolved, cell));
    const levels = [
      ...wide,
      ...ownLevels(resolved, cell),
      ...groups.flatMap((g) => groupLevels(g, resolved, cell, program)),
    ];
    const speaking = new Set(levels.flatMap((l) => l.group ?? []));
    const silent = groups.filter((g) => !speaking.has(g));
    const off = offIn(resolved, cell, program, subject);
    return [{ resolved, cell, condition: conditionText(left), ...(off && { off }), levels, silent }];
  });
}

/** A group surely matches, or the cell is one of those where it does. */
function matches(group: Group, cell: RuleCell, subject: Subject): boolean {
  if (cell.declarations.some((d) => d.group === group)) return true;
  return [...group.box].every(([label, c]) => subject.holds(label, c) === true);
}

function ownLevels({ rule }: ResolvedRule, cell: RuleCell): WhyLevel[] {
  return rule.layers.flatMap(({ level, span, settings }) => {
    const said = judged(settings, cell);
    return said.length === 0 ? [] : [{ level, span, said, wide: false, unreached: false }];
  });
}

/** The labels that a group gives to all its alerts. */
function wideLevels(group: Group, { rule, cascade }: ResolvedRule, cell: RuleCell): WhyLevel[] {
  if (rule.kind !== 'alert' || cascade.unreached.includes(group)) return [];
  const level: Level = { kind: 'group', name: group.id };
  const said = [...(group.written?.labels ?? [])].map(([name, { value, span }]): WhySetting => {
    const field = `label:${name}`;
    const winner = cell.settings.get(field) ?? cell.groupLabels.get(name);
    return { field, setting: { value, span, level }, ...over(winner, span) };
  });
  return said.length === 0
    ? []
    : [{ level, group, span: group.span, ...matchOf(group), said, wide: true, unreached: false }];
}

/** What a group says of the rule, its cases behind it. */
function groupLevels(group: Group, { rule }: ResolvedRule, cell: RuleCell, program: Program): WhyLevel[] {
  const level: Level = { kind: 'group', name: group.id };
  const here = cell.declarations.filter((d) => d.group === group);
  const own = here.find((d) => !d.case) ?? program.declared.of(rule).find((d) => d.group === group && !d.case);
  const unreached = own !== undefined && !here.includes(own);
  const said = own ? judged(own.settings, cell) : [];
  const first: WhyLevel[] =
    said.length > 0 ? [{ level, group, span: group.span, ...matchOf(group), said, wide: false, unreached }] : [];
  const cases = here.flatMap((d): WhyLevel[] => {
    if (!d.case) return [];
    const only = new Map([...d.box].filter(([label]) => d.case?.labels.includes(label)));
    return [
      {
        level: { kind: 'case', name: d.case.id },
        group,
        span: d.span,
        match: selectorText(only),
        said: judged(d.settings, cell),
        wide: false,
        unreached: false,
      },
    ];
  });
  return [...first, ...cases];
}

const matchOf = ({ box }: Group): { match?: string } => (box.size === 0 ? {} : { match: selectorText(box) });

const judged = (settings: Settings, cell: RuleCell): WhySetting[] =>
  [...settings].map(([field, setting]) => ({ field, setting, ...over(cell.settings.get(field), setting.span) }));

/** The winner of a field, where it is another place than the one that asks. */
function over(winner: Setting | undefined, { file, start }: Span): { overriddenBy?: Setting } {
  return winner && (winner.span.file !== file || winner.span.start !== start) ? { overriddenBy: winner } : {};
}

/** The group that a winning setting belongs to, as people name it. */
export function levelName({ kind, name }: Level, declarations: readonly Declaration[] = []): string {
  switch (kind) {
    case 'group':
      return name;
    case 'rule':
      return 'the rule';
    case 'case':
      return `${declarations.find((d) => d.case?.id === name)?.group.id ?? ''} (case ${name})`;
    default:
      return `${kind} ${name}`;
  }
}
