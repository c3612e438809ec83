import type { Located, Span } from '../ground/source.ts';
import type { Handles } from './handles.ts';

/** `rulewright.yaml`, with every default filled in. */
export interface Config {
  readonly prometheus: PrometheusConfig;
  /** Every server that the rules go to: those of `prometheus.servers`, else the one that `prometheus` itself describes. */
  readonly servers: readonly ServerConfig[];
  /** The label that says which group an alert's settings came from; false: none. */
  readonly groupLabel: string | false;
  readonly inventory: readonly InventorySource[];
  readonly metrics: readonly MetricFact[];
  /** What GitHub calls the owners that rules and groups name. */
  readonly owners: Handles;
  /** Derived cells of one rule above which the compiler refuses. */
  readonly maxCells: number;
}

export interface PrometheusConfig {
  /** A semver range, normalised: "3.4" has become ">=3.4". */
  readonly version: Located<string>;
  /** The feature flags that all servers run with. */
  readonly features: readonly string[];
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

/** What loads the rules of a release; each is a row of `outputs/table.ts`. */
export type Kind = 'prometheus';

/** One server that a release goes to. */
export interface ServerConfig {
  /** Its folder below `dist/`; "" where the repository has one server alone, whose files lie in `dist/` itself. */
  readonly name: string;
  readonly kind: Kind;
  readonly url: string;
  /** The folder of the rules as this machine sees it; the server may see it elsewhere. */
  readonly rulePath: string;
  /** External labels: its own series and targets don't carry them, so matchers on them are decided when it is compiled. */
  readonly labels: ReadonlyMap<string, string>;
  /** Only groups of these subtrees go to it; undefined: all. */
  readonly groups: readonly Located<string>[] | undefined;
  readonly layout: 'files' | 'bundle';
  readonly auth: ServerAuth;
  /** Where it is said; a complaint about this server points at it. */
  readonly span: Span;
}

/** How we prove to a server who we are. Files are read when it is asked; secrets themselves come from the environment alone. */
export interface ServerAuth {
  readonly username?: string;
  readonly password?: string;
  readonly passwordFile?: string;
  readonly bearerToken?: string;
  readonly bearerTokenFile?: string;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** The name that the certificate must have, where it isn't the URL's. */
  readonly serverName?: string;
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
