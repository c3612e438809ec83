import { lex, type Token } from '../../promql/lex.ts';
import { readString } from '../../promql/literals.ts';
import { parse } from '../../promql/parse.ts';
import { isKeyword, tokenKey } from '../../promql/piece.ts';
import { selectorsOf } from '../../promql/selectors.ts';

/** Tokens in a row that are looked at; longer ones nobody would type. */
const LONGEST = 6;
/** Of each expression so many pieces are proposed. */
const MOST = 3;

/**
 * Pieces that one of several expressions has and no other, the best first; by the place of the expression. `words` are
 * names and labels' values; `all` are tokens in a row as well, at last the whole text.
 */
export function tellingPieces(exprs: readonly string[], kind: 'words' | 'all'): (index: number) => readonly string[] {
  const candidates = exprs.map((text) => (kind === 'words' ? wordsOf(text) : rowsOf(text)));
  const counts = new Map<string, number>();
  for (const own of candidates)
    for (const key of new Set(own.map((one) => one.key))) counts.set(key, (counts.get(key) ?? 0) + 1);
  return (index) => {
    const own = (candidates[index] ?? []).filter(({ key }) => counts.get(key) === 1);
    const best = own.sort((a, b) => a.rank - b.rank).slice(0, MOST);
    return [...best.map(({ text }) => text), ...(kind === 'all' ? wholeOf(exprs[index] as string) : [])];
  };
}

interface Candidate {
  readonly text: string;
  /** Equal where the pieces are. */
  readonly key: string;
  /** Lower is better. */
  readonly rank: number;
}

/** Metrics, then labels' values, then other words. */
function wordsOf(text: string): Candidate[] {
  const { expr } = parse(text);
  const metrics = new Set(expr ? selectorsOf(expr).map(({ name }) => name) : []);
  return tokensOf(text).flatMap((token): Candidate[] => {
    if (token.kind === 'word') {
      const rank = metrics.has(token.text) ? 0 : isKeyword(token.text.toLowerCase()) ? 3 : 2;
      return [{ text: token.text, key: token.text, rank }];
    }
    const read = token.kind === 'string' ? readString(token.text) : undefined;
    if (!read || !('value' in read) || !PLAIN.test(read.value)) return [];
    return [{ text: read.value, key: read.value, rank: metrics.has(read.value) ? 0 : 1 }];
  });
}

/** A value that can be written without quotes. */
const PLAIN = /^[A-Za-z_/][\w/.:@-]*$/;

/** Tokens in a row without a torn bracket: those without numbers first, then the shorter ones. */
function rowsOf(text: string): Candidate[] {
  const tokens = tokensOf(text);
  const found: Candidate[] = [];
  for (let from = 0; from < tokens.length; from++) {
    for (let to = from + 1; to <= Math.min(tokens.length, from + LONGEST); to++) {
      const row = tokens.slice(from, to);
      if (!isBalanced(row) || row.some((t) => t.text.includes('\n')) || !row.some(says)) continue;
      const numbers = row.filter(({ kind }) => kind === 'number' || kind === 'duration').length;
      // A number alone says little: better with the sign in front of it.
      if (to - from === 1 && numbers > 0) continue;
      found.push({
        text: printed(row, text),
        key: row.map(tokenKey).join('\0'),
        rank: numbers * LONGEST * 2 + to - from,
      });
    }
  }
  return found;
}

const says = ({ kind }: Token): boolean => kind !== 'sign';

function wholeOf(text: string): readonly string[] {
  const tokens = tokensOf(text);
  return tokens.length === 0 || tokens.some((t) => t.text.includes('\n')) ? [] : [`^${printed(tokens, text)}$`];
}

function isBalanced(row: readonly Token[]): boolean {
  const open: string[] = [];
  for (const { kind, text } of row) {
    if (kind !== 'sign') continue;
    if (Object.hasOwn(CLOSING, text)) open.push(CLOSING[text] as string);
    else if (')]}'.includes(text) && open.pop() !== text) return false;
  }
  return open.length === 0;
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** The tokens on one line, with a space wherever there was any between them. */
function printed(row: readonly Token[], text: string): string {
  const parts = row.map(
    (token, i) => (i > 0 && token.from > (row[i - 1] as Token).to ? ' ' : '') + text.slice(token.from, token.to),
  );
  return parts.join('');
}

const tokensOf = (text: string): Token[] => lex(text).filter(({ kind }) => kind !== 'end' && kind !== 'error');
