import { remember } from '../ground/remember.ts';
import type { Instance } from '../instance/instantiate.ts';
import type { InstanceTexts } from '../instance/labels.ts';
import { instanceTexts } from '../instance/labels.ts';
import type { Program } from '../instance/program.ts';
import { ROOT_ID } from '../lookup/groups.ts';

/** What Prometheus knows an alert by over a reload: its file, its rule group, its name and its static labels. */
export interface Identity {
  readonly file: string;
  readonly ruleGroup: string;
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
}

export function identityOf(instance: Instance, program: Program): Identity {
  const { rule, cell } = instance;
  const { native } = rule.group;
  const asItIs = native !== undefined && cell.owner === ROOT_ID;
  const file = asItIs ? native.fileName : `group-${cell.owner}.yml`;
  return {
    file,
    ruleGroup: asItIs ? native.groupName : `${cell.owner}/${rule.group.name}`,
    name: rule.name.value,
    labels: textsOf(instance, program).labels,
  };
}

const known = new WeakMap<Instance, InstanceTexts>();

/** The texts of an instance, rendered once. */
export function textsOf(instance: Instance, program: Program): InstanceTexts {
  return remember(known, instance, () => instanceTexts(instance, program));
}
