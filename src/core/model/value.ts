/** The typed values of params, and how they are compared. */

export const PARAM_TYPES = ['number', 'duration', 'string', 'regex', 'list', 'boolean', 'enum'] as const;
export type ParamType = (typeof PARAM_TYPES)[number];

/** A value of a param. `duration` keeps what was written beside its milliseconds. */
export type Value =
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'duration'; readonly ms: number; readonly text: string }
  | { readonly type: 'string' | 'regex' | 'enum'; readonly value: string }
  | { readonly type: 'list'; readonly items: readonly string[] }
  | { readonly type: 'boolean'; readonly value: boolean };

/** A key that is equal exactly where two values mean the same (90 = 90.0, 5m = 300s). */
export function valueKey(value: Value): string {
  switch (value.type) {
    case 'number':
      return `n${value.value}`;
    case 'duration':
      return `d${value.ms}`;
    case 'list':
      return `l${JSON.stringify(value.items)}`;
    case 'boolean':
      return `b${value.value}`;
    default:
      return `${value.type[0]}${JSON.stringify(value.value)}`;
  }
}

/** The value as plain JSON, for reports: numbers and booleans as such, durations as written. */
export function valueJson(value: Value): number | string | boolean | readonly string[] {
  switch (value.type) {
    case 'duration':
      return value.text;
    case 'list':
      return value.items;
    default:
      return value.value;
  }
}

/** The value as a person writes it; numbers in their shortest decimal form, as PromQL takes them. */
export function valueText(value: Value): string {
  switch (value.type) {
    case 'number':
      return numberText(value.value);
    case 'duration':
      return value.text;
    case 'list':
      return value.items.join(', ');
    default:
      return String(value.value);
  }
}

/** A number as PromQL and YAML read it: shortest form, `+Inf`, `-Inf`, `NaN` by Prometheus' names. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  if (Object.is(value, -0)) return '0';
  return String(value).replace('e+', 'e');
}
