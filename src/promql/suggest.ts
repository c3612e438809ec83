/** "Did you mean": the known word that is nearest to one that nobody knows. */

/**
 * The candidate that `word` most likely meant; undefined where none is near. Of those that are equally
 * near the one of the same letters, as after a swap, then the one that starts alike, then the first in the alphabet.
 */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  const limit = Math.min(4, Math.max(1, Math.floor(word.length / 3)));
  let best: Near | undefined;
  for (const candidate of candidates) {
    if (candidate === word || Math.abs(candidate.length - word.length) > limit) continue;
    const text = candidate.toLowerCase();
    const distance = editDistance(wanted, text, limit);
    if (distance > limit || (best && distance > best.distance)) continue;
    const near: Near = { candidate, distance, swapped: letters(wanted) === letters(text), start: start(wanted, text) };
    if (!best || isNearer(near, best)) best = near;
  }
  return best?.candidate;
}

interface Near {
  readonly candidate: string;
  readonly distance: number;
  /** It has the same letters in another order. */
  readonly swapped: boolean;
  /** How many letters it starts alike. */
  readonly start: number;
}

function isNearer(a: Near, b: Near): boolean {
  if (a.distance !== b.distance) return a.distance < b.distance;
  if (a.swapped !== b.swapped) return a.swapped;
  return a.start === b.start ? a.candidate < b.candidate : a.start > b.start;
}

const letters = (text: string): string => [...text].sort().join('');

function start(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** Names that a word is a whole part of, as `seoul` is of `site-seoul`; case does not matter. Shorter names first. */
export function suggestWhole(word: string, candidates: Iterable<string>): string[] {
  const wanted = word.toLowerCase();
  if (wanted.length < 3) return [];
  const found = [...candidates].filter((candidate) => candidate !== word && candidate.toLowerCase().includes(wanted));
  return found.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
}

/** Damerau–Levenshtein distance with adjacent swaps (in UTF-16 units); more than `limit` comes back as `limit + 1`. */
export function editDistance(a: string, b: string, limit: number = Number.POSITIVE_INFINITY): number {
  if (a.length > 200 || b.length > 200) return a === b ? 0 : limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        value = Math.min(value, at(beforeLast, j - 2) + 1);
      }
      row.push(value);
    }
    if (Math.min(...row) > limit) return limit + 1;
    beforeLast = last;
    last = row;
  }
  return Math.min(at(last, b.length), limit + 1);
}

function at(row: readonly number[], index: number): number {
  return row[index] as number;
}
