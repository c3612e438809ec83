/**
 * Whether a path is one that Go's `filepath.Glob(pattern)` could give, as Prometheus uses it for `rule_files`: `*` and `?`
 * stay within one path element and match a leading dot, `[a-z]` and `[^a]` are classes, `\` takes the next character as
 * it is. A malformed pattern matches nothing (Prometheus refuses it). Pattern and path are both absolute or both
 * relative to the same directory; `.` and `..` in them are resolved by the text alone.
 */
export function goGlob(pattern: string, path: string): boolean {
  // What Go doesn't take for a pattern is a path: it is looked up as it is.
  if (!/[*?[\\]/.test(pattern)) return elements(pattern).join('/') === elements(path).join('/');
  const parts = elements(pattern).map(parseElement);
  const names = elements(path);
  if (pattern.startsWith('/') !== path.startsWith('/') || parts.length !== names.length) return false;
  return parts.every((part, index) => part !== undefined && matches(part, [...(names[index] ?? '')]));
}

/** One step of a pattern. `test` judges one character. */
type Step = { readonly any: true } | { readonly any: false; readonly test: (character: string) => boolean };

/** The elements of a path: doubled slashes and `.` say nothing. */
function elements(path: string): string[] {
  const result: string[] = [];
  for (const element of path.split('/')) {
    if (element === '' || element === '.') continue;
    if (element === '..' && result.length > 0 && result.at(-1) !== '..') result.pop();
    else result.push(element);
  }
  return result;
}

/** Undefined where the element is malformed. */
function parseElement(element: string): Step[] | undefined {
  const characters = [...element];
  const steps: Step[] = [];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] as string;
    if (character === '*') steps.push({ any: true });
    else if (character === '?') steps.push({ any: false, test: () => true });
    else if (character === '[') {
      const found = parseClass(characters, at + 1);
      if (!found) return undefined;
      steps.push({ any: false, test: found.test });
      at = found.end;
    } else if (character === '\\') {
      at += 1;
      const literal = characters[at];
      if (literal === undefined) return undefined;
      steps.push({ any: false, test: (other) => other === literal });
    } else steps.push({ any: false, test: (other) => other === character });
  }
  return steps;
}

/** A class from behind its `[`; `end` is the index of its `]`. */
function parseClass(
  characters: readonly string[],
  start: number,
): { readonly test: (character: string) => boolean; readonly end: number } | undefined {
  let at = start;
  const negated = characters[at] === '^';
  if (negated) at += 1;
  const ranges: { readonly low: number; readonly high: number }[] = [];
  // A `]` that comes first is no character of the class: Go calls an empty class malformed.
  while (!(characters[at] === ']' && ranges.length > 0)) {
    const low = bound(characters, at);
    if (!low) return undefined;
    at = low.next;
    let high = low;
    if (characters[at] === '-') {
      const to = bound(characters, at + 1);
      if (!to) return undefined;
      high = to;
      at = to.next;
    }
    // Go wants something behind every bound, if only the closing bracket.
    if (at >= characters.length) return undefined;
    ranges.push({ low: low.code, high: high.code });
  }
  const test = (character: string): boolean => {
    const code = character.codePointAt(0) as number;
    return ranges.some(({ low, high }) => low <= code && code <= high) !== negated;
  };
  return { test, end: at };
}

function bound(characters: readonly string[], at: number): { code: number; next: number } | undefined {
  const character = characters[at];
  if (character === undefined || character === '-' || character === ']') return undefined;
  if (character !== '\\') return { code: character.codePointAt(0) as number, next: at + 1 };
  const escaped = characters[at + 1];
  return escaped === undefined ? undefined : { code: escaped.codePointAt(0) as number, next: at + 2 };
}

/** Goes back to the last `*` only: an earlier one could not do better. */
function matches(steps: readonly Step[], name: readonly string[]): boolean {
  let step = 0;
  let at = 0;
  let star: { readonly step: number; at: number } | undefined;
  while (at < name.length) {
    const now = steps[step];
    if (now?.any) {
      star = { step, at };
      step += 1;
    } else if (now && !now.any && now.test(name[at] as string)) {
      step += 1;
      at += 1;
    } else if (star) {
      star.at += 1;
      at = star.at;
      step = star.step + 1;
    } else return false;
  }
  while (steps[step]?.any) step += 1;
  return step === steps.length;
}
