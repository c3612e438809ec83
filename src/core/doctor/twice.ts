import { canonical } from '../../promql/canonical.ts';
import { parse } from '../../promql/parse.ts';
import { memo } from '../ground/memo.ts';
import type { TwiceFacts } from './facts.ts';

/** A rule, as far as it can be told from others. */
interface ToldRule {
  readonly kind: string;
  readonly name: string;
  readonly query: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface Told {
  readonly file: string;
  readonly rules: readonly ToldRule[];
}

/** A rule of a release that is not loaded yet. */
export interface ReleasedRule extends Pick<ToldRule, 'kind' | 'name'> {
  readonly expr: string;
  readonly labels: ReadonlyMap<string, string>;
}

/**
 * Files that are not ours, but have rules that files of ours have, or a release that is to be loaded; those with the most
 * come first. A rule that was adopted and then tuned is the same one still: it may differ in numbers and matchers, and
 * have more labels here.
 */
export function rulesTwice(
  loaded: readonly Told[],
  isOurs: (file: string) => boolean,
  released: readonly { readonly rules: readonly ReleasedRule[] }[] = [],
): TwiceFacts[] {
  const ours = new Map<string, ToldRule[]>();
  const add = (rule: ToldRule): unknown => memo(ours, nameOf(rule), () => []).push(rule);
  for (const { file, rules } of loaded) if (isOurs(file)) rules.forEach(add);
  for (const { rules } of released) {
    for (const { expr, labels, ...rule } of rules) add({ ...rule, query: expr, labels: Object.fromEntries(labels) });
  }
  const shapes = new Map<string, string>();
  const shape = ({ query }: ToldRule): string => memo(shapes, query, () => shapeOf(query));
  const same = (theirs: ToldRule): boolean =>
    ours.get(nameOf(theirs))?.some((own) => isWithin(theirs.labels, own.labels) && shape(theirs) === shape(own)) ===
    true;
  const files = new Map<string, { readonly same: string[]; readonly others: string[] }>();
  for (const { file, rules } of loaded) {
    if (isOurs(file)) continue;
    const found = memo(files, file, () => ({ same: [], others: [] }));
    for (const rule of rules) (same(rule) ? found.same : found.others).push(rule.name);
  }
  return [...files]
    .flatMap(([file, { same: names, others }]) =>
      names.length === 0 ? [] : [{ file, rules: names.length, example: names[0] ?? '', others: [...new Set(others)] }],
    )
    .sort((a, b) => b.rules - a.rules || (a.file < b.file ? -1 : 1));
}

const nameOf = ({ kind, name }: ToldRule): string => `${kind} ${name}`;

const isWithin = (some: ToldRule['labels'], all: ToldRule['labels']): boolean =>
  Object.entries(some).every(([label, value]) => all[label] === value);

const SELECTOR = /\{((?:[^{}"]|"(?:[^"\\]|\\.)*")*)\}/g;
const METRIC = /__name__="(?:[^"\\]|\\.)*"/;

/** What is left of an expression without its numbers, and without matchers but for the metric's name. */
function shapeOf(query: string): string {
  const { expr } = parse(query);
  if (!expr) return query;
  return canonical(expr)
    .replace(SELECTOR, (_, matchers: string) => `{${METRIC.exec(matchers)?.[0] ?? ''}}`)
    .replace(/(?<![\w"])\d[\w.]*/g, 'N');
}
