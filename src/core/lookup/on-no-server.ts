import { boxOf, meet } from '../../promql/region.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { SourceFile } from '../ground/source.ts';
import type { ServerConfig } from '../model/config.ts';
import type { Inventory, Target } from '../model/inventory.ts';
import type { Group, GroupTree } from './groups.ts';
import { unknownGroup } from './groups.ts';
import { decided, detailed, membership, treeOnServer } from './servers.ts';

/** Targets that are named in one message. */
const MOST_TARGETS = 5;

/** What is wrong with the servers' `groups`; and the groups, cases and targets that are on no server. */
export function checkServers(servers: readonly ServerConfig[], tree: GroupTree, inventory: Inventory): Diagnostic[] {
  const unknown = servers.flatMap(({ groups }) =>
    (groups ?? []).filter((g) => tree.whole && !tree.ids.has(g.value)).map((g) => unknownGroup(g, tree.ids)),
  );
  if (unknown.length > 0) return unknown;
  const trees = servers.map((server) => ({ server, on: treeOnServer(tree, server) }));
  return [
    ...groupsOnNoServer(trees, tree),
    ...tree.groups.flatMap((group) => casesOnNoServer(trees, group)),
    ...targetsOnNoServer(servers, tree, inventory),
  ];
}

/** A server with the groups that it has. */
interface On {
  readonly server: ServerConfig;
  readonly on: GroupTree;
}

function groupsOnNoServer(trees: readonly On[], tree: GroupTree): Diagnostic[] {
  const there = new Set(trees.flatMap(({ on }) => [...on.byId.keys()]));
  return tree.groups.flatMap((group) => {
    // Of a subtree that is on no server its top says so for all.
    if (there.has(group.id) || !group.written || !there.has(group.parent?.id ?? '')) return [];
    const byLabels = trees.every(({ server }) => decided(group.box, server.labels) === undefined);
    const why = byLabels
      ? 'its matchers contradict the external labels of each'
      : 'each lacks it in its `groups`, or has external labels that its matchers contradict';
    return [
      diagnostic(
        'group-on-no-server',
        group.written.matchSpan,
        `Group "${group.id}" is on no server of \`prometheus.servers\`: ${why}. Nothing that it says is compiled.`,
        { help: 'mend its `match`, or the `labels` and `groups` of the server that it is for' },
      ),
    ];
  });
}

/** The cases of a group that some server has, each of which contradicts the external labels of all those servers. */
function casesOnNoServer(trees: readonly On[], group: Group): Diagnostic[] {
  const having = trees.filter(({ on }) => on.byId.has(group.id));
  if (!group.written || having.length === 0) return [];
  return detailed(group.written).flatMap(({ rule, where }) =>
    where.flatMap(({ id, match }) => {
      const own = boxOf(match.map(({ matcher }) => matcher));
      const box = own && meet(group.box, own);
      // A case that nothing can be in is told of elsewhere.
      if (!box || having.some(({ server }) => decided(box, server.labels) !== undefined)) return [];
      const where = having.map(({ server }) => server.name).join(', ');
      return [
        diagnostic(
          'case-on-no-server',
          id.span,
          `The case "${id.value}" of "${rule.value}" is on no server: its matchers contradict the external labels of ${where}, where its group is. Its setting is compiled nowhere.`,
          { help: 'mend its `match`, or the `labels` of the server that it is for' },
        ),
      ];
    }),
  );
}

/** Targets that are nobody's: no alert watches them. Told once for each file of the inventory. */
function targetsOnNoServer(servers: readonly ServerConfig[], tree: GroupTree, { targets }: Inventory): Diagnostic[] {
  const memberships = servers.map((server) => membership(tree, server));
  const files = new Map<SourceFile, Target[]>();
  for (const target of targets) {
    if (memberships.some((isThere) => isThere(target.labels))) continue;
    const own = files.get(target.span.file);
    if (own) own.push(target);
    else files.set(target.span.file, [target]);
  }
  return [...files.values()].map((own) => {
    const [first] = own as [Target];
    const names = own.slice(0, MOST_TARGETS).map(({ id }) => id);
    const more = own.length > MOST_TARGETS ? ` and ${own.length - MOST_TARGETS} more` : '';
    const [are, them] = own.length === 1 ? ['target is', 'it'] : ['targets are', 'them'];
    return diagnostic(
      'target-on-no-server',
      first.span,
      `${own.length} ${are} on no server of \`prometheus.servers\`, so that no alert watches ${them}: ${names.join(', ')}${more}. The labels contradict the external labels of each server, or no server has the groups.`,
      { help: 'mend the labels of the inventory, or the `labels` and `groups` of the server that scrapes them' },
    );
  });
}
