import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, isScalar, parseAllDocuments, visit } from 'yaml';

/** Templates for the judges: those of the corpus, and mutations of them. */

const FOLDERS = ['../shared/corpus/rules', '../shared/corpus/crd'];

export const hasCorpus = FOLDERS.every((folder) => existsSync(folder));

/** Annotations and labels with templates, of every n-th file of the corpus. */
export function corpusTexts(every: number): readonly string[] {
  const texts = new Set<string>();
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  ).filter((name) => /\.ya?ml$/.test(name));
  for (const file of files.sort().filter((_, i) => i % every === 0)) {
    for (const document of parseAllDocuments(readFileSync(file, 'utf8'))) {
      visit(document as Parameters<typeof visit>[0], {
        Pair(_, pair) {
          const key = isScalar(pair.key) ? pair.key.value : undefined;
          if ((key !== 'annotations' && key !== 'labels') || !isMap(pair.value)) return;
          for (const { value } of pair.value.items) {
            if (isScalar(value) && typeof value.value === 'string' && value.value.includes('{{'))
              texts.add(value.value);
          }
        },
      });
    }
  }
  return [...texts];
}

/** A sequence of numbers that looks random and is the same each time. */
export function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const PIECES = [
  '{{',
  '}}',
  '{{ end }}',
  '{{ else }}',
  '{{ if $value }}',
  '|',
  '"',
  '`',
  "'",
  '(',
  ')',
  '.',
  '$',
  '-',
  ' ',
  ':=',
  '=',
  ',',
  '$x',
  '.x',
  'print ',
  'humanize',
  '1',
  '\\',
  '\n',
  '/*',
  '*/',
  'x',
  '{',
  '}',
  '{{- ',
  ' -}}',
  'nil',
  '5m',
  'with ',
  'range ',
];

export function mutate(text: string, below: (n: number) => number): string {
  const tokens = text.match(/\{\{-?|-?\}\}|\w+|\s+|[^\w\s]/g) ?? [];
  const at = below(tokens.length + 1);
  const piece = PIECES[below(PIECES.length)] as string;
  switch (below(5)) {
    case 0:
      return tokens.toSpliced(at, 1).join('');
    case 1:
      return tokens.toSpliced(at, 0, piece).join('');
    case 2:
      return tokens.toSpliced(at, 1, piece).join('');
    case 3:
      return tokens.toSpliced(at, 0, tokens[at] ?? '').join('');
    default:
      return tokens.toSpliced(at, 2, tokens[at + 1] ?? '', tokens[at] ?? '').join('');
  }
}
