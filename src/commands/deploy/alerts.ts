import { exprMeaning } from '../../core/adopt/compare.ts';
import type { ActiveAlert, AlertReset } from '../../core/deploy/alerts.ts';
import type { ReadBackGroup, ReadBackRule } from '../../core/deploy/read-back.ts';
import { instantQuery, isServerProblem } from '../../io/server/http.ts';
import type { LoadedGroup, LoadedRule } from '../../io/server/types.ts';
import type { LabelSet } from '../../promql/region.ts';
import type { Asked } from './ask.ts';
import type { Session } from './session.ts';

/** Milliseconds for all queries; firing rules whose expression changes are few, but a single one can be slow. */
const PATIENCE = 10_000;

/**
 * Alerts that are pending or firing under a rule that stays, but whose new expression does not give them (any more): a
 * threshold that was raised, a group that was taken out. The server itself says so.
 */
export async function uncoveredAlerts(
  { io }: Session,
  { connection }: Asked,
  loaded: readonly (LoadedGroup & { readonly fileName: string })[],
  wanted: readonly ReadBackGroup[],
): Promise<AlertReset[]> {
  const coming = new Map(wanted.map((group) => [`${group.fileName} ${group.name}`, group]));
  const resets: AlertReset[] = [];
  const deadline = io.now() + PATIENCE;
  for (const group of loaded) {
    const next = coming.get(`${group.fileName} ${group.name}`);
    for (const rule of next ? group.rules.filter(({ alerts }) => alerts.length > 0) : []) {
      const stays = next?.rules.find((other) => sameRule(rule, other));
      if (!stays || io.now() > deadline || exprMeaning(rule.query, 'exact') === exprMeaning(stays.expr, 'exact'))
        continue;
      const series = await instantQuery(connection, stays.expr);
      // What can't be asked now is no news: the release is judged by other means.
      if (isServerProblem(series)) continue;
      for (const alert of rule.alerts.filter((one) => !given(one, series, rule))) {
        const { state, labels, activeAt } = alert;
        resets.push({ alert: rule.name, state, labels, activeAt, why: 'not-covered' });
      }
    }
  }
  return resets;
}

function sameRule(loaded: LoadedRule, coming: ReadBackRule): boolean {
  if (loaded.kind !== coming.kind || loaded.name !== coming.name) return false;
  const labels = Object.entries(loaded.labels);
  return labels.length === coming.labels.size && labels.every(([name, value]) => coming.labels.get(name) === value);
}

/** Whether one of the series is this alert's: their labels are the alert's but for those that the rule itself sets. */
function given(alert: ActiveAlert, series: readonly LabelSet[], rule: LoadedRule): boolean {
  const own = new Set(['alertname', ...Object.keys(rule.labels)]);
  const mine = Object.entries(alert.labels).filter(([name]) => !own.has(name));
  return series.some((labels) => {
    const theirs = [...labels].filter(([name]) => !own.has(name));
    return theirs.length === mine.length && mine.every(([name, value]) => labels.get(name) === value);
  });
}
