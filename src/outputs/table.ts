import type { RuleFile } from '../core/model/ruleset.ts';
import { renderFile, renderParts } from './prometheus/prometheus.ts';

/** One kind of backend: how it writes a compiled file. */
export interface Output {
  /** What it is, in a few words for people. */
  readonly title: string;
  /** The whole text of a file. */
  readonly renderFile: (file: RuleFile) => string;
  /** The same text in pieces, for files that are too large for one string. */
  readonly renderParts: (file: RuleFile) => Iterable<string>;
}

/** Every backend by the name that people write. A new one is a row here and a small file beside this one. */
export const OUTPUTS: Readonly<Record<string, Output>> = {
  prometheus: { title: 'Prometheus rule files', renderFile, renderParts },
};
