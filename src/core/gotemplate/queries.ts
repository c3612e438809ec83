import { goString } from './constants.ts';
import { lexGoTemplate } from './lex.ts';

/** A query that stands in a template as a text of its own. */
export interface LiteralQuery {
  readonly text: string;
  /** Offsets of the literal in the template, quotes included. */
  readonly from: number;
  readonly to: number;
}

/** The queries of a template that are known as they stand: `query "up"`, `"up" | query`. */
export function literalQueries(template: string): LiteralQuery[] {
  if (!template.includes('query')) return [];
  const tokens = lexGoTemplate(template).filter(({ type }) => type !== 'space');
  return tokens.flatMap((token, at) => {
    if (token.type !== 'string') return [];
    const [before, after, next] = [tokens[at - 1], tokens[at + 1], tokens[at + 2]];
    const isFirst =
      before?.type === 'left' || before?.type === 'open' || /^(?:assign|declare)$/.test(before?.type ?? '');
    const piped = isFirst && after?.type === 'pipe' && next?.text === 'query';
    const text = before?.text === 'query' || piped ? goString(token.text) : undefined;
    return text === undefined ? [] : [{ text, from: token.from, to: token.to }];
  });
}
