import { hasLabel } from '../../promql/label-names.ts';
import { fieldName } from '../cascade/conflict.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { subSpan } from '../ground/scalar-map.ts';
import type { Located, Span } from '../ground/source.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';
import type { Declaration } from '../lookup/declaration.ts';
import type { Setting } from '../model/rule.ts';

/** Settings of groups that never have an effect, because others always win. */
export function checkEffect({ rules, declared }: Program): Diagnostic[] {
  const doubted = rules.flatMap((resolved) => {
    const { partition, thresholds, isWhole } = resolved.cascade;
    if (thresholds && isWhole && partition.eachIsLast) return [];
    const last = lastOf(resolved);
    const left = declared.of(resolved.rule).filter((d) => !last.has(d));
    return left.some((d) => d.number !== undefined || d.settings.size > 0)
      ? [{ rule: resolved.rule, cascade: resolved.cascade, left }]
      : [];
  });
  if (doubted.length === 0) return [];
  // What was written once has one span object, however many rules and cells it reaches.
  const winners = new Set<Span>();
  for (const { cascade } of rules) {
    for (const cell of cascade.cells)
      if (cell.applies) for (const setting of cell.settings.values()) winners.add(setting.span);
  }
  const losers = new Map<Span, Diagnostic>();
  for (const { rule, cascade, left } of doubted) {
    for (const { group, settings } of left) {
      for (const [field, setting] of settings) {
        if (winners.has(setting.span) || losers.has(setting.span)) continue;
        const cell = cascade.cells.find((c) => c.applies && c.declarations.some((d) => d.group === group));
        const winner = cell?.settings.get(field);
        losers.set(setting.span, describe(rule.id, group.id, field, setting, winner));
      }
    }
  }
  return [...losers.values()];
}

/**
 * The declarations that are the last to speak in some cell: all that they say holds there. That is so of nearly all;
 * of the others it has to be looked up.
 */
function lastOf({ cascade }: ResolvedRule): ReadonlySet<Declaration> {
  const { speaking, partition, cell } = cascade;
  const last = new Set<Declaration>();
  partition.cells.forEach(({ members }, i) => {
    const d = speaking[members.at(-1) ?? -1];
    if (!d || last.has(d)) return;
    // Where more speak than made the cell, these may come later.
    const isNumber = cascade.thresholds?.isSet(i) === true;
    if (isNumber || (cell(i).applies && cell(i).declarations.at(-1) === d)) last.add(d);
  });
  return last;
}

function describe(
  rule: string,
  group: string,
  field: string,
  setting: Setting,
  winner: Setting | undefined,
): Diagnostic {
  const why = winner ? 'something else wins wherever it would apply' : `"${rule}" is not for any target of "${group}"`;
  return diagnostic(
    'no-effect',
    setting.span,
    `What "${group}" says of ${fieldName(field)} of rule "${rule}" never has an effect: ${why}.`,
    {
      help: winner
        ? 'remove it, or give the group a higher `priority`'
        : 'remove it, or see `only` and `except` of the rule',
      notes: winner && winner !== setting ? [{ message: `this wins ("${winner.level.name}")`, span: winner.span }] : [],
    },
  );
}

/** Matchers of the author's on labels that series of our own recording rules lack. */
export function checkLabels({ rules }: Program): Diagnostic[] {
  return rules.flatMap(missing);
}

/** Where a piece of an expression was written; all of it where the piece was put together. */
function spanOf(expr: Located<string>, piece: string): Span {
  const at = piece === '' ? -1 : expr.value.indexOf(piece);
  return at < 0 ? expr.span : subSpan(expr, at, at + piece.length);
}

function missing({ rule, context, samples }: ResolvedRule): Diagnostic[] {
  const shape = samples[0]?.shape;
  for (const selector of shape?.selectors ?? []) {
    const { carried } = context.labelsOf(selector);
    for (const m of selector.matchers) {
      if (m.label === '__name__' || hasLabel(carried, m.label)) continue;
      const effect = m.op === '=' || m.op === '=~' ? 'finds nothing' : 'excludes nothing';
      return [
        diagnostic(
          'missing-label',
          spanOf(rule.expr, shape?.sample.slice(m.from, m.to) ?? ''),
          `In "${rule.id}" the matcher on "${m.label}" ${effect}: the recording rule that makes ${selector.name ?? 'these series'} drops that label.`,
          {
            help: `keep "${m.label}" in the recording rule, or remove the matcher`,
          },
        ),
      ];
    }
  }
  return [];
}
