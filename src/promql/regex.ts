import { RE2JS } from 're2js';

/**
 * Prometheus' regexes: RE2, anchored at both ends, `.` matches line breaks too.
 * Source: prometheus/model/labels, NewFastRegexMatcher. The pattern must be whole by itself, not only
 * within the anchors (`a)(b` is refused), so it is compiled without them and matched as a whole.
 */

const compiled = new Map<string, RE2JS | string>();

function compile(pattern: string): RE2JS | string {
  let found = compiled.get(pattern);
  if (found === undefined) {
    try {
      found = RE2JS.compile(pattern, RE2JS.DOTALL);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // The flag is ours, not the author's.
      found = message.replace(/^error parsing regexp: /, '').replace('`(?s)', '`');
    }
    compiled.set(pattern, found);
  }
  return found;
}

/** Why a pattern is not RE2; undefined where it is. */
export function regexProblem(pattern: string): string | undefined {
  const re = compile(pattern);
  return typeof re === 'string' ? re : undefined;
}

/** Whether the whole of a text matches; an invalid pattern matches nothing. */
export function regexMatches(pattern: string, text: string): boolean {
  const re = compile(pattern);
  return typeof re !== 'string' && re.matches(text);
}

/** A text as a pattern that matches just it. */
export function regexQuote(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}

/** The most values that a pattern is expanded to. */
const MAX_VALUES = 10_000;

/**
 * The texts that a pattern matches, where they are few and can be read off it: literals,
 * groups, alternations, `?` and small character classes. Undefined: infinite, or not known.
 */
export function finiteValues(pattern: string): ReadonlySet<string> | undefined {
  if (regexProblem(pattern) !== undefined) return undefined;
  const chars = [...pattern];
  let at = 0;

  const alternation = (): Set<string> | undefined => {
    const all = concatenation();
    while (all && chars[at] === '|') {
      at++;
      const more = concatenation();
      if (!more || all.size + more.size > MAX_VALUES) return undefined;
      for (const value of more) all.add(value);
    }
    return all;
  };

  const concatenation = (): Set<string> | undefined => {
    let all = new Set(['']);
    while (at < chars.length && chars[at] !== '|' && chars[at] !== ')') {
      let next = atom();
      if (!next) return undefined;
      if (chars[at] === '?') {
        at++;
        next = new Set([...next, '']);
      }
      if (chars[at] === '*' || chars[at] === '+' || chars[at] === '?' || chars[at] === '{') return undefined;
      if (all.size * next.size > MAX_VALUES) return undefined;
      const joined = new Set<string>();
      for (const left of all) for (const right of next) joined.add(left + right);
      all = joined;
    }
    return all;
  };

  const atom = (): Set<string> | undefined => {
    const char = chars[at++] as string;
    switch (char) {
      case '(': {
        if (chars[at] === '?') {
          if (chars[at + 1] !== ':') return undefined;
          at += 2;
        }
        const inner = alternation();
        if (!inner || chars[at] !== ')') return undefined;
        at++;
        return inner;
      }
      case '\\': {
        const escaped = chars[at++];
        return escaped !== undefined && /[^A-Za-z0-9]/.test(escaped) ? new Set([escaped]) : undefined;
      }
      case '[': {
        const end = chars.indexOf(']', at);
        const inside = chars.slice(at, end);
        if (end < 0 || inside.length === 0 || inside.some((c) => '\\^[-'.includes(c))) return undefined;
        at = end + 1;
        return new Set(inside);
      }
      case '.':
      case '^':
      case '$':
        return undefined;
      default:
        return new Set([char]);
    }
  };

  const values = alternation();
  return values && at === chars.length ? values : undefined;
}

/**
 * The text that everything matched must begin with: the literal start of a pattern without a
 * top-level alternation. It serves to prove two patterns disjoint.
 */
export function literalPrefix(pattern: string): string {
  let depth = 0;
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] as string;
    if (char === '\\') i++;
    else if (char === '[') {
      const end = pattern.indexOf(']', i + 2);
      if (end < 0) return '';
      i = end;
    } else if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (char === '|' && depth === 0) return '';
  }
  const start = /^(?:[^\\.+*?()|[\]{}^$]|\\[^A-Za-z0-9])*/.exec(pattern)?.[0] ?? '';
  const repeated = /^[*?{]/.test(pattern.slice(start.length));
  const literal = repeated ? start.replace(/(?:\\[\s\S]|[\s\S])$/u, '') : start;
  return literal.replace(/\\([\s\S])/g, '$1');
}
