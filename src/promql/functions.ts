import type { Version } from './version.ts';

/** What an expression evaluates to: an instant vector, a range vector (matrix), a number or a text. */
export type ValueType = 'scalar' | 'vector' | 'matrix' | 'string';

/** A function of PromQL, as the newest server knows it. */
export interface FunctionSpec {
  readonly args: readonly ValueType[];
  /** 0: exactly `args`. Above: the last of `args` may stand from none up to so many times. -1: any number of times. */
  readonly variadic: number;
  readonly returns: ValueType;
  /** The first version that has it; absent where 2.42 has. */
  readonly since?: Version;
  /** The first version that no longer has it, and what stands in its place. */
  readonly until?: Version;
  readonly instead?: string;
  /** Only behind the feature flag `promql-experimental-functions`: always, or up to the version before this one. */
  readonly experimental?: true | { readonly until: Version };
}

type More = Partial<Omit<FunctionSpec, 'args'>>;

const takes = (args: readonly ValueType[], more: More = {}): FunctionSpec => ({
  args,
  variadic: 0,
  returns: 'vector',
  ...more,
});
const OF_VECTOR = takes(['vector']);
const OF_RANGE = takes(['matrix']);
const OF_TIME = takes(['vector'], { variadic: 1 });
const experimental = (since: Version, spec: FunctionSpec): FunctionSpec => ({ ...spec, since, experimental: true });

const TABLE: Readonly<Record<string, FunctionSpec>> = {
  abs: OF_VECTOR,
  absent: OF_VECTOR,
  absent_over_time: OF_RANGE,
  acos: OF_VECTOR,
  acosh: OF_VECTOR,
  asin: OF_VECTOR,
  asinh: OF_VECTOR,
  atan: OF_VECTOR,
  atanh: OF_VECTOR,
  avg_over_time: OF_RANGE,
  ceil: OF_VECTOR,
  changes: OF_RANGE,
  clamp: takes(['vector', 'scalar', 'scalar']),
  clamp_max: takes(['vector', 'scalar']),
  clamp_min: takes(['vector', 'scalar']),
  cos: OF_VECTOR,
  cosh: OF_VECTOR,
  count_over_time: OF_RANGE,
  day_of_month: OF_TIME,
  day_of_week: OF_TIME,
  day_of_year: OF_TIME,
  days_in_month: OF_TIME,
  deg: OF_VECTOR,
  delta: OF_RANGE,
  deriv: OF_RANGE,
  double_exponential_smoothing: experimental([3, 0], takes(['matrix', 'scalar', 'scalar'])),
  end: experimental([3, 12], takes([], { returns: 'scalar' })),
  exp: OF_VECTOR,
  first_over_time: takes(['matrix'], { since: [3, 7], experimental: { until: [3, 14] } }),
  floor: OF_VECTOR,
  histogram_avg: takes(['vector'], { since: [2, 51] }),
  histogram_count: OF_VECTOR,
  histogram_fraction: takes(['scalar', 'scalar', 'vector']),
  histogram_quantile: takes(['scalar', 'vector']),
  histogram_quantiles: experimental([3, 11], takes(['vector', 'string', 'scalar', 'scalar'], { variadic: 9 })),
  histogram_stddev: takes(['vector'], { since: [2, 47] }),
  histogram_stdvar: takes(['vector'], { since: [2, 47] }),
  histogram_sum: OF_VECTOR,
  holt_winters: takes(['matrix', 'scalar', 'scalar'], { until: [3, 0], instead: 'double_exponential_smoothing' }),
  hour: OF_TIME,
  idelta: OF_RANGE,
  increase: OF_RANGE,
  info: experimental([2, 55], takes(['vector', 'vector'], { variadic: 1 })),
  integral: experimental([3, 16], takes(['matrix', 'scalar'], { variadic: 1 })),
  irate: OF_RANGE,
  label_join: takes(['vector', 'string', 'string', 'string'], { variadic: -1 }),
  label_replace: takes(['vector', 'string', 'string', 'string', 'string']),
  last_over_time: OF_RANGE,
  ln: OF_VECTOR,
  log10: OF_VECTOR,
  log2: OF_VECTOR,
  mad_over_time: experimental([2, 49], OF_RANGE),
  max_of: experimental([3, 13], takes(['scalar', 'scalar'], { returns: 'scalar' })),
  max_over_time: OF_RANGE,
  min_of: experimental([3, 13], takes(['scalar', 'scalar'], { returns: 'scalar' })),
  min_over_time: OF_RANGE,
  minute: OF_TIME,
  month: OF_TIME,
  pi: takes([], { returns: 'scalar' }),
  predict_linear: takes(['matrix', 'scalar']),
  present_over_time: OF_RANGE,
  quantile_over_time: takes(['scalar', 'matrix']),
  rad: OF_VECTOR,
  range: experimental([3, 12], takes([], { returns: 'scalar' })),
  rate: OF_RANGE,
  resets: OF_RANGE,
  round: takes(['vector', 'scalar'], { variadic: 1 }),
  scalar: takes(['vector'], { returns: 'scalar' }),
  sgn: OF_VECTOR,
  sin: OF_VECTOR,
  sinh: OF_VECTOR,
  sort: OF_VECTOR,
  sort_by_label: experimental([2, 49], takes(['vector', 'string'], { variadic: -1 })),
  sort_by_label_desc: experimental([2, 49], takes(['vector', 'string'], { variadic: -1 })),
  sort_desc: OF_VECTOR,
  sqrt: OF_VECTOR,
  start: experimental([3, 12], takes([], { returns: 'scalar' })),
  start_timestamp: experimental([3, 14], OF_VECTOR),
  stddev_over_time: OF_RANGE,
  stdvar_over_time: OF_RANGE,
  step: experimental([3, 12], takes([], { returns: 'scalar' })),
  sum_over_time: OF_RANGE,
  tan: OF_VECTOR,
  tanh: OF_VECTOR,
  time: takes([], { returns: 'scalar' }),
  timestamp: OF_VECTOR,
  ts_of_first_over_time: experimental([3, 7], OF_RANGE),
  ts_of_last_over_time: experimental([3, 5], OF_RANGE),
  ts_of_max_over_time: experimental([3, 5], OF_RANGE),
  ts_of_min_over_time: experimental([3, 5], OF_RANGE),
  vector: takes(['scalar']),
  year: OF_TIME,
};

/** The function of a name; names of functions are case-sensitive. */
export function functionSpec(name: string): FunctionSpec | undefined {
  return Object.hasOwn(TABLE, name) ? TABLE[name] : undefined;
}

export const FUNCTION_NAMES: readonly string[] = Object.keys(TABLE);
