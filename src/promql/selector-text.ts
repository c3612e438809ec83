import { readString } from './literals.ts';
import type { LabelMatcher, MatchOp } from './matcher.ts';

/** A matcher of a selector's text; offsets are half-open, into that text. */
export interface TextMatcher {
  readonly matcher: LabelMatcher;
  readonly from: number;
  readonly to: number;
  readonly valueFrom: number;
  readonly valueTo: number;
}

export interface SelectorProblem {
  readonly message: string;
  readonly from: number;
  readonly to: number;
  readonly help?: string;
}

const EXAMPLE = 'For instance: `{env=~"prod|live",site!="lab"}`.';

/**
 * The matchers of a selector `{label="value", …}` without a metric name, as PromQL reads it:
 * three kinds of quotes, escapes, quoted label names, a comma at the end. Reading stops at the
 * first problem; the matchers before it are kept. Regexes and names are not checked here.
 */
export function parseSelector(text: string): { matchers: TextMatcher[]; problems: SelectorProblem[] } {
  const matchers: TextMatcher[] = [];
  let at = skipSpace(text, 0);
  const fail = (message: string, from: number, to: number, help: string = EXAMPLE) => ({
    matchers,
    problems: [{ message, from, to: Math.max(from, Math.min(to, text.length)), help }],
  });
  if (text[at] !== '{') {
    const name = wordAt(text, at, /[^{\s]*/y);
    const metric = text.includes('{') && !/[=!~]/.test(name);
    return metric
      ? fail(
          `A group matches targets, so the metric \`${name}\` has no place here.`,
          at,
          at + name.length,
          'Write the braces alone.',
        )
      : fail('A selector stands in braces.', at, text.length);
  }
  at = skipSpace(text, at + 1);
  while (text[at] !== '}') {
    if (at >= text.length)
      return fail(
        'The brace that opens the selector is not closed.',
        text.indexOf('{'),
        text.indexOf('{') + 1,
        'Add a `}`.',
      );
    const from = at;
    const quoted = stringAt(text, at);
    const bare = wordAt(text, at, /[a-zA-Z_][a-zA-Z0-9_]*/y);
    if (quoted && 'problem' in quoted) return fail(quoted.problem, quoted.from, quoted.to, quoted.help);
    if (!quoted && bare === '') return fail('A label name belongs here.', at, at + 1);
    const label = quoted ? quoted.value : bare;
    at = skipSpace(text, quoted ? quoted.to : at + bare.length);
    const op = wordAt(text, at, /=~|!~|!=|=/y) as MatchOp | '';
    if (op === '') return fail(`One of \`=\`, \`!=\`, \`=~\`, \`!~\` belongs behind \`${label}\`.`, at, at + 1);
    if (/^={2}/.test(text.slice(at))) return fail('A matcher has one `=`.', at, at + 2);
    at = skipSpace(text, at + op.length);
    const value = stringAt(text, at);
    if (!value)
      return fail(
        `The value of \`${label}\` must stand in quotes.`,
        at,
        Math.max(at + 1, at + wordAt(text, at, /[^,}\s]*/y).length),
      );
    if ('problem' in value) return fail(value.problem, value.from, value.to, value.help);
    matchers.push({ matcher: { label, op, value: value.value }, from, to: value.to, valueFrom: at, valueTo: value.to });
    at = skipSpace(text, value.to);
    if (text[at] === ',') at = skipSpace(text, at + 1);
    else if (text[at] !== '}' && at < text.length)
      return fail('A comma or a `}` belongs between matchers.', at, at + 1);
  }
  const rest = skipSpace(text, at + 1);
  if (rest < text.length) return fail('Nothing may stand behind the braces of the selector.', rest, text.length);
  return { matchers, problems: [] };
}

type StringAt = { value: string; to: number } | { problem: string; help?: string; from: number; to: number };

/** The string literal at an offset; undefined where none starts there. */
function stringAt(text: string, at: number): StringAt | undefined {
  const quote = text[at];
  if (quote !== '"' && quote !== "'" && quote !== '`') return undefined;
  let end = at + 1;
  while (end < text.length && text[end] !== quote) {
    if (text[end] === '\n' && quote !== '`') break;
    end += text[end] === '\\' && quote !== '`' ? 2 : 1;
  }
  if (end >= text.length || text[end] !== quote)
    return { problem: 'The quotes are not closed.', from: at, to: text.length };
  const read = readString(text.slice(at, end + 1));
  if ('value' in read) return { value: read.value, to: end + 1 };
  return { problem: read.problem, help: read.help, from: at + read.at, to: at + read.at + read.length };
}

function wordAt(text: string, at: number, pattern: RegExp): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

function skipSpace(text: string, at: number): number {
  return at + wordAt(text, at, /(?:\s|#[^\n]*)*/y).length;
}
