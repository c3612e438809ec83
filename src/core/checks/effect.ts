import { hasLabel } from '../../promql/label-names.ts';
import { fieldName } from '../conflict.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { diagnostic } from '../diagnostic.ts';
import type { Program, ResolvedRule } from '../resolve.ts';
import type { Setting } from '../rule.ts';
import { subSpan } from '../scalar-map.ts';
import type { Located, Span } from '../source.ts';

/** Settings of groups that never have an effect, because others always win. */
export function checkEffect({ rules, declared }: Program): Diagnostic[] {
  // What was written once has one span object, however many rules and cells it reaches.
  const winners = new Set<Span>();
  for (const { cascade } of rules) {
    for (const cell of cascade.cells)
      if (cell.applies) for (const setting of cell.settings.values()) winners.add(setting.span);
  }
  const losers = new Map<Span, Diagnostic>();
  for (const { rule, cascade } of rules) {
    for (const { group, settings } of declared.of(rule)) {
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

function missing({ rule, context, instances }: ResolvedRule): Diagnostic[] {
  const shape = instances[0]?.shape;
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
