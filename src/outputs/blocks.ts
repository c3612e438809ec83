/**
 * A compiled rule file cut into the rules that it holds: what our own emitter writes, put together again, gives
 * the same text. Our rules begin with six spaces and a dash, their comments with six and a `#`; whatever a rule
 * says stands further in.
 */
export interface Blocks {
  /** What stands before the first rule. */
  readonly head: string;
  /** Each with its comments and all that follows up to the next rule. */
  readonly rules: readonly string[];
}

const RULE = /^ {6}- (?:alert|record): /;
const COMMENT = /^ {6}#/;

export function blocksOf(text: string): Blocks {
  const lines = text.split(/(?<=\n)/);
  const starts: number[] = [];
  for (const [number, line] of lines.entries()) {
    if (!RULE.test(line)) continue;
    let start = number;
    while (start > 0 && COMMENT.test(lines[start - 1] as string)) start--;
    starts.push(start);
  }
  return {
    head: lines.slice(0, starts[0] ?? lines.length).join(''),
    rules: starts.map((start, i) => lines.slice(start, starts[i + 1] ?? lines.length).join('')),
  };
}

/**
 * A text with the rules replaced in which two others, of which it holds a part, differ. Undefined where they differ
 * in more, or where what is to be replaced does not stand there exactly once.
 */
export function carryOver(text: string, before: string, after: string): string | undefined {
  const [old, now, whole] = [blocksOf(before), blocksOf(after), blocksOf(text)];
  if (old.head !== now.head || old.rules.length !== now.rules.length) return undefined;
  // The blank line behind a rule hangs on what follows it, which may be another rule in the whole than in the part.
  const bare = (rule: string): string => rule.replace(/\n+(?: {2}- name: [\s\S]*)?$/, '');
  const rules = [...whole.rules];
  for (const [i, rule] of old.rules.entries()) {
    const replacement = now.rules[i] as string;
    if (rule === replacement) continue;
    const places = whole.rules.flatMap((one, at) => (bare(one) === bare(rule) ? [at] : []));
    const [at] = places;
    if (at === undefined || places.length > 1) return undefined;
    const tail = (whole.rules[at] as string).slice(bare(rule).length);
    rules[at] = bare(replacement) + tail;
  }
  return whole.head + rules.join('');
}
