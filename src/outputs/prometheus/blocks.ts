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

export function blocksOf(text: string): Blocks {
  const starts: number[] = [];
  /** Where the comments in front of a rule begin. */
  let comments: number | undefined;
  for (let at = 0; at < text.length; at = text.indexOf('\n', at) + 1 || text.length) {
    if (text.startsWith('      - alert: ', at) || text.startsWith('      - record: ', at)) starts.push(comments ?? at);
    comments = text.startsWith('      #', at) ? (comments ?? at) : undefined;
  }
  return {
    head: text.slice(0, starts[0] ?? text.length),
    rules: starts.map((start, i) => text.slice(start, starts[i + 1] ?? text.length)),
  };
}

/**
 * A text with the rules replaced in which two others, of which it holds a part, differ. Undefined where they differ
 * in more, or where what is to be replaced does not stand there exactly once.
 */
export function carryOver(text: string, before: string, after: string): string | undefined {
  const [old, now] = [blocksOf(before), blocksOf(after)];
  if (old.head !== now.head || old.rules.length !== now.rules.length) return undefined;
  let result = text;
  for (const [i, rule] of old.rules.entries()) {
    if (rule === now.rules[i]) continue;
    const places = placesOf(result, bare(rule));
    const [at] = places;
    if (at === undefined || places.length > 1) return undefined;
    result = result.slice(0, at) + bare(now.rules[i] as string) + result.slice(at + bare(rule).length);
  }
  return result;
}

/** A rule without the blank line behind it, which hangs on what follows: that may be another rule in the whole than in the part. */
const bare = (rule: string): string => rule.replace(/\n+(?: {2}- name: [\s\S]*)?$/, '');

/** Where a rule stands in a text, as a whole one. */
function placesOf(text: string, rule: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(rule); at >= 0; at = text.indexOf(rule, at + 1)) {
    const behind = text.slice(at + rule.length).match(/^\n*( *)/);
    // What a rule says further stands further in than its dash.
    const ends = text[at + rule.length] === '\n' && (behind?.[1]?.length ?? 0) <= 6;
    if (text[at - 1] === '\n' && ends) places.push(at);
  }
  return places;
}
