import type { Box, LabelSet } from '../../promql/region.ts';
import { boxOf, EVERYTHING, inBox, meet, within } from '../../promql/region.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { SourceFile, Span } from '../ground/source.ts';
import { suggest } from '../ground/suggest.ts';
import type { WrittenGroup, WrittenSources } from '../model/written.ts';

/** A group of targets in its tree. */
export interface Group {
  readonly id: string;
  /** What it says; undefined for a root that no file speaks for. */
  readonly written?: WrittenGroup;
  readonly parent?: Group;
  /** From the root down to the parent. */
  readonly ancestors: readonly Group[];
  readonly depth: number;
  readonly priority: number;
  /** The group's own matchers and those of all its ancestors. */
  readonly box: Box;
  readonly span: Span;
}

export const ROOT_ID = 'default';

export interface GroupTree {
  readonly root: Group;
  /** The root and every group whose place in the tree is known; parents before children, else by id. */
  readonly groups: readonly Group[];
  readonly byId: ReadonlyMap<string, Group>;
  /** All ids that were written, those of groups that were left out among them. */
  readonly ids: ReadonlySet<string>;
  /** Whether all files of groups could be read. */
  readonly whole: boolean;
  /** External labels of the server that this tree is for; its boxes don't ask for them. */
  readonly external?: LabelSet;
  /** Where it is for one of several servers: the tree that it was cut from. */
  readonly everywhere?: GroupTree;
}

/** Builds the tree. Groups with an unknown parent, in a cycle or with an empty region are reported and left out. */
export function groupTree(
  { groups: written, unread }: Pick<WrittenSources, 'groups' | 'unread'>,
  fallback: SourceFile,
): { tree: GroupTree; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const byId = uniqueById(written, diagnostics);
  const rootWritten = byId.get(ROOT_ID);
  const root = rootGroup(rootWritten, fallback, diagnostics);
  const whole = !unread.has('groups');
  const built = new Map<string, Group | undefined>([[ROOT_ID, root]]);

  const build = (group: WrittenGroup, trail: readonly string[]): Group | undefined => {
    const id = group.id.value;
    if (built.has(id)) return built.get(id);
    const parentId = group.parent?.value ?? ROOT_ID;
    if (trail.includes(parentId) || parentId === id) {
      const loop = [...trail.slice(Math.max(0, trail.indexOf(parentId))), id, parentId];
      diagnostics.push(
        diagnostic(
          'cycle',
          group.parent?.span ?? group.id.span,
          `The parents of group "${id}" lead back to itself: ${loop.join(' → ')}.`,
          {
            help: 'let one of them name another parent, or none (then its parent is the root, "default")',
          },
        ),
      );
      built.set(id, undefined);
      return undefined;
    }
    const parentWritten = byId.get(parentId);
    const parent = parentId === ROOT_ID ? root : parentWritten && build(parentWritten, [...trail, id]);
    if (parentId !== ROOT_ID && !parentWritten && whole)
      diagnostics.push(unknownGroup(group.parent as NonNullable<typeof group.parent>, byId.keys()));
    const result = parent && place(group, parent, diagnostics);
    built.set(id, result);
    return result;
  };

  for (const group of byId.values()) if (group !== rootWritten) build(group, []);
  const groups = [...built.values()].filter((g) => g !== undefined);
  groups.sort((a, b) => a.depth - b.depth || (a.id < b.id ? -1 : 1));
  return {
    tree: { root, groups, byId: new Map(groups.map((g) => [g.id, g])), ids: new Set([ROOT_ID, ...byId.keys()]), whole },
    diagnostics,
  };
}

export function unknownGroup(name: { value: string; span: Span }, known: Iterable<string>): Diagnostic {
  const ids = [...new Set([ROOT_ID, ...known])].sort();
  const close = suggest(name.value, ids);
  return diagnostic('unknown-group', name.span, `There is no group "${name.value}".`, {
    help: close ? `did you mean "${close}"?` : `the groups are: ${ids.slice(0, 20).join(', ')}`,
  });
}

function uniqueById(written: readonly WrittenGroup[], diagnostics: Diagnostic[]): Map<string, WrittenGroup> {
  const byId = new Map<string, WrittenGroup>();
  const folded = new Map<string, WrittenGroup>();
  for (const group of written) {
    const first = folded.get(group.id.value.toLowerCase());
    if (first) {
      const same = first.id.value === group.id.value ? 'the id' : 'but for case, the id';
      diagnostics.push(
        diagnostic(
          'duplicate-id',
          group.id.span,
          `Group "${group.id.value}" has ${same} of another group; both would compile to one file.`,
          {
            help: 'give one of them another `id`',
            notes: [{ message: `"${first.id.value}" is here`, span: first.id.span }],
          },
        ),
      );
      continue;
    }
    folded.set(group.id.value.toLowerCase(), group);
    byId.set(group.id.value, group);
  }
  return byId;
}

