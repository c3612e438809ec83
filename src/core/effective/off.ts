import { fromMatcher } from '../../promql/constraint.ts';
import { hasLabel } from '../../promql/label-names.ts';
import { matcherText } from '../../promql/matcher.ts';
import { authorMatchers } from '../../promql/selector-region.ts';
import type { RuleCell } from '../cascade/cell.ts';
import type { Span } from '../ground/source.ts';
import type { Subject } from '../ground/subject.ts';
import { residual } from '../ground/subject.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';
import type { Setting } from '../model/rule.ts';
import type { Effective } from './effective.ts';
import { watches } from './effective.ts';

/** Why a rule is not in effect for a subject. */
export interface Off {
  readonly resolved: ResolvedRule;
  readonly why: 'disabled' | 'only' | 'except' | 'other-series' | 'no-target';
  /** For people: one sentence without its full stop. */
  readonly reason: string;
  /** The line to blame. */
  readonly span: Span;
}

/** The rules that are not among those in effect for a subject, each with the reason. */
export function rulesOff(program: Program, subject: Subject, on: readonly Effective[]): Off[] {
  const there = new Set(on.map((e) => e.resolved));
  return program.rules.flatMap((resolved) => (there.has(resolved) ? [] : offReason(resolved, program, subject)));
}

/** Why one rule has no instance that watches the subject. */
export function offReason(resolved: ResolvedRule, program: Program, subject: Subject): Off {
  const { cascade, leftOut } = resolved;
  const cells = cascade.cells.filter((cell) => residual(cell.region, subject));
  const cell = cells.find((c) => !c.applies) ?? cells.find((c) => !c.enabled) ?? cells.find((c) => leftOut.includes(c));
  return (cell && offInCell(resolved, cell, program)) ?? otherSeries(resolved, subject);
}

/** Why a rule is not in effect for a subject in a cell that it may be in; undefined where it is. */
export function offIn(resolved: ResolvedRule, cell: RuleCell, program: Program, subject: Subject): Off | undefined {
  const off = offInCell(resolved, cell, program);
  if (off) return off;
  const instance = resolved.instances.find((i) => i.cell.region === cell.region);
  return instance && watches(resolved, instance, subject) ? undefined : otherSeries(resolved, subject);
}

/** Why a cell has no instance that watches anybody. */
function offInCell(resolved: ResolvedRule, cell: RuleCell, program: Program): Off | undefined {
  if (!cell.applies) return outOfScope(resolved, cell, program);
  if (!cell.enabled) return disabled(resolved, cell, program);
  if (!resolved.leftOut.includes(cell)) return undefined;
  const reason = 'it fires where nothing is found, and the inventory has no target of it here: it would fire for ever';
  return { resolved, why: 'no-target', reason, span: resolved.rule.expr.span };
}

function otherSeries(resolved: ResolvedRule, subject: Subject): Off {
  const { context } = resolved;
  const contradictions = new Set<string>();
  for (const { shape: of } of resolved.instances.slice(0, 1)) {
    for (const selector of of.selectors) {
      const { kept } = context.labelsOf(selector);
      for (const m of authorMatchers(selector, of.holes)) {
        if (!hasLabel(kept, m.label) || subject.holds(m.label, fromMatcher(m)) !== false) continue;
        contradictions.add(`${matcherText(m)} (here ${valueText(subject.value(m.label))})`);
        break;
      }
    }
  }
  const what = [...contradictions].slice(0, 3).join(' and ');
  const reason = what === '' ? 'no selector of it finds series of this target' : `it looks at ${what}`;
  return { resolved, why: 'other-series', reason, span: context.shapes.text.span };
}

const valueText = (value: string | undefined): string =>
  value === undefined ? 'another' : value === '' ? 'absent' : JSON.stringify(value);

function outOfScope(resolved: ResolvedRule, cell: RuleCell, { declared }: Program): Off {
  const { rule } = resolved;
  const groups = new Set(cell.declarations.map((d) => d.group));
  const barred = declared.except(rule).find((g) => groups.has(g));
  if (barred) {
    const named = rule.except?.find((name) => name.value === barred.id);
    return { resolved, why: 'except', reason: `it is not for "${barred.id}" (except)`, span: named?.span ?? rule.span };
  }
  const only = declared.only(rule) ?? [];
  const list = only.map((g) => `"${g.id}"`).join(', ');
  return {
    resolved,
    why: 'only',
    reason: `it is only for ${list || 'groups that there are not'}`,
    span: rule.only?.[0]?.span ?? rule.span,
  };
}

function disabled(resolved: ResolvedRule, cell: RuleCell, program: Program): Off {
  const { rule } = resolved;
  const setting = cell.settings.get('enabled');
  const who = setting ? saidBy(setting, cell) : 'the rule itself';
  const why = setting && disabledReason(setting, program);
  return { resolved, why: 'disabled', reason: `disabled by ${who}${why ?? ''}`, span: setting?.span ?? rule.span };
}

function saidBy({ level }: Setting, cell: RuleCell): string {
  if (level.kind === 'group') return `"${level.name}"`;
  if (level.kind === 'rule') return 'the rule itself';
  if (level.kind === 'case') return `case "${level.name}" of "${cell.declarations.at(-1)?.group.id ?? ''}"`;
  return `its ${level.kind} "${level.name}"`;
}

/** `reason` and `until` of the entry of `disabled` that a setting comes from. */
export function disabledReason({ span, level }: Setting, { tree }: Pick<Program, 'tree'>): string | undefined {
  if (level.kind !== 'group') return undefined;
  const entries = tree.byId.get(level.name)?.written?.disabled ?? [];
  const entry = entries.find((d) => d.rule.span.file === span.file && d.rule.span.start === span.start);
  const until = entry?.until ? ` until ${entry.until.value}` : '';
  return entry ? `${until}${entry.reason === undefined ? '' : `: ${entry.reason}`}` : undefined;
}
