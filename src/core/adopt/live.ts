import { toldText } from '../../promql/printed.ts';
import { formatDuration } from '../ground/duration.ts';
import type { Span } from '../ground/source.ts';
import type { CompiledRule, CompiledRuleGroup } from '../model/ruleset.ts';
import { slug } from './names.ts';
import type { Adoptable } from './read.ts';

/**
 * The rules that a server has loaded, from its answer to `/api/v1/rules`, by the files that it loaded them from.
 * Undefined where the answer has another form. It tells no `query_offset`, and labels of rule groups as the rules' own.
 * @param usual seconds: the interval of groups that don't say one, which the server tells all the same; undefined: not known
 */
export function liveRules(data: unknown, server: string, usual?: number): Adoptable[] | undefined {
  const groups = record(data)?.['groups'];
  if (!Array.isArray(groups)) return undefined;
  const byFile = new Map<string, CompiledRuleGroup[]>();
  for (const item of groups) {
    const group = record(item);
    const file = textIn(group, 'file');
    const rules = group?.['rules'];
    if (!group || file === undefined || !Array.isArray(rules)) return undefined;
    const span = { file: { path: file, text: '' }, start: 0, end: 0 };
    const read = rules.map((rule) => liveRule(record(rule), span));
    if (read.some((rule) => rule === undefined)) return undefined;
    const interval = group['interval'] === usual ? undefined : seconds(group['interval']);
    const limit = group['limit'];
    const one: CompiledRuleGroup = {
      name: textIn(group, 'name') ?? '',
      labels: new Map(),
      rules: read as CompiledRule[],
      span,
      ...(interval !== undefined && { interval }),
      ...(typeof limit === 'number' && limit > 0 && { limit }),
    };
    byFile.set(file, [...(byFile.get(file) ?? []), one]);
  }
  return [...byFile].map(([file, own]) => ({
    name: nameOf(file),
    from: `${server} (${file})`,
    groups: own,
  }));
}

/** `/etc/prometheus/rules/node.rules.yml` is `node.rules`. */
const nameOf = (file: string): string => slug((file.split('/').at(-1) ?? file).replace(/\.(?:ya?ml|rules|json)$/, ''));

function liveRule(rule: Record<string, unknown> | undefined, span: Span): CompiledRule | undefined {
  const [name, expr] = [textIn(rule, 'name'), textIn(rule, 'query')];
  if (!rule || name === undefined || expr === undefined) return undefined;
  const [waits, keeps] = [seconds(rule['duration']), seconds(rule['keepFiringFor'])];
  return {
    kind: rule['type'] === 'recording' ? 'record' : 'alert',
    name,
    expr: toldText(expr.trim()),
    labels: texts(rule['labels']),
    annotations: texts(rule['annotations']),
    comment: [],
    span,
    origin: new Map(),
    ...(waits !== undefined && { for: waits }),
    ...(keeps !== undefined && { keepFiringFor: keeps }),
  };
}

/** The server tells durations in seconds; nought is none. */
function seconds(value: unknown): string | undefined {
  return typeof value === 'number' && value > 0 ? formatDuration(Math.round(value * 1000)) : undefined;
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

function textIn(from: Record<string, unknown> | undefined, key: string): string | undefined {
  const value = from?.[key];
  return typeof value === 'string' ? value : undefined;
}

function texts(value: unknown): Map<string, string> {
  return new Map(Object.entries(record(value) ?? {}).filter((e): e is [string, string] => typeof e[1] === 'string'));
}
