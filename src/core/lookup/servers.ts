import { satisfies } from '../../promql/constraint.ts';
import type { Box, LabelSet } from '../../promql/region.ts';
import { inBox } from '../../promql/region.ts';
import type { ServerConfig } from '../model/config.ts';
import type { Inventory, Target } from '../model/inventory.ts';
import type { WrittenGroup, WrittenOverride } from '../model/written.ts';
import type { Group, GroupTree } from './groups.ts';

/**
 * What a server's external labels decide. Its own series don't carry them, so a matcher on one is true of
 * all of them or of none: where it is true it falls away, where it is not, whatever asked for it isn't there.
 */

/** A box without the labels that a server decides; undefined where the server's own value contradicts it. */
export function decided(box: Box, external: LabelSet): Box | undefined {
  let rest: Map<string, NonNullable<ReturnType<Box['get']>>> | undefined;
  for (const [label, value] of external) {
    const c = box.get(label);
    if (!c) continue;
    if (!satisfies(value, c)) return undefined;
    rest ??= new Map(box);
    rest.delete(label);
  }
  return rest ?? box;
}

/** The groups that a server has, with what is left to ask of its series. The root is always there. */
export function treeOnServer(tree: GroupTree, { labels, groups }: ServerConfig): GroupTree {
  const wanted = groups && wantedGroups(tree, new Set(groups.map((g) => g.value)));
  const made = new Map<Group, Group>();
  for (const group of tree.groups) {
    const parent = group.parent && made.get(group.parent);
    if (group !== tree.root && (!parent || (wanted && !wanted.has(group)))) continue;
    const box = decided(group.box, labels);
    if (!box) continue;
    const same = box === group.box && parent === group.parent;
    made.set(
      group,
      same ? group : { ...group, box, ...(parent && { parent, ancestors: [...parent.ancestors, parent] }) },
    );
  }
  const own = [...made.values()];
  return {
    ...tree,
    root: made.get(tree.root) as Group,
    groups: own,
    byId: new Map(own.map((g) => [g.id, g])),
    external: labels,
    everywhere: tree,
  };
}

/** The subtrees that are named, and what is above them: a group inherits from its ancestors. */
function wantedGroups(tree: GroupTree, ids: ReadonlySet<string>): Set<Group> {
  const wanted = new Set<Group>();
  for (const group of tree.groups) {
    if (!ids.has(group.id) && !group.ancestors.some((g) => ids.has(g.id))) continue;
    for (const one of [group, ...group.ancestors]) wanted.add(one);
  }
  return wanted;
}

/** A label set as a server's own series have it: without its external labels. */
export function withoutExternal(labels: LabelSet, external: LabelSet): LabelSet {
  return new Map([...labels].filter(([label]) => !external.has(label)));
}

/** Whether a target can be one of a server's, by the labels that are known of it and the groups that it is in. */
export function isOnServer(target: { readonly labels: LabelSet }, tree: GroupTree, server: ServerConfig): boolean {
  return membership(tree, server)(target.labels);
}

/** The same for many targets: what hangs on the tree and the server alone is worked out once. */
export function membership(tree: GroupTree, { labels: external, groups }: ServerConfig): (labels: LabelSet) => boolean {
  const wanted = groups && wantedGroups(tree, new Set(groups.map((g) => g.value)));
  // Whoever is in a group is in those above it, of which each server has all or none that lead to its own.
  const tops = wanted && tree.groups.filter((g) => g.depth === 1);
  return (labels) => {
    for (const [label, value] of external) {
      const own = labels.get(label);
      if (own !== undefined && own !== value) return false;
    }
    if (!tops) return true;
    const all = new Map([...labels, ...external]);
    const own = tops.filter((g) => inBox(all, g.box));
    return own.length === 0 || own.some((g) => wanted.has(g));
  };
}

/** The targets that can be a server's, as its own series describe them: without its external labels. */
export function inventoryOnServer(inventory: Inventory, tree: GroupTree, server: ServerConfig): Inventory {
  const isThere = membership(tree, server);
  const targets = inventory.targets.flatMap((target): Target[] => {
    if (!isThere(target.labels)) return [];
    if (![...server.labels.keys()].some((label) => target.labels.has(label))) return [target];
    return [{ ...target, labels: withoutExternal(target.labels, server.labels) }];
  });
  const known = new Set([...inventory.known, ...server.labels.keys()]);
  return { targets, known, whole: inventory };
}

/**
 * Servers that get the same rules, together: those that differ only in labels that nobody asks for, such as HA pairs.
 * In the order of the first of each.
 */
export function alikeServers(
  servers: readonly ServerConfig[],
  tree: GroupTree,
  inventory: Inventory,
): readonly (readonly [ServerConfig, ...ServerConfig[]])[] {
  const [only, another] = servers;
  if (only && !another) return [[only]];
  const asked = askedLabels(tree, inventory);
  const alike = new Map<string, [ServerConfig, ...ServerConfig[]]>();
  for (const server of servers) {
    const labels = [...server.labels].filter(([label]) => asked.has(label)).sort(([a], [b]) => (a < b ? -1 : 1));
    const key = JSON.stringify([labels, server.groups ? [...treeOnServer(tree, server).byId.keys()] : null]);
    const own = alike.get(key);
    if (own) own.push(server);
    else alike.set(key, [server]);
  }
  return [...alike.values()];
}

/** Labels that groups, cases or targets know. */
function askedLabels(tree: GroupTree, inventory: Inventory): Set<string> {
  const asked = new Set(inventory.known);
  for (const { box, written } of tree.groups) {
    for (const label of box.keys()) asked.add(label);
    for (const { where } of written ? detailed(written) : []) {
      for (const { match } of where) for (const { matcher } of match) asked.add(matcher.label);
    }
  }
  return asked;
}

/** What a group says of rules by more than a number, which has no cases; there may be a million of those. */
export function detailed({ thresholds, overrides }: WrittenGroup): WrittenOverride[] {
  const more = [...thresholds.keys()].filter((i) => !thresholds.isSet(i));
  return [...more.map((i) => thresholds.at(i)), ...overrides];
}
