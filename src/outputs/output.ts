import type { Diagnostic } from '../core/ground/diagnostic.ts';
import type { ServerConfig } from '../core/model/config.ts';
import type { Identity } from '../core/model/identity.ts';
import type { OutputFile } from '../core/model/output-file.ts';
import type { RuleSet } from '../core/model/ruleset.ts';
import type { BackendSettings } from '../core/parse/schema/backends.ts';

/** One kind of backend: what is written for it, and what its servers do with that. */
export interface Output {
  /** What it is, in a few words for people. */
  readonly title: string;
  /** Its keys in `rulewright.yaml`: they are read, checked and explained to editors from here. */
  readonly settings: BackendSettings;
  /** What is written below `dist/`, or below the server's folder of it: one rule file may become several, or several one. */
  files(set: RuleSet, server: ServerConfig): Iterable<OutputFile>;
  /** Limits of the backend that the rules exceed, and fields that it lacks. */
  check(set: RuleSet, server: ServerConfig): readonly Diagnostic[];
  /** What carries an alert's state over a release. */
  readonly identity: Identity;
  /**
   * One of its texts with the changes between two others, of which it holds a part: what a build with a changed number writes.
   * undefined where it can't be told by the texts alone.
   */
  carryOver(text: string, before: string, after: string): string | undefined;
  /** How a release arrives: files in a folder that the server loads, by HTTP, or applied by somebody else from git. */
  readonly deploy: 'files' | 'api' | 'commit';
}
