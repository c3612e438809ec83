import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

/** An expression of a rule file of a real repository. */
export interface CorpusExpression {
  /** The file's path in the corpus. */
  readonly file: string;
  readonly expr: string;
}

/** Every expression of the files of some kinds (`rules`, `crd`) that promtool accepts, each once. */
export function corpusExpressions(folder: string, kinds: readonly string[]): CorpusExpression[] {
  const [head = '', ...lines] = readFileSync(join(folder, 'INDEX.tsv'), 'utf8').split('\n');
  const columns = head.split('\t');
  const seen = new Map<string, CorpusExpression>();
  for (const line of lines) {
    const cells = line.split('\t');
    const cell = (name: string): string => cells[columns.indexOf(name)] ?? '';
    if (!kinds.includes(cell('kind')) || cell('check') !== 'pass') continue;
    const file = cell('path');
    for (const document of parseAllDocuments(readFileSync(join(folder, file), 'utf8'), { merge: true })) {
      for (const expr of expressionsIn(document.toJS({ maxAliasCount: -1 }))) {
        if (!seen.has(expr)) seen.set(expr, { file, expr });
      }
    }
  }
  return [...seen.values()];
}

function* expressionsIn(node: unknown): Generator<string> {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'expr' && (typeof value === 'string' || typeof value === 'number')) yield String(value);
    else yield* expressionsIn(value);
  }
}
