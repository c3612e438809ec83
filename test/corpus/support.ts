import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { compile } from '../../src/core/compile.ts';
import type { Diagnostic } from '../../src/core/ground/diagnostic.ts';
import { renderFile } from '../../src/outputs/prometheus/prometheus.ts';
import { canonical } from '../../src/promql/canonical.ts';
import { parse } from '../../src/promql/parse.ts';
import { TODAY } from '../support/compile.ts';

/** promtool takes them, for it runs no templates: an annotation of each fails whenever its alert fires. */
export const CANNOT_RUN = new Set([
  'rules/cloudflare__pint/internal/parser/testrules.yml',
  'rules/grafana__jsonnet-libs/cilium-enterprise-mixin/prometheus_rules_out/prometheus_alerts.yaml',
  'rules/monitoring-mixins__website/assets/cilium-enterprise/alerts.yaml',
  'rules/philyuchkoff__prometheus-alerts/orchestrators/linkerd.yml',
  'rules/prometheus__prometheus/model/rulefmt/testdata/test.yaml',
  'rules/prometheus__prometheus/model/rulefmt/testdata/test_aliases.yaml',
]);

/** A row of the corpus' index. */
export interface CorpusRow {
  /** Below the corpus' folder. */
  readonly path: string;
  readonly kind: string;
  readonly check: string;
  readonly notes: string;
  readonly text: string;
}

/** The rows of one kind; without `CORPUS=all` every n-th of those that promtool takes, and all that it refuses. */
export function corpusRows(folder: string, kind: string, every: number): CorpusRow[] {
  const [head = '', ...lines] = readFileSync(join(folder, 'INDEX.tsv'), 'utf8').trimEnd().split('\n');
  const columns = head.split('\t');
  const step = process.env['CORPUS'] === 'all' ? 1 : every;
  return lines
    .map((line) => line.split('\t'))
    .map((cells) => (name: string) => cells[columns.indexOf(name)] ?? '')
    .filter((cell) => cell('kind') === kind)
    .filter((cell, index) => cell('check') === 'fail' || index % step === 0)
    .map((cell) => ({
      path: cell('path'),
      kind,
      check: cell('check'),
      notes: cell('notes'),
      text: readFileSync(join(folder, cell('path')), 'utf8').replace(/^\ufeff/, ''),
    }));
}

/** What a single file of `rules/` compiles to: its static file's text, or the errors. */
export function compileAlone(text: string): { readonly out?: string; readonly errors: readonly Diagnostic[] } {
  const sources = { groups: [], templates: [], macros: [], inventory: [], problems: [] };
  const { ruleSet, diagnostics } = compile({ ...sources, rules: [{ path: 'rules/x.yml', text }] }, { today: TODAY });
  const errors = diagnostics.filter((d) => d.severity === 'error');
  const file = ruleSet?.files.find((f) => f.fileName === 'static-x.yml');
  return file ? { out: renderFile(file), errors } : { errors };
}

/** A rule file as plain values, by another reader than the compiler's: group labels lowered, durations as written. */
export function readRuleFile(text: string): unknown {
  // Prometheus reads the first document only, scalars as the text that stands there, and null as nothing.
  const [first] = parseAllDocuments(text, { merge: true, uniqueKeys: false, schema: 'failsafe' });
  const root = first && 'toJS' in first ? (first.toJS({ maxAliasCount: -1 }) as Loose) : {};
  return list(root['groups']).map((group) => ({
    ...pick(group, ['name', 'interval', 'limit', 'query_offset']),
    rules: list(group['rules']).map((rule) => ({
      ...pick(rule, ['alert', 'record', 'for', 'keep_firing_for']),
      expr: String(rule['expr']).trim(),
      meaning: meaningOf(String(rule['expr'])),
      labels: { ...(group['labels'] as object), ...(rule['labels'] as object) },
      annotations: { ...(rule['annotations'] as object) },
    })),
  }));
}

type Loose = Record<string, unknown>;

function list(value: unknown): Loose[] {
  return Array.isArray(value) ? (value as Loose[]) : [];
}

function pick(from: Loose, keys: readonly string[]): Loose {
  return Object.fromEntries(keys.flatMap((key) => (nothing(from[key]) ? [] : [[key, String(from[key])]])));
}

const nothing = (value: unknown): boolean => value === undefined || value === null || value === '';

function meaningOf(expr: string): string {
  const { expr: parsed } = parse(expr);
  return parsed ? canonical(parsed) : `unread: ${expr}`;
}
