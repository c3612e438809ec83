import type { Analysis } from '../../promql/kept.ts';
import { hasLabel } from '../../promql/label-names.ts';
import type { Box } from '../../promql/region.ts';
import { within } from '../../promql/region.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import type { Keeper } from '../ground/keeper.ts';
import { keeper } from '../ground/keeper.ts';
import { memo } from '../ground/memo.ts';
import type { Declaration, Declarations } from '../lookup/declaration.ts';
import type { Group, GroupTree } from '../lookup/groups.ts';
import { foldOrder } from '../lookup/groups.ts';
import type { Column } from '../model/column.ts';
import type { Level, Rule, Setting, Settings } from '../model/rule.ts';
import type { RuleCell } from './cell.ts';
import type { Conflict } from './conflict.ts';
import { conflictsOf } from './conflict.ts';
import { manyCells } from './messages.ts';
import type { GroupCell, Partition, Partitions } from './partition.ts';
import { partitions } from './partition.ts';
import { thresholdColumn } from './threshold-column.ts';

export interface Cascade {
  /** All cells; made when they are asked for where they are many. */
  readonly cells: readonly RuleCell[];
  /** One cell of each kind, in the order of `cells`: the others differ from one of these in their groups, region and threshold only. */
  readonly kinds: readonly RuleCell[];
  readonly partition: Partition;
  /** What the partition was made of: its members are indices of these. */
  readonly speaking: readonly Declaration[];
  /** Whether it is for every cell, and only what made the cells has a say in them. */
  readonly isWhole: boolean;
  /** The cell of a partition's index. */
  readonly cell: (index: number) => RuleCell;
  /** Of cells that differ in nothing else the threshold, by index. */
  readonly thresholds?: Column;
  readonly diagnostics: readonly Diagnostic[];
  /** Where groups contradict one another, of the cells whose index is `there`. */
  readonly conflicts: (there: (index: number) => boolean) => readonly Conflict[];
  /** Groups whose group-wide labels can't reach the rule without changing what it computes. */
  readonly unreached: readonly Group[];
  /** What groups say of it through "*" and can't split it by. */
  readonly unheard: readonly Declaration[];
}

export interface CascadeContext {
  readonly tree: GroupTree;
  readonly declared: Declarations;
  readonly maxCells: number;
  readonly partitions: Partitions;
  /** Groups with group-wide labels. */
  readonly labelling: readonly Group[];
  readonly around: Map<Box, ReadonlyMap<string, Setting>>;
  readonly keep: Keeper;
}

/** Cells, and instances, that are kept in memory together. */
const MOST_KEPT = 200_000;

export function cascadeContext(tree: GroupTree, declared: Declarations, maxCells: number): CascadeContext {
  const labelling = tree.groups.filter((g) => (g.written?.labels.size ?? 0) > 0);
  const keep = keeper(MOST_KEPT);
  return { tree, declared, maxCells, partitions: partitions(maxCells), labelling, around: new Map(), keep };
}

/** Derived cells of one rule above which the compiler warns. */
const MANY_CELLS = 64;

/** Partitions the label sets of a rule and folds the settings of each cell. */
export function cascade(rule: Rule, analysis: Analysis, context: CascadeContext): Cascade {
  const { speaking, quiet, unreached } = speakers(rule, analysis, context);
  const diagnostics: Diagnostic[] = [];
  const partition = context.partitions(speaking);
  const derived = partition.cells.filter((cell) => cell.leaves.length > 1);
  if (partition.overLimit || derived.length > MANY_CELLS)
    diagnostics.push(manyCells(rule, derived, partition.overLimit, context.maxCells));
  const made = cellsOfRule(rule, partition, speaking, quiet, context);
  const unheard = quiet.filter((d) => d.settings.size > 0);
  return Object.assign(made, { partition, speaking, diagnostics, unreached, unheard });
}

type MadeCells = Pick<Cascade, 'isWhole' | 'cells' | 'kinds' | 'cell' | 'conflicts' | 'thresholds'>;

function cellsOfRule(
  rule: Rule,
  partition: Partition,
  speaking: readonly Declaration[],
  quiet: readonly Declaration[],
  context: CascadeContext,
): MadeCells {
  const only = context.declared.only(rule);
  const except = context.declared.except(rule);
  const applies = (groups: readonly Group[]): boolean => {
    const holds = (group: Group): boolean => groups.includes(group);
    return (!only || only.some(holds)) && !except.some(holds);
  };
  const make = (index: number): RuleCell => {
    const cell = partition.cells[index] as GroupCell;
    // Members ascend, and what speaks is in fold order.
    const members = cell.members.map((i) => speaking[i] as Declaration);
    const inherited = quiet.filter((d) => within(cell.region.base, d.box));
    const declarations = inherited.length === 0 ? members : [...members, ...inherited].sort(declarationOrder);
    const settings = fold(rule, declarations);
    const cases = [...new Set(declarations.flatMap((d) => d.case?.id ?? []))].sort();
    return {
      region: cell.region,
      owner: cell.owner,
      declarations,
      excluded: cell.excludedGroups,
      settings,
      groupLabels: rule.kind === 'alert' ? groupLabelsAround(cell.region.base, context) : NO_LABELS,
      applies: applies(cell.groups),
      enabled: settings.get('enabled')?.value !== false,
      ...(cases.length > 0 && { caseId: cases.join('--') }),
    };
  };
  const everywhere = !only && except.length === 0;
  const unlabelled = ({ region }: GroupCell): boolean => groupLabelsAround(region.base, context).size === 0;
  const isUsual =
    everywhere && context.labelling.length === 0
      ? () => true
      : (cell: GroupCell) => applies(cell.groups) && unlabelled(cell);
  const thresholds = quiet.length > 0 ? undefined : thresholdColumn(rule, partition, speaking, isUsual);
  if (!thresholds) {
    const cells = partition.cells.map((_, i) => make(i));
    return {
      isWhole: false,
      cells,
      kinds: cells,
      cell: (i) => cells[i] as RuleCell,
      conflicts: (there) =>
        conflictsOf(
          rule,
          cells.filter((_, i) => there(i)),
        ),
    };
  }
  return manyCellsOfRule(rule, partition, thresholds, everywhere, make, context);
}