function rootGroup(written: WrittenGroup | undefined, fallback: SourceFile, diagnostics: Diagnostic[]): Group {
  const base = { id: ROOT_ID, ancestors: [], depth: 0, box: EVERYTHING };
  if (!written) return { ...base, priority: 0, span: { file: fallback, start: 0, end: 0 } };
  if (written.parent) {
    diagnostics.push(
      diagnostic('invalid-value', written.parent.span, 'The group "default" is the root; it has no parent.', {
        help: 'remove `parent`',
      }),
    );
  }
  if (written.match.length > 0) {
    diagnostics.push(
      diagnostic(
        'invalid-value',
        written.matchSpan,
        'The group "default" is the root and matches every target; a `match` would leave some without any group.',
        {
          help: 'remove `match`, or give the group another id',
        },
      ),
    );
  }
  return { ...base, written, priority: written.priority?.value ?? 0, span: written.id.span };
}

function place(group: WrittenGroup, parent: Group, diagnostics: Diagnostic[]): Group | undefined {
  const id = group.id.value;
  const own = boxOf(group.match.map((m) => m.matcher));
  const box = own && meet(parent.box, own);
  if (!box) {
    const inherited = parent.written?.match.length
      ? [{ message: `its parent "${parent.id}" matches this`, span: parent.written.matchSpan }]
      : [];
    diagnostics.push(
      diagnostic(
        'empty-region',
        group.matchSpan,
        `Nothing can match group "${id}": its matchers contradict ${own ? `those of its parent "${parent.id}"` : 'one another'}.`,
        {
          help: '`match` narrows what the parent matches; mend it, or choose another `parent`',
          notes: own ? inherited : [],
        },
      ),
    );
    return undefined;
  }
  if (!group.hasMatch) {
    diagnostics.push(
      diagnostic(
        'match-missing',
        group.matchSpan,
        `Group "${id}" has no \`match\`, so that every target of its parent "${parent.id}" is in it.`,
        {
          help: 'say which targets it is about, such as match: { env: prod }; what is for all of them belongs to the parent',
        },
      ),
    );
  }
  const priority = group.priority?.value ?? parent.priority;
  if (priority < parent.priority) {
    diagnostics.push(
      diagnostic(
        'priority-below-parent',
        group.priority?.span ?? group.id.span,
        `Group "${id}" has priority ${priority}, lower than ${parent.priority} of its parent "${parent.id}"; the parent would override it.`,
        {
          help: `give it ${parent.priority} or more, or leave it out (it is inherited)`,
          notes: parent.written?.priority
            ? [{ message: `the priority of "${parent.id}"`, span: parent.written.priority.span }]
            : [],
        },
      ),
    );
  }
  const ancestors = [...parent.ancestors, parent];
  return { id, written: group, parent, ancestors, depth: ancestors.length, priority, box, span: group.id.span };
}

/** Whether one of two groups is the other's ancestor, or they are one. */
export function related(a: Group, b: Group): boolean {
  return a === b || a.ancestors.includes(b) || b.ancestors.includes(a);
}

type Ranked = Pick<Group, 'id' | 'depth' | 'priority'>;

/** The order in which settings are folded: later wins. Ids only order what cannot disagree. */
export function foldOrder(a: Ranked, b: Ranked): number {
  return a.priority - b.priority || a.depth - b.depth || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** The groups that a label set is in, in fold order. */
export function groupsOf(tree: GroupTree, labels: LabelSet): Group[] {
  return tree.groups.filter((g) => inBox(labels, g.box)).sort(foldOrder);
}

/** The groups that contain a whole box, in fold order. */
export function groupsAround(tree: GroupTree, box: Box): Group[] {
  return tree.groups.filter((g) => within(box, g.box)).sort(foldOrder);
}

/** The deepest of some groups: those that are nobody's ancestor among them; sorted by id. */
export function leaves(groups: readonly Group[]): Group[] {
  const above = new Set(groups.flatMap((g) => g.ancestors));
  return [...new Set(groups)].filter((g) => !above.has(g)).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The id of the group that owns what these groups together have a say in. */
export function ownerId(groups: readonly Group[]): string {
  return leaves(groups)
    .map((g) => g.id)
    .join('--');
}
