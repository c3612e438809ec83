import type { Change, ChangeKind, DiffReport } from '../../core/diff/report.ts';
import { few } from '../../core/diff/words.ts';
import { lineRef } from '../../core/ground/source.ts';
import { plural } from '../text.ts';

/** What the text and the Markdown of a report have in common: its parts, most important first, as rows. */

export interface Section {
  readonly title: string;
  /** How loud it is. */
  readonly tone: 'bad' | 'care' | 'good' | 'plain';
  readonly layout: 'cover' | 'setting' | 'restart' | 'sentence';
  readonly rows: readonly Row[];
}

/** Changes that one line of the sources made in the same way. */
export interface Row {
  readonly change: Change;
  readonly rules: readonly string[];
  readonly targets: readonly string[];
  readonly groups: readonly { readonly id: string; readonly targets: number }[];
  /** `file:line`, or "" where there is none. */
  readonly line: string;
}

interface SectionKind {
  readonly title: string;
  readonly tone: Section['tone'];
  readonly layout: Section['layout'];
  readonly kinds: readonly ChangeKind[];
}

const SECTIONS: readonly SectionKind[] = [
  { title: 'Does not compile', tone: 'bad', layout: 'sentence', kinds: ['refusal'] },
  { title: 'Targets lose cover', tone: 'bad', layout: 'cover', kinds: ['cover-lost', 'rule-removed'] },
  { title: 'Targets gain cover', tone: 'good', layout: 'cover', kinds: ['cover-gained'] },
  { title: 'Thresholds and other settings', tone: 'plain', layout: 'setting', kinds: ['setting'] },
  { title: 'Computed for other regions', tone: 'care', layout: 'sentence', kinds: ['fleet-wide'] },
  { title: 'Alerts start anew', tone: 'care', layout: 'restart', kinds: ['restart'] },
  {
    title: 'Rules and groups',
    tone: 'plain',
    layout: 'sentence',
    kinds: ['rule-added', 'rule-moved', 'expression', 'schedule', 'server', 'group-renamed'],
  },
  { title: 'Overlaps and warnings', tone: 'care', layout: 'sentence', kinds: ['overlap', 'warning'] },
  {
    title: 'Inventory',
    tone: 'plain',
    layout: 'sentence',
    kinds: ['target-removed', 'target-added', 'target-moved'],
  },
  { title: 'Annotations', tone: 'plain', layout: 'setting', kinds: ['annotation'] },
];

/** The sections that have something to say. */
export function sectionsOf(report: DiffReport): Section[] {
  return SECTIONS.flatMap(({ title, tone, layout, kinds }) => {
    const rows = rowsOf(inFiles(report.changes.filter((c) => kinds.includes(c.kind))));
    return rows.length === 0 ? [] : [{ title, tone, layout, rows }];
  });
}

const MOST_NEW_RULES = 8;

/** Where many rules are new, a file of them is one row. */
function inFiles(changes: readonly Change[]): readonly Change[] {
  const added = changes.filter((c) => c.kind === 'rule-added');
  if (added.length <= MOST_NEW_RULES) return changes;
  const files = new Map<string, Change[]>();
  for (const one of added) {
    const path = one.place?.span.file.path ?? '';
    files.set(path, [...(files.get(path) ?? []), one]);
  }
  const merged = [...files].map(([path, own]): Change => {
    const rules = own.flatMap((c) => c.rules);
    const targets = union(own.map((c) => c.affected.targets));
    const whom = targets.length === 0 ? '' : `, for ${plural(targets.length, 'target')}`;
    const message = `${plural(rules.length, 'rule')} of ${path} ${rules.length === 1 ? 'is' : 'are'} new${whom}: ${few(rules, 8)}.`;
    const { place: _, ...first } = own[0] as Change;
    return { ...first, message, rules, affected: { ...first.affected, targets } };
  });
  return [...merged, ...changes.filter((c) => c.kind !== 'rule-added')];
}

/** Rules that one line changes in the same way are one row; so a template's default isn't told ten times. */
function rowsOf(changes: readonly Change[]): Row[] {
  const rows = new Map<string, Change[]>();
  changes.forEach((c, i) => {
    const key = c.kind === 'setting' || c.kind === 'annotation' || c.kind === 'cover-lost' ? sameKey(c) : String(i);
    const own = rows.get(key);
    if (own) own.push(c);
    else rows.set(key, [c]);
  });
  return [...rows.values()].map((own) => {
    const change = own[0] as Change;
    const most = own.reduce((a, b) => (b.affected.targets.length > a.affected.targets.length ? b : a));
    const targets = own.length === 1 ? change.affected.targets : union(own.map((c) => c.affected.targets));
    return {
      change,
      rules: union(own.map((c) => c.rules)),
      targets,
      groups: most.affected.groups,
      line: change.place ? lineRef(change.place.span) : '',
    };
  });
}

