import { memo } from '../ground/memo.ts';
import type { Instance } from '../instance/instantiate.ts';
import type { InstanceTexts } from '../instance/labels.ts';
import { instanceTexts } from '../instance/labels.ts';
import type { Program } from '../instance/program.ts';
import { ROOT_ID } from '../lookup/groups.ts';
import type { AlertPlace } from '../model/identity.ts';

/** Where an instance's alert will stand on a server. */
export function alertPlaceOf(instance: Instance, program: Program): AlertPlace {
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
  return memo(known, instance, () => instanceTexts(instance, program));
}
