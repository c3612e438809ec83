import { regexQuote } from './regex.ts';

/** A label matcher as Prometheus writes it: `label op "value"`; regexes are RE2 and anchored. */
export interface LabelMatcher {
  readonly label: string;
  readonly op: MatchOp;
  readonly value: string;
}
export type MatchOp = '=' | '!=' | '=~' | '!~';

/** A string literal of PromQL in double quotes. */
export function quote(value: string): string {
  return JSON.stringify(value);
}

/** A label's name as it stands in a matcher or a list of labels: UTF-8 names in quotes. */
export const labelText = (label: string): string => (/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label) ? label : quote(label));

export function matcherText({ label, op, value }: LabelMatcher): string {
  return `${labelText(label)}${op}${quote(value)}`;
}

/** The matcher of any of several values: `=` for one, else an alternation of them as they are. */
export function anyOf(values: readonly string[]): Pick<LabelMatcher, 'op' | 'value'> {
  const [first = '', ...others] = new Set(values);
  if (others.length === 0) return { op: '=', value: first };
  return { op: '=~', value: [first, ...others].map(regexQuote).join('|') };
}
