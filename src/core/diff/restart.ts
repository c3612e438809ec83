import type { Instance } from '../instance/instantiate.ts';
import type { Group } from '../lookup/groups.ts';
import type { Difference, Ground } from './difference.ts';
import { alertPlaceOf } from './identity.ts';
import type { GroupNames } from './pairs.ts';
import { ofGroup, placeOf } from './said.ts';

/**
 * Whether an alert's state is lost, which its backend says, and why. Recording rules have none.
 */
export function restartOf(a: Instance, b: Instance, ground: Ground): Difference[] {
  if (a.rule.kind !== 'alert' || b.rule.kind !== 'alert') return [];
  const { base, head, names, identity } = ground;
  const [old, now] = [alertPlaceOf(a, base), alertPlaceOf(b, head)];
  const layoutChanged = base.config.prometheus.layout !== head.config.prometheus.layout;
  if (identity(old) === identity(now) && !layoutChanged) return [];
  const causes: Omit<Difference, 'kind'>[] = [];
  const owner = b.cell.owner;
  if (a.cell.owner !== owner) {
    const renamed = names.now(a.cell.owner) === owner;
    const group = groupToBlame(a.cell.owner, owner, ground) ?? b.cell.declarations.at(-1)?.group;
    causes.push({
      field: renamed ? 'group' : 'instance',
      old: a.cell.owner,
      new: owner,
      group: (renamed && group?.id) || owner,
      why: renamed
        ? renamedText(a.cell.owner, names)
        : `the alert now comes from ${ownerText(owner)}, before from ${ownerText(a.cell.owner)}`,
      ...(group?.written && { place: { side: 'head', span: group.span } }),
    });
  } else if (old.file !== now.file) {
    causes.push({
      field: 'file',
      old: a.rule.group.file.path,
      new: b.rule.group.file.path,
      why: `its file moved from ${a.rule.group.file.path} to ${b.rule.group.file.path}`,
      place: { side: 'head', span: b.rule.group.span },
    });
  }
  if (a.rule.group.name !== b.rule.group.name && old.ruleGroup !== now.ruleGroup) {
    causes.push({
      field: 'rule_group',
      old: a.rule.group.name,
      new: b.rule.group.name,
      why: `its rule group is now called "${b.rule.group.name}", before "${a.rule.group.name}"`,
      place: { side: 'head', span: b.rule.group.span },
    });
  }
  if (old.name !== now.name) {
    causes.push({
      field: 'name',
      old: old.name,
      new: now.name,
      why: `the alert is now called "${now.name}", before "${old.name}"`,
      place: { side: 'head', span: b.rule.name.span },
    });
  }
  causes.push(...labelCauses(a, b, ground));
  if (layoutChanged) {
    causes.push({
      field: 'layout',
      old: base.config.prometheus.layout,
      new: head.config.prometheus.layout,
      why: `the layout is now "${head.config.prometheus.layout}", so that every alert lies in another file`,
    });
  }
  return causes.slice(0, 1).map((first) => ({
    ...first,
    kind: 'restart',
    why: [...new Set(causes.map((c) => c.why))].join('; '),
  }));
}

/** The group whose line is shown: the renamed one, else the owner, else none. */
function groupToBlame(old: string, now: string, { head, names }: Ground): Group | undefined {
  const renamed = old.split('--').find((id) => names.renamed.has(id));
  return head.tree.byId.get(renamed === undefined ? now : (names.renamed.get(renamed) ?? now));
}

/** A derived group is renamed with one that it joins, and that one is to blame. */
function renamedText(owner: string, { renamed }: GroupNames): string {
  const parts = owner.split('--').filter((id) => renamed.has(id));
  return parts.map((id) => `group "${id}" is now called "${renamed.get(id)}"`).join(' and ');
}

const ownerText = (owner: string): string => (owner === 'default' ? 'the default' : `group "${owner}"`);

function labelCauses(a: Instance, b: Instance, { base, head }: Ground): Omit<Difference, 'kind'>[] {
  const [old, now] = [alertPlaceOf(a, base).labels, alertPlaceOf(b, head).labels];
  const moved = a.cell.owner !== b.cell.owner;
  const [groupLabel, newLabel] = [base.config.groupLabel, head.config.groupLabel];
  if (
    groupLabel !== newLabel &&
    [groupLabel, newLabel].some((name) => name !== false && (old.has(name) || now.has(name)))
  ) {
    const text = (name: string | false): string => (name === false ? 'none' : `"${name}"`);
    return [{ field: 'group_label', why: `the group label is now ${text(newLabel)}, before ${text(groupLabel)}` }];
  }
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((name) => {
    const [before, after] = [old.get(name), now.get(name)];
    // That another instance carries its own group label has been said.
    if (before === after || (moved && (name === base.config.groupLabel || name === 'rule_case'))) return [];
    const field = `label:${name}`;
    return [
      {
        field,
        ...(before !== undefined && { old: before }),
        ...(after !== undefined && { new: after }),
        why: `its label ${name} ${labelText(before, after)}`,
        ...ofGroup(a, b, field),
        ...placeOf(a, b, field),
      },
    ];
  });
}

function labelText(before: string | undefined, after: string | undefined): string {
  if (after === undefined) return `"${before}" is gone`;
  if (before === undefined) return `is new: "${after}"`;
  return `is now "${after}", before "${before}"`;
}
