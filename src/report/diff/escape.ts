import { visible } from '../visible.ts';

/**
 * Names of a repository on their way into Markdown on a forge. Whoever writes them may want them to be
 * a link, an image, a mention that notifies people, or the end of our table; here they are text.
 */

const LONGEST = 200; // characters of one name
const LONGEST_SENTENCE = 1000; // characters

/** A name as code in HTML, where Markdown's own is not read. */
export const htmlCode = (text: string): string => `<code>${entities(clip(visible(text), LONGEST))}</code>`;

/** What nearly all names are made of: nothing of it needs a second look. */
const ORDINARY = /^[\w./:-]{1,200}$/;

/** A name as code. Markdown reads nothing inside of it, and neither mentions nor references are looked for there. */
export function code(text: string): string {
  if (ORDINARY.test(text)) return `\`${text}\``;
  const shown = clip(visible(text), LONGEST);
  if (shown.trim() === '') return '`""`';
  // In a cell of a table, these three can't stand in a code span for sure; entities are never structure.
  if (/[`|\\]/.test(shown)) return htmlCode(text);
  return `\`${shown}\``;
}

/** Every character but letters and digits as a reference, and nothing left that an address could be made of. */
function entities(text: string): string {
  return [...text]
    .map((char) => {
      if (/[\p{L}\p{N}]/u.test(char)) return char;
      const reference = `&#${char.codePointAt(0)};`;
      // A word joiner is not seen, and ends what would be taken for an address or a mention.
      return /[@#./:]/.test(char) ? `${reference}&#8288;` : reference;
    })
    .join('');
}

/** A word that can be nothing but a word. */
const PLAIN = /^["'(]*[\p{L}\p{N}]+(?:['-][\p{L}\p{N}]+)*["')]*[.,;:]?["')]*$/u;
/** What forges link: numbers of tickets, hashes of commits. */
const REFERENCE = /[\p{L}]-\d|(?<![\p{L}\p{N}])[0-9a-f]{7,}(?![\p{L}\p{N}])/iu;
const OURS = new Set(['→', '–', '·', '…']);

/** A sentence in which names stand: its plain words stay as they are, anything else becomes code. */
export function prose(text: string): string {
  return clip(text, LONGEST_SENTENCE)
    .split(/[ \n]+/)
    .filter((word) => word !== '')
    .map((word) => (OURS.has(word) || (PLAIN.test(word) && !REFERENCE.test(word)) ? word : codeWithTail(word)))
    .join(' ');
}

/** Punctuation behind a name belongs to the sentence. */
function codeWithTail(text: string): string {
  const tail = /[.,;:)]*$/.exec(text)?.[0] ?? '';
  const head = text.slice(0, text.length - tail.length);
  const front = /^\(*/.exec(head)?.[0] ?? '';
  const name = head.slice(front.length);
  return name === '' ? code(text) : `${front}${code(name)}${tail}`;
}

export function clip(text: string, most: number): string {
  if (text.length <= most) return text;
  // A pair of surrogates stays whole, or goes.
  return `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
