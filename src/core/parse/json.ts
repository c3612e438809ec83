import type { SourceFile, Span } from '../ground/source.ts';
import type { Entry, YamlNode } from './nodes.ts';

const MAX_DEPTH = 50;

/**
 * Strict JSON as located nodes, for files that are large. Undefined where the text isn't JSON,
 * repeats a key, or nests deep: then the YAML reader, which reads JSON as well, says what is wrong.
 */
export function parseJson(file: SourceFile): YamlNode | undefined {
  const { text } = file;
  let at = 0;

  const space = (): void => {
    while (at < text.length && ' \t\r\n'.includes(text[at] as string)) at++;
  };
  const span = (start: number): Span => ({ file, start, end: at });

  const string = (): string | undefined => {
    STRING.lastIndex = at;
    const raw = STRING.exec(text)?.[0];
    if (raw === undefined) return undefined;
    at += raw.length;
    const value: string = raw.includes('\\') ? JSON.parse(raw) : raw.slice(1, -1);
    return /\p{Surrogate}/u.test(value) ? undefined : value;
  };

  const value = (depth: number): YamlNode | undefined => {
    space();
    const start = at;
    const char = text[at];
    if (depth > MAX_DEPTH) return undefined;
    if (char === '[') {
      const items: YamlNode[] = [];
      return sequence(']', () => push(items, value(depth + 1)))
        ? { kind: 'list', items, span: span(start) }
        : undefined;
    }
    if (char === '{') {
      const entries = new Map<string, Entry>();
      return sequence('}', () => entry(entries, depth)) ? { kind: 'map', entries, span: span(start) } : undefined;
    }
    if (char === '"') {
      const read = string();
      return read === undefined ? undefined : { kind: 'scalar', value: read, text: read, span: span(start) };
    }
    WORD.lastIndex = at;
    const word = WORD.exec(text)?.[0];
    if (word === undefined) return undefined;
    at += word.length;
    return { kind: 'scalar', value: JSON.parse(word) as number | boolean | null, text: word, span: span(start) };
  };

  const entry = (entries: Map<string, Entry>, depth: number): boolean => {
    space();
    const start = at;
    const key = string();
    if (key === undefined || key === '' || entries.has(key)) return false;
    const keySpan = span(start);
    space();
    if (text[at] !== ':') return false;
    at++;
    const read = value(depth + 1);
    if (read) entries.set(key, { key, keySpan, value: read });
    return read !== undefined;
  };

  /** What stands between the bracket at `at` and its closing one, commas between. */
  const sequence = (close: string, item: () => boolean): boolean => {
    at++;
    space();
    if (text[at] === close) {
      at++;
      return true;
    }
    for (;;) {
      if (!item()) return false;
      space();
      const char = text[at++];
      if (char === close) return true;
      if (char !== ',') return false;
    }
  };

  const root = value(0);
  space();
  return root && at === text.length ? root : undefined;
}

const STRING = /"(?:[^"\\\u0000-\u001f\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORD = /true\b|false\b|null\b|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

function push(items: YamlNode[], item: YamlNode | undefined): boolean {
  if (item) items.push(item);
  return item !== undefined;
}
