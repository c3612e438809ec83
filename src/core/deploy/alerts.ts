import type { Identity } from '../model/identity.ts';

/** What a release does to alerts that are pending or firing: their state goes on only where the backend takes them for the same alert. */

/** A rule group as a server has it loaded, as far as alert state goes. */
export interface StatefulGroup {
  /** The file's name without its directories. */
  readonly fileName: string;
  readonly name: string;
  readonly rules: readonly StatefulRule[];
}

export interface StatefulRule {
  readonly kind: 'alert' | 'record';
  readonly name: string;
  /** The static ones, the rule group's among them. */
  readonly labels: Readonly<Record<string, string>>;
  readonly alerts: readonly ActiveAlert[];
}

export interface ActiveAlert {
  readonly state: 'pending' | 'firing';
  readonly labels: Readonly<Record<string, string>>;
  /** RFC 3339. */
  readonly activeAt: string;
}

/** A rule group of a release. */
export interface ComingGroup {
  readonly fileName: string;
  readonly name: string;
  readonly rules: readonly {
    readonly kind: 'alert' | 'record';
    readonly name: string;
    readonly labels: ReadonlyMap<string, string>;
  }[];
}

/** An alert that will not be the same alert behind the release. */
export interface AlertReset {
  readonly alert: string;
  readonly state: 'pending' | 'firing';
  readonly labels: Readonly<Record<string, string>>;
  readonly activeAt: string;
  /**
   * moved: a rule of this name is elsewhere now (another file, rule group or label), so that it is pending anew and pages
   * again; removed: no rule of this name is left, so that it ends without a "resolved"; not-covered: its rule stays, but
   * its new expression does not give this alert; layout: the rule files themselves move.
   */
  readonly why: 'moved' | 'removed' | 'not-covered' | 'layout';
}

/** The alerts of a server that lose their state with a release, in the server's order. */
export function resetAlerts(
  loaded: readonly StatefulGroup[],
  coming: readonly ComingGroup[],
  layoutChanged: boolean,
  identity: Identity,
): AlertReset[] {
  const places = new Map<string, number>();
  const names = new Set<string>();
  for (const { fileName, name, rules } of coming) {
    for (const rule of rules) {
      if (rule.kind !== 'alert') continue;
      names.add(rule.name);
      const key = identity({ file: fileName, ruleGroup: name, name: rule.name, labels: rule.labels });
      places.set(key, (places.get(key) ?? 0) + 1);
    }
  }
  const resets: AlertReset[] = [];
  for (const { fileName, name, rules } of loaded) {
    for (const rule of rules) {
      if (rule.kind !== 'alert') continue;
      const labels = new Map(Object.entries(rule.labels));
      const key = identity({ file: fileName, ruleGroup: name, name: rule.name, labels });
      const left = places.get(key) ?? 0;
      // Equal rules of one rule group take over state one by one, in their order.
      if (left > 0) places.set(key, left - 1);
      if (left > 0 && !layoutChanged) continue;
      const why = layoutChanged ? 'layout' : names.has(rule.name) ? 'moved' : 'removed';
      for (const { state, labels, activeAt } of rule.alerts) {
        resets.push({ alert: rule.name, state, labels, activeAt, why });
      }
    }
  }
  return resets;
}
