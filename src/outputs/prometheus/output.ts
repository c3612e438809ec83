import type { OutputFile } from '../../core/model/output-file.ts';
import type { RuleFile, RuleSet } from '../../core/model/ruleset.ts';
import { BACKENDS } from '../../core/parse/schema/backends.ts';
import type { Output } from '../output.ts';
import { carryOver } from './blocks.ts';
import { identity } from './identity.ts';
import { renderParts } from './prometheus.ts';

/** Rule files in a folder that Prometheus loads: each file of the plan is one. */
export const prometheus: Output = {
  title: 'Prometheus rule files',
  settings: BACKENDS.prometheus,
  files: ({ files }: RuleSet) => files.map(outputFile),
  // What Prometheus can't load has been found by then: the compiler's own checks and promtool speak of this very format.
  check: () => [],
  identity,
  carryOver,
  deploy: 'files',
};

function outputFile(file: RuleFile): OutputFile {
  const { fileName, groupId, sources, ruleCount } = file;
  return { path: `rules/${fileName}`, groupId, sources, ruleCount, parts: () => renderParts(file) };
}