/** Cells that are made when they are asked for; only those that are like no other stay. */
function manyCellsOfRule(
  rule: Rule,
  partition: Partition,
  thresholds: Column,
  isWhole: boolean,
  make: (index: number) => RuleCell,
  context: CascadeContext,
): MadeCells {
  const kinds = new Map<number, RuleCell>();
  const first = thresholds.first();
  for (let i = 0; i < thresholds.length; i++) if (i === first || !thresholds.isSet(i)) kinds.set(i, make(i));
  const cell = (i: number): RuleCell => kinds.get(i) ?? make(i);
  const all = context.keep(() => partition.cells.map((_, i) => cell(i)));
  return {
    isWhole,
    get cells() {
      return all();
    },
    kinds: [...kinds.values()],
    cell,
    thresholds,
    conflicts: (there) => conflictsOf(rule, partition.contested.filter(there).map(cell)),
  };
}

const NO_LABELS: ReadonlyMap<string, Setting> = new Map();

/**
 * The declarations that split a rule: a fleet-wide one only by what is said of it by name. The others are
 * quiet: they hold where another's declaration makes an instance that lies within their group.
 */
function speakers(
  rule: Rule,
  analysis: Analysis,
  { tree, declared, labelling }: CascadeContext,
): { speaking: Declaration[]; quiet: Declaration[]; unreached: Group[] } {
  const free = !analysis.fleetWide && !analysis.fromNothing;
  const harmless = (box: Box): boolean => free || [...box.keys()].every((label) => hasLabel(analysis.through, label));
  const speaking: Declaration[] = [];
  const quiet: Declaration[] = [];
  for (const d of declared.of(rule)) (d.byName || harmless(d.box) ? speaking : quiet).push(d);
  const unreached: Group[] = [];
  if (rule.kind === 'alert' && labelling.length > 0) {
    const there = new Set(speaking.filter((d) => !d.case).map((d) => d.group));
    for (const group of labelling) {
      if (there.has(group) || group === tree.root || !givesLabels(group, rule)) continue;
      const reached = harmless(group.box);
      if (!reached) unreached.push(group);
      if (!reached && quiet.some((d) => d.group === group)) continue;
      (reached ? speaking : quiet).push({
        group,
        box: group.box,
        settings: new Map(),
        byName: false,
        span: group.span,
      });
    }
  }
  return { speaking: speaking.sort(declarationOrder), quiet, unreached };
}

function givesLabels(group: Group, rule: Rule): boolean {
  for (const name of group.written?.labels.keys() ?? []) {
    const own = rule.base.get(`label:${name}`);
    if (!own || own.value === null) return true;
  }
  return false;
}

/** The order in which declarations are folded: groups as groups, within one its cases last. */
function declarationOrder(a: Declaration, b: Declaration): number {
  return foldOrder(a.group, b.group) || (a.case?.index ?? -1) - (b.case?.index ?? -1);
}

/** Group-wide labels of every group that contains a box, folded. */
function groupLabelsAround(box: Box, { labelling, around }: CascadeContext): ReadonlyMap<string, Setting> {
  if (labelling.length === 0) return NO_LABELS;
  return memo(around, box, () => foldGroupLabels(labelling.filter((g) => within(box, g.box)).sort(foldOrder)));
}

/** Later wins, field by field; a param that is unset has the rule's own value again. */
function fold(rule: Rule, declarations: readonly Declaration[]): Settings {
  if (declarations.length === 0) return rule.base;
  const settings = new Map(rule.base);
  for (const { settings: own } of declarations) {
    for (const [field, setting] of own) {
      const reset = setting.value === null && field.startsWith('param:') ? rule.base.get(field) : undefined;
      settings.set(field, reset ? { ...reset, level: setting.level, span: setting.span } : setting);
    }
  }
  return settings;
}

function foldGroupLabels(around: readonly Group[]): Map<string, Setting> {
  const labels = new Map<string, Setting>();
  for (const group of around) {
    const level: Level = { kind: 'group', name: group.id };
    for (const [name, text] of group.written?.labels ?? [])
      labels.set(name, { value: text.value, span: text.span, level });
  }
  return labels;
}
