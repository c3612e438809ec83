import type { CompiledRuleGroup } from '../core/model/ruleset.ts';
import { renderParts } from './prometheus/prometheus.ts';

/** Rule groups as a plain rule file, for a source: without the header of what is compiled. */
export function plainText(groups: readonly CompiledRuleGroup[]): string {
  const file = { fileName: '', groupId: '', ruleCount: 0, sources: [], ruleGroups: () => groups };
  const [, ...parts] = renderParts(file);
  return parts.join('');
}
