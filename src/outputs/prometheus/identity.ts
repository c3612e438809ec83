import type { AlertPlace } from '../../core/model/identity.ts';

/**
 * Prometheus copies the state of a rule from the rule group of the same file and name, to the rule of the same name and static
 * labels (rules/group.go, CopyState). A label without a value is no label to it.
 */
export function identity({ file, ruleGroup, name, labels }: AlertPlace): string {
  const pairs = [...labels].filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([file, ruleGroup, name, pairs]);
}
