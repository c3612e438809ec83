import type { PromqlProblem, Range, VectorSelector } from './ast.ts';
import { regexMatches, regexProblem } from './regex.ts';

/** Takes what is wrong with a piece of an expression, and how to mend it. */
export type Report = (range: Range, message: string, help: string, kind?: PromqlProblem['kind']) => void;

/**
 * Checks a selector: regexes that RE2 reads, one name at most, and one matcher at least that demands something
 * (unless `mayMatchAll`).
 */
export function checkSelector(expr: VectorSelector, report: Report, mayMatchAll: boolean): void {
  let demands = expr.name !== undefined && expr.name !== '';
  // A name in quotes is one matcher among others; one in front of the braces forbids all others on the name.
  const nameInFront = expr.nameRange?.from === expr.core.from;
  for (const matcher of expr.matchers) {
    const isRegex = matcher.op === '=~' || matcher.op === '!~';
    const problem = isRegex ? regexProblem(matcher.value) : undefined;
    if (problem !== undefined) {
      const message = `This is no regular expression that Prometheus reads (RE2): ${problem}.`;
      report(matcher.valueRange, message, patternHelp(matcher.value), 'syntax');
      demands = true;
      continue;
    }
    if (matcher.label === '__name__' && nameInFront) {
      const message = `The metric’s name is set twice: \`${expr.name}\` and \`${matcher.value}\`.`;
      report(matcher, message, 'Remove one.');
    }
    // Asked last: a regex is slow to run.
    demands ||= !matchesEmpty(matcher.op, matcher.value);
  }
  if (demands || mayMatchAll) return;
  const message =
    expr.matchers.length === 0
      ? 'This selector has neither a name nor a matcher.'
      : 'Every matcher of this selector also matches series without the label, so it would select all there are.';
  const help = 'Name the metric, or add a matcher that demands something, such as `job="node"` or `label=~".+"`.';
  report(expr.core, message, help);
}

function matchesEmpty(op: string, value: string): boolean {
  switch (op) {
    case '=':
      return value === '';
    case '!=':
      return value !== '';
    case '=~':
      return regexMatches(value, '');
    default:
      return !regexMatches(value, '');
  }
}

function patternHelp(pattern: string): string {
  if (/\(\?[=!<]/.test(pattern))
    return 'RE2 has neither lookahead nor lookbehind; use a second matcher, `!~` for instance.';
  if (/^[*+?]/.test(pattern)) return 'This is no glob: `.*` stands for any text.';
  return 'The syntax is RE2’s. Escape a character with a doubled backslash, such as `\\\\.`, or write it in brackets: `[.]`.';
}
