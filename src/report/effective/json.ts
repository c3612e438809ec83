import type { Why, WhySetting } from '../../core/effective/why.ts';
import { withoutLine } from '../../core/effective/without.ts';
import { lineRef } from '../../core/ground/source.ts';
import type { FieldValue, Setting } from '../../core/model/rule.ts';
import { valueJson } from '../../core/model/value.ts';

/** The cascade of one rule as JSON; `value` null unsets. */
export function whyJson(why: Why): object {
  const { resolved, cell, condition, off, levels, silent } = why;
  return {
    id: resolved.rule.id,
    name: resolved.rule.name.value,
    condition,
    source_id: cell.owner,
    in_effect: off === undefined,
    not_in_effect: off ? { why: off.why, reason: off.reason, origin: lineRef(off.span) } : null,
    settings: [...cell.settings].map(([field, setting]) => {
      const without = withoutLine(why, field);
      return { field, ...settingJson(setting), without: without ? settingJson(without) : null };
    }),
    levels: levels.map(({ level, group, span, match, said, wide, unreached }) => ({
      kind: level.kind,
      name: level.name,
      group_id: group?.id ?? null,
      priority: group?.priority ?? null,
      origin: lineRef(span),
      match: match ?? null,
      group_wide: wide,
      reaches: !unreached,
      said: said.map(saidJson),
    })),
    silent_groups: silent.map((group) => group.id),
  };
}

const settingJson = ({ value, span, level }: Setting): object => ({
  value: plain(value),
  level: { kind: level.kind, name: level.name },
  origin: lineRef(span),
});

function saidJson({ field, setting, overriddenBy }: WhySetting): object {
  const by = overriddenBy && { level: overriddenBy.level, origin: lineRef(overriddenBy.span) };
  return { field, value: plain(setting.value), origin: lineRef(setting.span), overridden_by: by ?? null };
}

const plain = (value: FieldValue): unknown => (typeof value === 'object' && value !== null ? valueJson(value) : value);
