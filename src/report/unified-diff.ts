import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';

/** One file before and behind a change; undefined: it isn't there. */
export interface Texts {
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Milliseconds. Two texts that have nothing in common can take for ever, and their diff would tell nobody anything. */
const TIMEOUT = 5_000;

/** The unified diff of a file as `git diff` writes it; where the texts are too different, a line that says so. Ends with a line break. */
export function unifiedDiff({ name, before, after }: Texts): string {
  const from = before === undefined ? '/dev/null' : `a/${name}`;
  const to = after === undefined ? '/dev/null' : `b/${name}`;
  const patch = createTwoFilesPatch(from, to, before ?? '', after ?? '', undefined, undefined, {
    context: 3,
    timeout: TIMEOUT,
    headerOptions: FILE_HEADERS_ONLY,
  });
  return patch ?? `--- ${from}\n+++ ${to}\n(too different for a diff)\n`;
}
