import { type Box, boxKey } from '../../promql/region.ts';
import { selectorText } from '../effective/effective.ts';
import { parseDuration } from '../ground/duration.ts';
import type { Instance } from '../instance/instantiate.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';
import { forEachPlace } from '../instance/program.ts';
import type { Rule } from '../model/rule.ts';
import type { Ground } from './difference.ts';
import { ownersOf } from './owners.ts';
import type { RulePair } from './pairs.ts';
import { idOf } from './pairs.ts';
import type { Change } from './report.ts';
import { NOBODY } from './report.ts';
import { sameRegion } from './same.ts';
import { arrow, count, few } from './words.ts';

/** What is told of rules and groups themselves, whoever the targets are. */
export function structureChanges(pairs: readonly RulePair[], ground: Ground): Change[] {
  return [
    ...moved(pairs, ground),
    ...pairs.flatMap((pair) => fleetWide(pair, ground)),
    ...schedules(pairs, ground),
    ...renamedGroups(ground),
    ...overlaps(pairs, ground),
  ];
}

/** Rules that are called otherwise, one by one; rules that lie in another file, all of a file together. */
function moved(pairs: readonly RulePair[], ground: Ground): Change[] {
  const files = new Map<string, RulePair[]>();
  const renamed: Change[] = [];
  for (const pair of pairs) {
    if (!pair.base || !pair.head) continue;
    const [a, b] = [pair.base.rule, pair.head.rule];
    if (a.id !== b.id) {
      const message = tiersText(a, b, ground) ?? `${a.id} is now called ${b.id}.`;
      renamed.push({ ...movedChange([pair], a.id, b.id, ground), message, field: 'id' });
    }
    const [from, to] = [a.group.file.path, b.group.file.path];
    if (from !== to) files.set(`${from}\n${to}`, [...(files.get(`${from}\n${to}`) ?? []), pair]);
  }
  const between = [...files].map(([key, own]) => {
    const [from = '', to = ''] = key.split('\n');
    const rules = own.map(idOf);
    const verb = rules.length === 1 ? 'is' : 'are';
    return {
      ...movedChange(own, from, to, ground),
      message: `${count(rules.length, 'rule')} ${verb} now in ${to}, before in ${from}: ${few(rules)}.`,
      field: 'file',
    };
  });
  return [...renamed, ...between];
}

/** That a rule was split into tiers, or that tiers are one rule again; undefined where neither is. */
function tiersText(a: Rule, b: Rule, { base, head }: Ground): string | undefined {
  const tiers = (state: Program, of: string): string =>
    few(state.rules.flatMap(({ rule }) => (rule.tier?.of === of ? [rule.id] : [])));
  if (b.tier?.of === a.id) return `${a.id} is now split into tiers: ${tiers(head, a.id)}.`;
  if (a.tier?.of === b.id) return `${tiers(base, b.id)} are now one rule: ${b.id}.`;
  return undefined;
}

function movedChange(own: readonly RulePair[], old: string, now: string, ground: Ground): Omit<Change, 'message'> {
  const span = own[0]?.head?.rule.span;
  return {
    kind: 'rule-moved',
    severity: 'notice',
    rules: own.map(idOf),
    old,
    new: now,
    ...(span && { place: { side: 'head', span } as const }),
    affected: NOBODY,
    owners: ownersOf(own, [], ground),
  };
}

/** Of a rule that combines targets or fires where nothing is: by which regions it is computed. */
function fleetWide(pair: RulePair, ground: Ground): Change[] {
  const { base, head } = pair;
  if (!base || !head) return [];
  const whole = (r: ResolvedRule): boolean => r.analysis.fleetWide || r.analysis.fromNothing;
  if (!whole(base) || !whole(head)) return [];
  const [old, now] = [base.instances, head.instances];
  const owners = (all: readonly Instance[], name: (id: string) => string): string =>
    all
      .map((i) => `${name(i.cell.owner)} ${i.cell.caseId ?? ''}`)
      .sort()
      .join();
  const alike = owners(old, ground.names.now) === owners(now, (id) => id);
  if (
    alike &&
    (old.length !== now.length || old.every((a, i) => sameRegion(a.cell.region, (now[i] as Instance).cell.region)))
  )
    return [];
  if (old.length === 0 || now.length === 0) return [];
  const list = few(
    now.map((i) => (i.cell.owner === 'default' ? 'the rest' : i.cell.owner)),
    5,
  );
  const id = head.rule.id;
  const message =
    now.length === 1
      ? `${id} combines targets and is again computed over ${old.length === 1 ? 'others than before' : 'all of them at once'}.`
      : old.length === 1
        ? `${id} combines targets and is now computed region by region (${list}): each region alone must reach the threshold.`
        : `${id} combines targets, and the regions that it is computed for change (now ${list}).`;
  const last = now.flatMap((i) => i.cell.declarations).find((d) => d.byName && d.group.depth > 0);
  return [
    {
      kind: 'fleet-wide',
      severity: 'warning',
      message,
      rules: [id],
      old: count(old.length, 'region'),
      new: count(now.length, 'region'),
      why: `now ${list}`,
      place: { side: 'head', span: last?.span ?? head.rule.span },
      affected: NOBODY,
      owners: ownersOf([pair], last ? [last.group.id] : [], ground),
    },
  ];
}

