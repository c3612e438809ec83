import { check } from '../../promql/check.ts';
import { PROMQL_FLAGS } from '../../promql/features.ts';
import { lossesOf } from '../../promql/losses.ts';
import { parse } from '../../promql/parse.ts';
import { placesOf } from '../../promql/printed.ts';
import { compareVersions, type Version, versionText } from '../../promql/version.ts';
import type { Span } from '../ground/source.ts';
import type { CompiledRule, CompiledRuleGroup } from '../model/ruleset.ts';

/** A compiled file, read back. */
export interface ReadFile {
  readonly fileName: string;
  readonly groups: readonly CompiledRuleGroup[];
}

/** Something in a release that a server would refuse, or load and then fail on. */
export interface Refusal {
  readonly fileName: string;
  readonly group: string;
  /** Name of the rule; undefined where it is about the rule group. */
  readonly rule?: string;
  /** A sentence: what, and since when servers have it. */
  readonly message: string;
  /** Of the rule, or of the rule group. */
  readonly span: Span;
}

/** The version that a server tells, without what stands behind the two numbers; undefined where it is none. */
export function serverVersion(text: string | undefined): Version | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(text ?? '') ?? [];
  return major === undefined || minor === undefined ? undefined : [Number(major), Number(minor)];
}

/**
 * Everything in a release that a server of this very version would not load. A single field too new for it and the
 * server refuses its whole configuration, so that nothing may be switched where there is one.
 * @param flags the feature flags that it runs with; undefined: it doesn't tell, and may run with any
 */
export function refusedBy(version: Version, files: readonly ReadFile[], flags?: readonly string[]): Refusal[] {
  const features = new Set(flags ?? PROMQL_FLAGS);
  const lacks = (since: Version): boolean => compareVersions(version, since) < 0;
  const seen = new Map<string, string | undefined>();
  const wrongExpr = (text: string): string | undefined => {
    if (!seen.has(text)) {
      const { problems } = check(text, { min: version, max: version, features });
      const sure = problems.find(({ kind }) => kind === 'version');
      seen.set(text, sure?.message);
    }
    return seen.get(text);
  };
  return files.flatMap(({ fileName, groups }) =>
    groups.flatMap((group) => {
      const at = (message: string, rule?: CompiledRule): Refusal => ({
        fileName,
        group: group.name,
        ...(rule && { rule: rule.name }),
        message,
        span: (rule ?? group).span,
      });
      const found = GROUP_FIELDS.filter(({ since, used }) => lacks(since) && used(group)).map(({ what, since }) =>
        at(needs(what, since)),
      );
      for (const rule of group.rules) {
        for (const { what, since, used } of RULE_FIELDS) {
          if (lacks(since) && used(rule)) found.push(at(needs(what, since), rule));
        }
        const wrong = wrongExpr(rule.expr);
        if (wrong !== undefined) found.push(at(wrong.replace(/, and `prometheus\.version` allows [\d.]+/, ''), rule));
      }
      return found;
    }),
  );
}

/** Rules that a server of this version loads and can't evaluate: what it prints of them, and evaluates, doesn't parse. */
export function failingOn(version: Version, files: readonly ReadFile[]): Refusal[] {
  if (!lossesOf(version).has('quotes')) return [];
  return files.flatMap(({ fileName, groups }) =>
    groups.flatMap((group) =>
      group.rules.flatMap((rule) => {
        // Hardly any expression has a name in quotes, and parsing a release takes its time.
        const { expr } = /["'`]\s*[,)]/.test(rule.expr) ? parse(rule.expr) : {};
        const [place] = expr ? placesOf(expr, ['quotes']) : [];
        if (!place) return [];
        const message = `it evaluates what it prints, and prints \`${place.text}\` without the quotes, which doesn't parse.`;
        return [{ fileName, group: group.name, rule: rule.name, message, span: rule.span }];
      }),
    ),
  );
}

const needs = (what: string, since: Version): string => `${what} needs Prometheus ${versionText(since)}.`;

interface Field<T> {
  readonly what: string;
  readonly since: Version;
  readonly used: (part: T) => boolean;
}

const GROUP_FIELDS: readonly Field<CompiledRuleGroup>[] = [
  { what: '`limit`', since: [2, 31], used: (group) => group.limit !== undefined },
  { what: '`query_offset`', since: [2, 53], used: (group) => group.queryOffset !== undefined },
  { what: '`labels` of a rule group', since: [3, 0], used: (group) => group.labels.size > 0 },
];

const PLAIN_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const PLAIN_METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

const RULE_FIELDS: readonly Field<CompiledRule>[] = [
  { what: '`keep_firing_for`', since: [2, 42], used: (rule) => rule.keepFiringFor !== undefined },
  {
    what: 'A label or annotation name beyond letters, digits and _',
    since: [3, 0],
    used: (rule) => [...rule.labels.keys(), ...rule.annotations.keys()].some((name) => !PLAIN_LABEL.test(name)),
  },
  {
    what: 'A metric name beyond letters, digits, _ and :',
    since: [3, 0],
    used: (rule) => rule.kind === 'record' && !PLAIN_METRIC.test(rule.name),
  },
];
