import { check } from '../../promql/check.ts';
import { parse } from '../../promql/parse.ts';
import { metricNames, selectorsOf } from '../../promql/selectors.ts';
import type { Version } from '../../promql/version.ts';
import type { Beyond, KnownPromtool } from '../gates/promtool-scope.ts';
import { refusedBy, serverVersion } from '../gates/version-gates.ts';
import { allLabels } from '../model/plain.ts';
import type { CompiledRule, CompiledRuleGroup, RuleFile } from '../model/ruleset.ts';
import type { UnitCheck } from './unit-tests.ts';

/** What of compiled rules a promtool can run that is older than the servers, and which expectations that leaves open. */

/** A compiled file as far as a promtool can run it. */
export interface RunnableFile {
  readonly fileName: string;
  /** Undefined: it can run the file as it is. */
  readonly groups: readonly CompiledRuleGroup[] | undefined;
  /** What it can't run. */
  readonly beyond: readonly Beyond[];
  /** Rules that are left out, or run otherwise than a server would run them. */
  readonly changed: readonly CompiledRule[];
}

/** Takes out of a file what this promtool can't read; labels of a rule group become those of its rules. */
export function runnableFile(file: RuleFile, { version: text, flags }: KnownPromtool): RunnableFile {
  const { fileName } = file;
  const whole: RunnableFile = { fileName, groups: undefined, beyond: [], changed: [] };
  const version = serverVersion(text);
  if (!version) return whole;
  const all = [...file.ruleGroups()];
  if (refusedBy(version, [{ fileName, groups: all }], flags).length === 0) return whole;
  const beyond: Beyond[] = [];
  const changed: CompiledRule[] = [];
  const refusals = (group: CompiledRuleGroup): ReturnType<typeof refusedBy> =>
    refusedBy(version, [{ fileName, groups: [group] }], flags);
  const groups = all.map(({ written: _, ...group }) => {
    const bare = { ...group, labels: new Map<string, string>() };
    const own = refusals({ ...bare, rules: [] });
    beyond.push(
      ...own.map(({ message, span }) => ({ fileName, what: `rule group ${group.name}`, lacks: message, span })),
    );
    const { queryOffset: _offset, limit: _limit, ...plain } = bare;
    if (own.length > 0) changed.push(...group.rules);
    const rules = group.rules.flatMap((rule) => {
      const labelled = { ...rule, labels: allLabels(group, rule) };
      const [wrong] = refusals({ ...plain, rules: [labelled] });
      if (!wrong) return [labelled];
      beyond.push({ fileName, what: rule.name, lacks: wrong.message, span: wrong.span });
      changed.push(rule);
      return [];
    });
    return { ...(own.length > 0 ? plain : bare), rules };
  });
  return { fileName, groups, beyond, changed };
}

/**
 * Whether an expectation says something of the servers where a promtool has run only these files. Not one of what was
 * left out, or of what reads that, through however many recording rules; nor one by an expression that promtool can't read.
 */
export function judged(
  files: readonly RunnableFile[],
  all: readonly RuleFile[],
  { version: text, flags }: KnownPromtool,
): (expectation: Pick<UnitCheck, 'kind' | 'what'>) => boolean {
  const version = serverVersion(text);
  if (!version) return () => true;
  const changed = files.flatMap((file) => file.changed);
  const rules =
    changed.length === 0 ? [] : all.flatMap((file) => [...file.ruleGroups()].flatMap((group) => group.rules));
  const open = opened(changed, rules);
  return ({ kind, what }) => {
    if (kind === 'alert') return !open.alerts.has(what);
    return canRead(what, version, flags) && !reads(what, open);
  };
}

interface Open {
  /** Names of alerting rules. */
  readonly alerts: Set<string>;
  /** Names of recorded series. */
  readonly series: Set<string>;
}

/** The rules that compute something else where these are not run. */
function opened(changed: readonly CompiledRule[], rules: readonly CompiledRule[]): Open {
  const open: Open = { alerts: new Set(), series: new Set() };
  const add = ({ kind, name }: CompiledRule): void => void (kind === 'alert' ? open.alerts : open.series).add(name);
  changed.forEach(add);
  let left = rules.filter((rule) => !changed.includes(rule));
  for (;;) {
    const more = left.filter(({ expr }) => reads(expr, open));
    if (more.length === 0) return open;
    more.forEach(add);
    left = left.filter((rule) => !more.includes(rule));
  }
}

/** Whether an expression may read what some of these write; alerts write series, too. */
function reads(text: string, { alerts, series }: Open): boolean {
  if (alerts.size + series.size === 0) return false;
  const { expr } = parse(text);
  if (!expr) return false;
  return selectorsOf(expr).some((selector) => {
    const names = metricNames(selector);
    if (!names) return true;
    return names.some((name) => series.has(name) || (alerts.size > 0 && /^ALERTS(?:_FOR_STATE)?$/.test(name)));
  });
}

function canRead(text: string, version: Version, flags: readonly string[]): boolean {
  const { problems } = check(text, { min: version, max: version, features: new Set(flags) });
  return !problems.some(({ kind }) => kind === 'version');
}
