import type { Statement } from './ast.ts';
import { isTemplated } from './scan.ts';

/** Words that mean more than a param's value, or that must be refused with the right message. */
const RESERVED =
  /^(?:and|block|call|caller|constructor|else|elif|elseif|extends|false|filter|for|from|if|import|in|include|is|loop|macro|none|None|not|null|or|range|raw|self|set|super|true|undefined|verbatim|.*__.*)$/;
const HOLE = /<< *([A-Za-z_][A-Za-z0-9_]*) *>>/g;
const MOST = 20_000; // UTF-16 units

/**
 * The body of a text whose only templates are `<< name >>`, which nearly all are: what nunjucks' lexer and parser would
 * make of it, at a fraction of their cost. Undefined for every other text.
 */
export function plainHoles(text: string): Statement[] | undefined {
  if (text.length > MOST) return undefined;
  const body: Statement[] = [];
  let at = 0;
  const put = (to: number): boolean => {
    if (to === at) return true;
    const between = text.slice(at, to);
    // What could be half of a delimiter is left to those who know.
    if (isTemplated(between) || /^[<>%#]|[<>%#]$|>>|%>/.test(between)) return false;
    body.push({ kind: 'text', text: between, from: at, to });
    return true;
  };
  for (const found of text.matchAll(HOLE)) {
    const [whole, name] = found as unknown as [string, string];
    if (RESERVED.test(name) || !put(found.index)) return undefined;
    const from = found.index + whole.indexOf(name);
    at = found.index + whole.length;
    const expr = { kind: 'name', name, from, to: from + name.length } as const;
    body.push({ kind: 'output', expr, from: found.index, to: at });
  }
  return at > 0 && put(text.length) ? body : undefined;
}
