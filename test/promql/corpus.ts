import { existsSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';

/** Rule files of real repositories, where they are at hand: beside the project. */

const ROOT = '../shared/corpus';

export const hasCorpus = existsSync(`${ROOT}/INDEX.tsv`);

export interface CorpusExpression {
  readonly file: string;
  readonly expr: string;
}

/** Every expression of the rule files that promtool accepts, each once. */
export function corpusExpressions(kinds: readonly string[] = ['rules']): CorpusExpression[] {
  const [head = '', ...lines] = readFileSync(`${ROOT}/INDEX.tsv`, 'utf8').split('\n');
  const columns = head.split('\t');
  const seen = new Map<string, CorpusExpression>();
  for (const line of lines.filter((l) => l !== '')) {
    const cells = line.split('\t');
    const row = Object.fromEntries(columns.map((name, i) => [name, cells[i] ?? '']));
    const file = row.path ?? '';
    if (!kinds.includes(row.kind ?? '') || row.check !== 'pass') continue;
    for (const document of parseAllDocuments(readFileSync(`${ROOT}/${file}`, 'utf8'), { merge: true })) {
      for (const expr of expressionsIn(document.toJS({ maxAliasCount: -1 }))) {
        if (!seen.has(expr)) seen.set(expr, { file, expr });
      }
    }
  }
  return [...seen.values()];
}

function* expressionsIn(node: unknown): Generator<string> {
  if (Array.isArray(node)) for (const item of node) yield* expressionsIn(item);
  else if (typeof node === 'object' && node !== null) {
    for (const [key, value] of Object.entries(node)) {
      if (key === 'expr' && (typeof value === 'string' || typeof value === 'number')) yield String(value);
      else yield* expressionsIn(value);
    }
  }
}
