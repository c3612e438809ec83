import { suggest } from '../ground/suggest.ts';
import type { State, Token } from './tokens.ts';
import { fail } from './tokens.ts';

/** Tags of templates: those that there are, those that nunjucks has and a template may not use, and how they nest. */

const MAX_NESTING = 20; // blocks
const MAX_BRANCHES = 100; // `elif` of one `if`

const BLOCKS: Readonly<Record<string, string>> = { if: 'endif', for: 'endfor', macro: 'endmacro', set: 'endset' };
const ENDS = new Set(Object.values(BLOCKS));
const KNOWN_TAGS = [
  'if',
  'elif',
  'else',
  'endif',
  'for',
  'endfor',
  'set',
  'macro',
  'endmacro',
  'import',
  'from',
  'raw',
];
/** Tags of nunjucks that a template may not use, and what to do instead. */
const FORBIDDEN_TAGS: Readonly<Record<string, string>> = {
  include: 'Macros come from a file of `templates/`: `<% import "file.njk" as file %>`.',
  extends: 'A rule takes over another one’s body by `template:`, not inside of a text.',
  block: 'Use a macro.',
  call: 'Give the text to the macro as an argument.',
  filter: 'Apply the filter to the value: `<< value | upper >>`.',
  switch: 'Use `if` and `elif`.',
  asyncEach: 'Use `for`.',
  asyncAll: 'Use `for`.',
  ifAsync: 'Use `if`.',
};

/** Tells a block that is still open at the end of the text. */
export function unclosed(state: State): void {
  const open = state.open.at(-1);
  if (!open || state.problems.length > 0) return;
  const message = `\`<% ${open.tag} %>\` is never closed.`;
  fail(state, 'template-syntax', open.from, open.to, message, `Write \`<% ${BLOCKS[open.tag]} %>\` where it ends.`);
}

/** Looks at a tag that has been read: may it stand, does it open or close a block? */
export function scanTag(state: State, start: number, code: readonly Token[]): void {
  const first = code[0];
  if (state.problems.length > 0 || !first) return;
  const tag = String(first.value);
  const to = first.colno + tag.length;
  const forbidden = Object.hasOwn(FORBIDDEN_TAGS, tag) ? FORBIDDEN_TAGS[tag] : undefined;
  if (first.type !== 'symbol') {
    fail(
      state,
      'template-syntax',
      first.colno,
      state.ends.get(first.colno) ?? to,
      '`<%` begins a tag, whose name is missing.',
    );
  } else if (forbidden !== undefined) {
    fail(state, 'template-forbidden', first.colno, to, `A template may not use \`${tag}\`.`, forbidden);
  } else if (tag === 'raw' || tag === 'verbatim') {
    scanRaw(state, tag, start);
  } else if (tag === 'elif' || tag === 'elseif' || tag === 'else') {
    scanBranch(state, tag, first.colno, to);
  } else if (ENDS.has(tag)) {
    closeBlock(state, tag, first.colno, to);
  } else if (Object.hasOwn(BLOCKS, tag)) {
    if (tag === 'set' && code.some((token) => token.type === 'operator' && token.value === '=')) return;
    state.open.push({ tag, from: first.colno, to, branches: 0 });
    if (state.open.length <= MAX_NESTING) return;
    fail(state, 'template-limit', first.colno, to, `Tags nest deeper than ${MAX_NESTING}.`);
  } else if (!KNOWN_TAGS.includes(tag)) {
    const near = suggest(tag, KNOWN_TAGS);
    const help = `${near ? `Did you mean \`${near}\`? ` : ''}There are: ${KNOWN_TAGS.join(', ')}.`;
    fail(state, 'template-syntax', first.colno, to, `There is no tag \`${tag}\`.`, help);
  }
}

function scanBranch(state: State, tag: string, from: number, to: number): void {
  const open = state.open.at(-1);
  if (open?.tag !== 'if' && !(open?.tag === 'for' && tag === 'else')) {
    fail(state, 'template-syntax', from, to, `\`<% ${tag} %>\` stands in no \`<% if %>\`.`);
  } else if (++open.branches > MAX_BRANCHES) {
    fail(state, 'template-limit', from, to, `An \`if\` has more than ${MAX_BRANCHES} branches.`);
  }
}

function closeBlock(state: State, tag: string, from: number, to: number): void {
  const open = state.open.pop();
  if (open && BLOCKS[open.tag] === tag) return;
  const message = open
    ? `\`<% ${tag} %>\` stands where \`<% ${BLOCKS[open.tag]} %>\` must close \`<% ${open.tag} %>\`.`
    : `\`<% ${tag} %>\` closes nothing.`;
  fail(state, 'template-syntax', from, to, message);
}

/** The library's own `raw` knows its default delimiters only; here the text up to `endraw` becomes one token. */
function scanRaw(state: State, tag: string, start: number): void {
  const from = state.lexer.index;
  const pattern = new RegExp(`<%-?\\s*(${tag}|end${tag})\\s*-?%>`, 'g');
  pattern.lastIndex = from;
  let level = 1;
  for (let match = pattern.exec(state.text); match; match = pattern.exec(state.text)) {
    level += match[1] === tag ? 1 : -1;
    if (level > 0) continue;
    state.tokens.push({ type: 'raw-text', value: state.text.slice(from, match.index), lineno: 0, colno: from });
    state.ends.set(from, match.index);
    state.lexer.forwardN(pattern.lastIndex - from);
    return;
  }
  fail(
    state,
    'template-syntax',
    start,
    from,
    `\`<% ${tag} %>\` is never closed.`,
    `Write \`<% end${tag} %>\` where it ends.`,
  );
}