function sameKey({ kind, field, old, new: now, why, group, place, affected, server }: Change): string {
  const at = place && [place.side, place.span.file.path, place.span.start];
  return JSON.stringify([kind, field, old, now, why, group, at, affected.condition, server]);
}

const union = (lists: readonly (readonly string[])[]): string[] => [...new Set(lists.flat())].sort();

/** What the headline says of a rule group's own fields. */
const SCHEDULE = [
  ['interval', 'evaluated at another interval'],
  ['query_offset', 'evaluated at another offset'],
  ['limit', 'under another limit'],
] as const;

/** The one line that says it all: what is worst comes first. */
export function headline(report: DiffReport): string {
  const { base, head, changes } = report;
  if (head.state === 'refused') return `The sources do not compile: ${plural(head.errors, 'error')}`;
  if (base.state === 'refused') return `Nothing to compare with: ${base.name} does not compile`;
  if (head.state === 'absent') return 'There are no rules any more';
  if (changes.length === 0) return 'No consequences: every target keeps its rules, settings and alerts';
  const of = (...kinds: ChangeKind[]): Change[] => changes.filter((c) => kinds.includes(c.kind));
  const whom = (some: readonly Change[], does: string, do_: string): string[] => {
    if (some.length === 0) return [];
    const n = new Set(some.flatMap((c) => c.affected.targets)).size;
    return n === 0 ? [] : [`${plural(n, 'target')} ${n === 1 ? does : do_}`];
  };
  const how = (n: number, word: string, verb: string): string[] => (n === 0 ? [] : [`${plural(n, word)} ${verb}`]);
  const rulesOf = (some: readonly Change[]): number => new Set(some.flatMap((c) => c.rules)).size;
  const rules = (...kinds: ChangeKind[]): number => rulesOf(of(...kinds));
  const parts = [
    ...whom(of('cover-lost', 'rule-removed'), 'loses cover', 'lose cover'),
    ...whom(of('cover-gained'), 'gains cover', 'gain cover'),
    ...whom(of('setting'), 'gets other settings', 'get other settings'),
    ...how(rules('fleet-wide'), 'rule', 'computed for other regions'),
    ...how(rules('restart'), 'alert', rules('restart') === 1 ? 'starts anew' : 'start anew'),
    ...how(rules('rule-added'), 'rule', 'added'),
    ...how(rules('rule-removed'), 'rule', 'removed'),
    ...how(rules('expression'), 'expression', rules('expression') === 1 ? 'changes' : 'change'),
    ...SCHEDULE.flatMap(([field, verb]) => how(rulesOf(of('schedule').filter((c) => c.field === field)), 'rule', verb)),
    ...how(of('warning').length, 'new warning', ''),
  ].map((part) => part.trim());
  if (parts.length > 0) return parts.slice(0, 4).join(', ');
  const only = changes.every((c) => c.kind === 'annotation');
  if (only) return 'Only annotations change';
  return `${plural(changes.length, 'change')}, and no target gets other rules or settings`;
}

/** Rules and evaluations before and after, targets: what is the same is said once. */
export function loadLine({ base, head, assumesInterval }: DiffReport): string {
  const both = (a: string, b: string): string => (a === b ? b : `${a} → ${b}`);
  const counted = (a: number, b: number, word: string): string =>
    `${both(String(a), String(b))} ${word}${b === 1 ? '' : 's'}`;
  const rate = (n: number): string => n.toFixed(n < 10 ? 2 : 1);
  const assumed = assumesInterval ? ' (rule groups without an interval counted at 1m)' : '';
  return [
    counted(base.rules, head.rules, 'compiled rule'),
    `${both(rate(base.evaluationsPerSecond), rate(head.evaluationsPerSecond))} evaluations per second${assumed}`,
    counted(base.targets, head.targets, 'target'),
  ].join(', ');
}

/** What is said of sides that are not what one expects. */
export function sideRemarks({ base, head, mended }: DiffReport): string[] {
  const errors = mended.filter((d) => d.severity === 'error').length;
  const warnings = mended.filter((d) => d.severity === 'warning').length;
  const done = [
    ...(errors > 0 ? [plural(errors, 'error')] : []),
    ...(warnings > 0 ? [plural(warnings, 'warning')] : []),
  ];
  return [
    ...(base.state === 'absent' ? ['There were no rules before: all is new.'] : []),
    ...(base.state === 'refused'
      ? [`${base.name} does not compile (${plural(base.errors, 'error')}), so that consequences can't be told.`]
      : []),
    ...(head.state === 'refused' ? ['What it would do can be told once it compiles.'] : []),
    ...(done.length > 0 ? [`${done.join(' and ')} mended.`] : []),
  ];
}
