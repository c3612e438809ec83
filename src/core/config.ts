import type { Located } from './source.ts';

/** `rulewright.yaml`, with every default filled in. */
export interface Config {
  readonly prometheus: PrometheusConfig;
  /** The label that says which group an alert's settings came from; false: none. */
  readonly groupLabel: string | false;
  readonly inventory: readonly InventorySource[];
  readonly metrics: readonly MetricFact[];
  /** Derived cells of one rule above which the compiler refuses. */
  readonly maxCells: number;
}

export interface PrometheusConfig {
  /** A semver range, normalised: "3.4" has become ">=3.4". */
  readonly version: Located<string>;
  readonly url: string;
  readonly rulePath: string;
  readonly reloadEnabled: boolean;
  /** Seconds. */
  readonly reloadTimeout: number;
  readonly validateRules: 'auto' | 'true' | 'false';
  readonly promtoolPath: string;
  readonly backupEnabled: boolean;
  readonly layout: 'files' | 'bundle';
}

export interface InventorySource {
  readonly files: Located<string>;
  readonly labels: Readonly<Record<string, string>>;
}

/** What is not true of some metrics by default: which of their target's labels their series carry. */
export interface MetricFact {
  /** RE2, anchored. */
  readonly metric: Located<string>;
  readonly labels: readonly string[];
}
