import type { Version } from './version.ts';

/** The aggregation operators: what their param must be, where they take one, and which servers have them. */
export interface Aggregator {
  readonly param?: 'scalar' | 'string';
  readonly since?: Version;
  /** Only behind the feature flag `promql-experimental-functions`. */
  readonly experimental?: true;
}

const PLAIN: Aggregator = {};
const WITH_NUMBER: Aggregator = { param: 'scalar' };

const TABLE: Readonly<Record<string, Aggregator>> = {
  avg: PLAIN,
  bottomk: WITH_NUMBER,
  count: PLAIN,
  count_values: { param: 'string' },
  group: PLAIN,
  limit_ratio: { param: 'scalar', since: [2, 54], experimental: true },
  limitk: { param: 'scalar', since: [2, 54], experimental: true },
  max: PLAIN,
  min: PLAIN,
  quantile: WITH_NUMBER,
  stddev: PLAIN,
  stdvar: PLAIN,
  sum: PLAIN,
  topk: WITH_NUMBER,
};

/** The aggregation operator of a name in lower case. */
export function aggregator(name: string): Aggregator | undefined {
  return Object.hasOwn(TABLE, name) ? TABLE[name] : undefined;
}
