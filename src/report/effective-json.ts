import type { Why, WhySetting } from '../core/effective-why.ts';
import type { FieldValue, Setting } from '../core/rule.ts';
import { lineRef } from '../core/source.ts';
import { valueJson } from '../core/value.ts';

/** The cascade of one rule as JSON; `value` null unsets. */
export function whyJson({ resolved, cell, condition, levels, silent }: Why): object {
  return {
    id: resolved.rule.id,
    name: resolved.rule.name.value,
    condition,
    source_id: cell.owner,
    in_effect: cell.applies && cell.enabled,
    settings: [...cell.settings].map(([field, setting]) => settingJson(field, setting)),
    levels: levels.map(({ level, group, span, match, said, unreached }) => ({
      kind: level.kind,
      name: level.name,
      group_id: group?.id ?? null,
      priority: group?.priority ?? null,
      origin: lineRef(span),
      match: match ?? null,
      reaches: !unreached,
      said: said.map(saidJson),
    })),
    silent_groups: silent.map((group) => group.id),
  };
}

const settingJson = (field: string, { value, span, level }: Setting): object => ({
  field,
  value: plain(value),
  level: { kind: level.kind, name: level.name },
  origin: lineRef(span),
});

function saidJson({ field, setting, overriddenBy }: WhySetting): object {
  const by = overriddenBy && { level: overriddenBy.level, origin: lineRef(overriddenBy.span) };
  return { field, value: plain(setting.value), origin: lineRef(setting.span), overridden_by: by ?? null };
}

const plain = (value: FieldValue): unknown => (typeof value === 'object' && value !== null ? valueJson(value) : value);
