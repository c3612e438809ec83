import { lostItsQuotes } from '../../promql/printed.ts';

/** Whether the rules of a release work once the server has evaluated them. */

export interface HealthGroup {
  readonly fileName: string;
  readonly name: string;
  /** Seconds. */
  readonly interval: number;
  readonly rules: readonly HealthRule[];
}

export interface HealthRule {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly health: 'unknown' | 'ok' | 'err';
  readonly lastError: string | undefined;
}

export interface SickRule {
  readonly fileName: string;
  readonly group: string;
  readonly rule: string;
  readonly error: string;
}

export interface HealthReport {
  /** In error now, and not before the release: what fails it. */
  readonly sick: readonly SickRule[];
  /** In error now as before. */
  readonly stillSick: readonly SickRule[];
  /** Rules that were not evaluated yet. */
  readonly unknown: number;
  /** The longest interval among the rule groups that were not evaluated yet, in seconds; 0: none. */
  readonly longest: number;
}

/**
 * Rules in force that the server can't evaluate for what it prints of them: they fail, also where their first evaluation is
 * still to come.
 */
export function withSureFailures<
  G extends { readonly rules: readonly (Pick<HealthRule, 'health'> & { readonly query: string })[] },
>(groups: readonly G[]): G[] {
  const fails = ({ health, query }: G['rules'][number]): boolean => health === 'unknown' && lostItsQuotes(query);
  return groups.map((group) =>
    group.rules.some(fails)
      ? { ...group, rules: group.rules.map((rule) => (fails(rule) ? { ...rule, health: 'err' as const } : rule)) }
      : group,
  );
}

/** Compares the health of rules with what it was before; a rule is known by its rule group, name and static labels. */
export function healthReport(before: readonly HealthGroup[], after: readonly HealthGroup[]): HealthReport {
  const wasSick = new Set(
    before.flatMap((group) =>
      group.rules.flatMap((rule) => (rule.health === 'err' ? [identity(group.name, rule)] : [])),
    ),
  );
  const sick: SickRule[] = [];
  const stillSick: SickRule[] = [];
  let unknown = 0;
  let longest = 0;
  for (const group of after) {
    for (const rule of group.rules) {
      if (rule.health === 'unknown') {
        unknown += 1;
        longest = Math.max(longest, group.interval);
      }
      if (rule.health !== 'err') continue;
      const found = { fileName: group.fileName, group: group.name, rule: rule.name, error: rule.lastError ?? '' };
      (wasSick.has(identity(group.name, rule)) ? stillSick : sick).push(found);
    }
  }
  return { sick, stillSick, unknown, longest };
}

function identity(group: string, { name, labels }: HealthRule): string {
  return JSON.stringify([group, name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
