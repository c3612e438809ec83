import type { Losses } from '../../promql/losses.ts';
import { readPlain } from '../adopt/cut.ts';
import { parseDuration } from '../ground/duration.ts';
import { allLabels } from '../model/plain.ts';
import type { CompiledRuleGroup } from '../model/ruleset.ts';
import { byText, compareRules, type Difference, durationOf, type ReadBackRule } from './read-back-rules.ts';

export type { Difference, ReadBackRule } from './read-back-rules.ts';

/** Whether a server holds what was released: compiled rule files and what `/api/v1/rules` tells, rule by rule. */

/** A rule group of a release, or of a server's memory, as far as both can tell it. */
export interface ReadBackGroup {
  /** The name of its file, without directories. */
  readonly fileName: string;
  readonly name: string;
  /** Milliseconds; undefined: the server's own. */
  readonly intervalMs: number | undefined;
  readonly limit: number | undefined;
  readonly rules: readonly ReadBackRule[];
}

export interface ReleasedGroups {
  readonly groups: readonly ReadBackGroup[];
  /** Names of files that no Prometheus would load; nothing of them is in `groups`. */
  readonly unreadable: readonly string[];
}

/**
 * The rule groups of compiled rule files. A file without any (a tombstone) has none. `fileName` is the name under which
 * the server loads the rules: in layout `bundle` that of the bundle.
 */
export function releasedGroups(files: readonly { readonly fileName: string; readonly text: string }[]): ReleasedGroups {
  const unreadable: string[] = [];
  const groups = files.flatMap(({ fileName, text }) => {
    if (isTombstone(text)) return [];
    const read = readPlain(text);
    if (!read) unreadable.push(fileName);
    return (read ?? []).map((group) => releasedGroup(fileName, group));
  });
  return { groups, unreadable };
}

/** The same of rule groups that are in memory already. */
export function releasedGroup(fileName: string, group: CompiledRuleGroup): ReadBackGroup {
  return {
    fileName,
    name: group.name,
    intervalMs: group.interval === undefined ? undefined : milliseconds(group.interval) || undefined,
    limit: group.limit,
    rules: group.rules.map((rule) => ({
      kind: rule.kind,
      name: rule.name,
      expr: rule.expr,
      forMs: milliseconds(rule.for),
      keepFiringForMs: milliseconds(rule.keepFiringFor),
      labels: allLabels(group, rule),
      annotations: rule.annotations,
    })),
  };
}

export interface CompareOptions {
  /** Seconds; what rule groups without an interval of their own have on this server. Undefined: they are not judged. */
  readonly evaluationInterval?: number | undefined;
  /** What the server loses of expressions when it prints them. */
  readonly losses: Losses;
  /** Which loaded files are ours, by their paths as the server sees them: those in the rule path as it sees it. */
  readonly isOurs: (file: string) => boolean;
}

/** A rule group as a server tells it; durations in seconds. */
export interface ToldGroup {
  /** The path as the server sees it. */
  readonly file: string;
  readonly name: string;
  /** Seconds. */
  readonly interval: number;
  /** Undefined: the server doesn't tell; 0: none. */
  readonly limit: number | undefined;
  readonly rules: readonly ToldRule[];
}

export interface ToldRule {
  readonly kind: 'alert' | 'record';
  readonly name: string;
  /** In the server's own formatting. */
  readonly query: string;
  /** Seconds. */
  readonly for: number;
  readonly keepFiringFor: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * All differences between a release and what a server has loaded of our files, by file and rule group; none: it holds
 * exactly that. Servers tell no `query_offset`, so it is not compared; empty rule groups mean nothing and are passed over.
 */
export function compareLoaded(
  released: readonly ReadBackGroup[],
  loaded: readonly ToldGroup[],
  { evaluationInterval, losses, isOurs }: CompareOptions,
): Difference[] {
  const told = new Map<string, ToldGroup>();
  for (const group of loaded) {
    if (group.rules.length > 0 && isOurs(group.file)) told.set(keyOf(baseName(group.file), group.name), group);
  }
  const differences: Difference[] = [];
  for (const group of released) {
    if (group.rules.length === 0) continue;
    const key = keyOf(group.fileName, group.name);
    const other = told.get(key);
    told.delete(key);
    if (other) differences.push(...compareGroups(group, other, evaluationInterval, losses));
    else differences.push({ what: 'group-missing', fileName: group.fileName, group: group.name });
  }
  for (const { file, name } of told.values()) {
    differences.push({ what: 'group-left-over', fileName: baseName(file), group: name });
  }
  return differences.sort((a, b) => byText(a.fileName, b.fileName) || byText(a.group, b.group));
}

/** Compares what two rule groups of one name hold. */
function compareGroups(
  wanted: ReadBackGroup,
  told: ToldGroup,
  evaluationInterval: number | undefined,
  losses: Losses,
): Difference[] {
  const place = { fileName: wanted.fileName, group: wanted.name };
  const out: Difference[] = [];
  const changed = (field: string, a: string, b: string): void => {
    if (a !== b) out.push({ ...place, what: 'group-changed', field, wanted: a, found: b });
  };
  const interval = wanted.intervalMs ?? (evaluationInterval === undefined ? undefined : evaluationInterval * 1000);
  if (interval !== undefined) changed('interval', durationOf(interval), durationOf(told.interval * 1000));
  if (told.limit !== undefined) changed('limit', String(wanted.limit ?? 0), String(told.limit));
  return [...out, ...compareRules(wanted.rules, told.rules.map(fromTold), place, losses)];
}

function fromTold(rule: ToldRule): ReadBackRule {
  return {
    kind: rule.kind,
    name: rule.name,
    expr: rule.query,
    forMs: rule.for * 1000,
    keepFiringForMs: rule.keepFiringFor * 1000,
    labels: new Map(Object.entries(rule.labels)),
    annotations: new Map(Object.entries(rule.annotations)),
  };
}

/** Of a duration that no Prometheus would read, nought. */
function milliseconds(text: string | undefined): number {
  const parsed = text === undefined ? undefined : parseDuration(text);
  return parsed?.problem === undefined ? (parsed?.ms ?? 0) : 0;
}

/** Nothing but comments and space, or an empty list of rule groups: what a deleted rule file leaves for a while. */
const isTombstone = (text: string): boolean =>
  text.length < 1000 && /^(?:groups:\s*\[\s*\])?\s*$/.test(text.replace(/^\s*(?:#.*|---\s*)$/gm, '').trim());

const keyOf = (fileName: string, group: string): string => JSON.stringify([fileName, group]);

const baseName = (file: string): string => file.slice(file.lastIndexOf('/') + 1);
