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
