import type { Copy } from './copy.ts';
import { withNumbers } from './texts.ts';

/** Annotations that differ between copies only in the threshold which they mention, as one template. */
export function textsWithThreshold(copies: readonly Copy[]): Map<string, { readonly text: string }> {
  const found = new Map<string, { readonly text: string }>();
  const [first] = copies;
  for (const name of first?.rule.annotations.keys() ?? []) {
    const texts = copies.map((c) => c.rule.annotations.get(name));
    if (new Set(texts).size === 1 || texts.some((t) => t === undefined)) continue;
    const templates = copies.map((c, i) => withThreshold(texts[i] as string, c));
    const [text] = templates;
    if (text !== undefined && templates.every((t) => t === text)) found.set(name, { text });
  }
  return found;
}

/** The text with its threshold as a hole, where it is a number of its own and outside of braces. */
function withThreshold(text: string, copy: Copy): string | undefined {
  const threshold = copy.places.find((p) => p.param.name === 'threshold');
  return threshold && withNumbers(text, [threshold]);
}
