import { commentLines } from './comment.ts';
import { scalar } from './scalar.ts';

/**
 * Maps, lists and comments as YAML text, put together directly: no document is ever built, since a release may have a million
 * rules. `indent` is the column, in spaces, of the key; null is YAML's. Each text ends in a line break, but those of one line
 * that say so.
 */

/** A key longer than this, in UTF-16 units, is written as `? key`: YAML gives up on others at 1,024. */
const LONGEST_KEY = 1000;

/** `key: value`; nothing where there is no value. The key is our own and needs no quotes. */
export function fieldText(indent: number, key: string, value: string | null | undefined): string {
  return value === undefined ? '' : `${' '.repeat(indent)}${key}: ${valueText(indent, value)}\n`;
}

/** A map of texts below its key, in the order given; nothing where it is empty. */
export function mapText(indent: number, key: string, entries: ReadonlyMap<string, string | null>): string {
  if (entries.size === 0) return '';
  let text = `${' '.repeat(indent)}${key}:\n`;
  for (const [name, value] of entries) text += entryText(indent + 2, name, valueText(indent + 2, value));
  return text;
}

/** `name: text` where anybody chose the name; `text` stands behind the colon as it is. */
export function entryText(indent: number, name: string, text: string): string {
  const pad = ' '.repeat(indent);
  const key = keyText(indent, name);
  return key.length > LONGEST_KEY ? `${pad}? ${key}\n${pad}: ${text}\n` : `${pad}${key}: ${text}\n`;
}

/** A name as a key, without its colon, in one line. */
export const keyText = (indent: number, name: string): string => scalar(name, indent, 'key');

const valueText = (indent: number, value: string | null): string =>
  value === null ? 'null' : scalar(value, indent, 'value');

/** A list in brackets, in one line without a break at its end. */
export const flowList = (values: readonly string[]): string =>
  `[${values.map((v) => (/^[\w.-]+$/.test(v) ? scalar(v, 0, 'value') : JSON.stringify(v))).join(', ')}]`;

/** Lines of comment, each behind `# ` and further in by `further` spaces; of an empty one the `#` alone. */
export function commentText(indent: number, texts: readonly string[], further = 0): string {
  const pad = ' '.repeat(indent);
  const lead = `# ${' '.repeat(further)}`;
  let all = '';
  for (const text of texts)
    for (const line of commentLines(text)) all += `${`${pad}${line === '' ? '#' : lead + line}`}\n`;
  return all;
}
