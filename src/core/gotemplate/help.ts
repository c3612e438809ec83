import { suggest } from '../ground/suggest.ts';
import type { Cursor } from './cursor.ts';
import { GO_FUNCTIONS, NOT_HERE } from './functions.ts';
import type { GoToken } from './lex.ts';
import type { FieldName, Term } from './tree.ts';

/** What to write instead of what Go's parser refuses. */

export function wrongTokenHelp(token: GoToken): string | undefined {
  if (token.type === 'char' && /[<>!&*/%+]/.test(token.text)) {
    return 'Templates have no operators: write `gt $value 3.0`, `eq $labels.job "x"`, `and a b`; arithmetic belongs in the expression.';
  }
  if (token.type === 'assign')
    return 'Compare by `eq $labels.job "x"`, numbers by `gt $value 3.0`; declare a variable by `$x := …`.';
  if (token.type === 'char' && token.text === '{') return 'An action is closed by `}}` before another one begins.';
  return undefined;
}

export function afterOperandHelp(token: GoToken): string | undefined {
  if (token.type === 'end of text' || token.type === 'error') return undefined;
  return wrongTokenHelp(token) ?? 'Arguments are separated by spaces.';
}

const COMPARISONS: Readonly<Record<string, string>> = {
  '>': 'gt',
  '<': 'lt',
  '>=': 'ge',
  '<=': 'le',
  '==': 'eq',
  '!=': 'ne',
};

interface Left {
  readonly term: Term;
  readonly token: GoToken;
  readonly fields?: readonly FieldName[];
}

/** `$value > 3` as it has to be written. The cursor stands behind the sign that no command can hold. */
export function comparisonHelp(cursor: Cursor, { term, token, fields = [] }: Left): string | undefined {
  let at = cursor.at - 1;
  let sign = '';
  for (; /^[<>=!]$/.test(cursor.tokens[at]?.text ?? ''); at++) sign += cursor.tokens[at]?.text;
  while (cursor.tokens[at]?.type === 'space') at++;
  const other = cursor.tokens[at];
  const name = COMPARISONS[sign];
  if (name === undefined || !other || !['number', 'string', 'variable'].includes(other.type)) return undefined;
  if (term.kind === 'parentheses' || term.kind === 'function') return undefined;
  const left = `${token.type === 'field' ? '' : token.text}${fields.map((field) => `.${field.name}`).join('')}`;
  // A value is a float64, and Go compares no float64 with an integer.
  const right = /^(\$value|.*\.Value)$/.test(left) && /^[+-]?\d+$/.test(other.text) ? `${other.text}.0` : other.text;
  return `Write \`${name} ${left} ${right}\`.`;
}

export function functionHelp(name: string): string {
  if (Object.hasOwn(NOT_HERE, name)) return NOT_HERE[name] as string;
  const near = suggest(name, GO_FUNCTIONS.keys());
  if (near) return `Did you mean \`${near}\`?`;
  return 'A label is written `$labels.name`, the value `$value`; a text stands in double quotes.';
}