/** `interval`, `query_offset` and `limit` of rule groups, all rules of a file together. */
function schedules(pairs: readonly RulePair[], ground: Ground): Change[] {
  const found = new Map<
    string,
    { pairs: RulePair[]; field: string; old: string | undefined; now: string | undefined }
  >();
  for (const pair of pairs) {
    if (!pair.base || !pair.head) continue;
    const [a, b] = [pair.base.rule.group, pair.head.rule.group];
    for (const [field, old, now] of [
      ['interval', a.interval, b.interval],
      ['query_offset', a.queryOffset, b.queryOffset],
      ['limit', a.limit?.toString(), b.limit?.toString()],
    ] as const) {
      if (old === now || (old !== undefined && now !== undefined && ms(old) === ms(now))) continue;
      const key = JSON.stringify([b.file.path, b.name, field, old, now]);
      const own = found.get(key) ?? { pairs: [], field, old, now };
      found.set(key, own);
      own.pairs.push(pair);
    }
  }
  return [...found.values()].flatMap(({ pairs: own, field, old, now }): Change[] => {
    const group = own[0]?.head?.rule.group;
    if (!group) return [];
    const rules = own.map(idOf);
    const spans = { interval: undefined, query_offset: group.fieldSpans.queryOffset, limit: group.fieldSpans.limit };
    return [
      {
        kind: 'schedule',
        severity: 'notice',
        message: `${group.file.path}: ${field} ${arrow(old, now)}, for ${count(rules.length, 'rule')} (${few(rules)}).`,
        rules,
        field,
        ...(old !== undefined && { old }),
        ...(now !== undefined && { new: now }),
        why: group.file.path,
        place: { side: 'head', span: spans[field as keyof typeof spans] ?? group.span },
        affected: NOBODY,
        owners: ownersOf(own, [], ground),
      },
    ];
  });
}

function ms(text: string): number | string {
  const parsed = parseDuration(text);
  return parsed.problem === undefined ? parsed.ms : text;
}

function renamedGroups(ground: Ground): Change[] {
  return [...ground.names.renamed].map(([old, now]) => {
    const group = ground.head.tree.byId.get(now);
    const before = ground.base.tree.byId.get(old);
    const same = before && group && boxKey(before.box) === boxKey(group.box);
    return {
      kind: 'group-renamed',
      severity: 'notice',
      message: `Group "${old}" is now called "${now}"; it matches ${same ? 'the same targets' : `${matchText(group?.box)}, before ${matchText(before?.box)}`}.`,
      rules: [],
      group: now,
      old,
      new: now,
      ...(group && { place: { side: 'head', span: group.span } as const }),
      affected: NOBODY,
      owners: ownersOf([], [now], ground),
    };
  });
}

const matchText = (box: Box | undefined): string =>
  box === undefined || box.size === 0 ? 'everything' : selectorText(box);

/** Derived groups that there were none of: unrelated groups overlap and both have a say. */
function overlaps(pairs: readonly RulePair[], ground: Ground): Change[] {
  if (ground.base.rules.length === 0) return [];
  const before = new Set(pairs.flatMap(({ base }) => derivedOwners(base)).map((owner) => ground.names.now(owner)));
  const found = new Map<string, RulePair[]>();
  for (const pair of pairs) {
    for (const owner of derivedOwners(pair.head)) {
      if (before.has(owner)) continue;
      const own = found.get(owner) ?? [];
      found.set(owner, own);
      own.push(pair);
    }
  }
  return [...found].map(([owner, own]) => {
    const instance = own[0]?.head?.instances.find((i) => i.cell.owner === owner);
    const span = instance?.cell.declarations.at(-1)?.span;
    const rules = own.map(idOf);
    return {
      kind: 'overlap',
      severity: 'notice',
      message: `Groups ${owner.split('--').join(' and ')} now both have a say in ${count(rules.length, 'rule')} (${few(rules)}): where they overlap, the derived group ${owner} is made.`,
      rules,
      group: owner,
      ...(span && { place: { side: 'head', span } as const }),
      affected: NOBODY,
      owners: ownersOf(own, [owner], ground),
    };
  });
}

/** The derived groups that own instances of a rule. */
function derivedOwners(resolved: ResolvedRule | undefined): string[] {
  const owners = new Set<string>();
  if (resolved?.cascade.partition.cells.some((cell) => cell.leaves.length > 1)) {
    forEachPlace(resolved, (_, { owner, leaves }) => leaves.length > 1 && owners.add(owner));
  }
  return [...owners];
}
