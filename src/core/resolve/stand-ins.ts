import type { Param } from '../model/params.ts';
import type { Rule } from '../model/rule.ts';
import type { Value } from '../model/value.ts';

/** A rule's own values; where a param has none, one of its type: enough to see what the expression is. */
export function standInValues(rule: Rule): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const [name, param] of rule.params) {
    const own = rule.base.get(`param:${name}`)?.value;
    values.set(name, own && typeof own === 'object' ? own : standIn(param));
  }
  return values;
}

function standIn({ type, min, values }: Param): Value {
  switch (type) {
    case 'number':
      return { type, value: min ?? 1 };
    case 'duration':
      return { type, ms: 300_000, text: '5m' };
    case 'list':
      return { type, items: ['x'] };
    case 'boolean':
      return { type, value: false };
    case 'enum':
      return { type, value: values?.[0] ?? 'x' };
    default:
      return { type, value: 'x' };
  }
}
