import type { Compiled } from '../compile.ts';
import { hasErrors } from '../ground/diagnostic.ts';
import { parseDuration } from '../ground/duration.ts';
import { memo } from '../ground/memo.ts';
import type { SourceFile } from '../ground/source.ts';
import type { Program } from '../instance/program.ts';
import { instanceCount } from '../instance/program.ts';
import type { ServerConfig } from '../model/config.ts';
import type { Identity } from '../model/identity.ts';
import type { Target } from '../model/inventory.ts';
import { gatheredChanges, serversOf } from './changes.ts';
import { look } from './classes.ts';
import type { Ground } from './difference.ts';
import type { Gathered } from './gather.ts';
import { gather } from './gather.ts';
import type { DiffInput } from './input.ts';
import { compiledOf, unitsOf } from './input.ts';
import { inventoryChanges } from './inventory.ts';
import type { RulePair, TargetPairs } from './pairs.ts';
import { pairGroups, pairRules, pairTargets, sameLabels } from './pairs.ts';
import type { Change, DiffReport, DiffSide } from './report.ts';
import { CHANGE_KINDS } from './report.ts';
import { sameGround } from './same.ts';
import { sameResolved } from './same-rules.ts';
import { structureChanges } from './structure.ts';
import { toldChanges } from './told.ts';
import { witnesses } from './witness.ts';

export type { DiffInput };

/** What carries an alert's state over a release, by the server. */
export type Identities = (server: ServerConfig) => Identity;

/** What comes of a change, from the compiled states before and after it. */
export function diffReport(base: DiffInput, head: DiffInput, identities: Identities): DiffReport {
  const told = toldChanges(base.compiled?.diagnostics ?? [], head.compiled?.diagnostics ?? []);
  const sides = { base: sideOf(base), head: sideOf(head) };
  const compared = sides.base.state !== 'refused' && sides.head.state === 'compiled';
  const found = compared ? compareAll(base, head, identities) : [];
  const changes = sorted([...withoutEcho(told.changes, found), ...found]);
  return {
    ...sides,
    changes,
    mended: told.mended,
    owners: [...new Set(changes.flatMap((c) => c.owners))].sort(),
    compared,
    assumesInterval: [base, head].some(({ compiled }) => compiled?.program.rules.some((r) => !r.rule.group.interval)),
  };
}

/** Every server's before and after; what is the same for all of them is told once. */
function compareAll(base: DiffInput, head: DiffInput, identities: Identities): Change[] {
  const { units, changes } = unitsOf(base, head);
  const macros = sameTexts(base.macros, head.macros);
  const found: Gathered = new Map();
  const others = new Map<string, { change: Change; servers: Set<string> }>();
  let inventory = false;
  for (const unit of units) {
    const { base: before = nothing(unit.head), head: after, servers } = unit;
    const pairs = pairRules(before.rules, after.rules);
    const sure = macros && sameGround(before.config, after.config);
    const names = pairGroups(before.tree, after.tree);
    const ground: Ground = { base: before, head: after, names, sure, identity: identities(unit.server) };
    const targets = pairTargets(before.inventory.targets, after.inventory.targets);
    inventory ||= before.inventory.targets.length + after.inventory.targets.length > 0;
    lookAt(pairs, targets, ground, servers, found);
    for (const change of [...structureChanges(pairs, ground), ...inventoryChanges(targets, ground)]) {
      const own = memo(others, `${change.kind} ${change.message}`, () => ({ change, servers: new Set() }));
      for (const server of servers) own.servers.add(server);
    }
  }
  const all = new Set(units.flatMap((unit) => unit.servers));
  const told = [...others.values()].map(({ change, servers }) => ({ ...change, ...serversOf(servers, all) }));
  return [...changes, ...gatheredChanges(found, inventory, all), ...told];
}

/** Targets whose labels are as they were are asked about rules that changed alone. */
function lookAt(
  pairs: readonly RulePair[],
  { both, gone, added }: TargetPairs,
  ground: Ground,
  servers: readonly string[],
  found: Gathered,
): void {
  const paired = (pair: RulePair): boolean => pair.base !== undefined && pair.head !== undefined;
  const recorded = pairs.some((pair) => isRecord(pair) && !(paired(pair) && same(pair)));
  const changed = ground.sure && !recorded ? pairs.filter((pair) => !paired(pair) || !same(pair)) : pairs;
  const { base, head } = ground;
  const known = { base: base.inventory.known, head: head.inventory.known };
  const alike = known.base.size === known.head.size && [...known.base].every((label) => known.head.has(label));
  const still = alike ? both.filter((pair) => sameLabels(pair.base, pair.head)) : [];
  const relabelled = alike ? both.filter((pair) => !sameLabels(pair.base, pair.head)) : both;
  const ask = (
    some: readonly RulePair[],
    targets: typeof both,
    labels: typeof known,
    what: 'classes' | 'regions',
  ): void => {
    if (some.length === 0 || targets.length === 0) return;
    const rules = { base: some.flatMap((p) => p.base ?? []), head: some.flatMap((p) => p.head ?? []) };
    const looked = look({ program: base, rules: rules.base }, { program: head, rules: rules.head }, targets, labels);
    gather(looked, some, ground, what, servers, found);
  };
  ask(changed, still, known, 'classes');
  ask(pairs, relabelled, known, 'classes');
  // A target that one inventory alone has says nothing of a rule that both have.
  const alone = (targets: readonly Target[]): typeof both => targets.map((target) => ({ base: target, head: target }));
  ask(
    pairs.filter((pair) => !pair.base),
    alone(added),
    known,
    'classes',
  );
  ask(
    pairs.filter((pair) => !pair.head),
    alone(gone),
    known,
    'classes',
  );
  const made = witnesses(
    [base, head],
    changed.flatMap((p) => [p.base ?? [], p.head ?? []].flat()),
  );
  ask(changed, alone(made.targets), { base: made.known, head: made.known }, 'regions');
}

const same = ({ base, head }: RulePair): boolean =>
  base !== undefined && head !== undefined && sameResolved(base, head);
const isRecord = ({ base, head }: RulePair): boolean => (head ?? base)?.rule.kind === 'record';

function sameTexts(a: readonly SourceFile[], b: readonly SourceFile[]): boolean {
  const texts = new Map(a.map((file) => [file.path, file.text]));
  return a.length === b.length && b.every((file) => texts.get(file.path) === file.text);
}

/** A program of the same settings in which nobody says anything. */
function nothing(program: Program): Program {
  const { root } = program.tree;
  const tree = { ...program.tree, groups: [root], byId: new Map([[root.id, root]]), ids: new Set([root.id]) };
  return { ...program, tree, rules: [], inventory: { targets: [], known: new Set() } };
}

/** What is said of a rule that is now split is said by the change itself. */
function withoutEcho(told: readonly Change[], found: readonly Change[]): Change[] {
  const split = found.filter((c) => c.kind === 'fleet-wide').flatMap((c) => c.rules);
  return told.filter((c) => c.field !== 'fleet-wide-split' || !split.some((id) => c.message.includes(`"${id}"`)));
}

function sorted(changes: readonly Change[]): Change[] {
  const rank = new Map(CHANGE_KINDS.map((kind, i) => [kind, i]));
  const text = (c: Change): string => `${c.rules[0] ?? ''} ${c.field ?? ''} ${c.message}`;
  return [...changes].sort(
    (a, b) =>
      (rank.get(a.kind) as number) - (rank.get(b.kind) as number) ||
      weight(b) - weight(a) ||
      b.affected.targets.length - a.affected.targets.length ||
      (text(a) < text(b) ? -1 : 1),
  );
}

/** Within a kind, what pages people comes first. */
function weight({ kind, field }: Change): number {
  if (kind !== 'setting') return 0;
  if (field === 'param:threshold') return 3;
  return field?.startsWith('param:') || field === 'label:severity' ? 2 : field?.startsWith('label:') ? 0 : 1;
}

const DEFAULT_INTERVAL = 60_000; // milliseconds

function sideOf(input: DiffInput): DiffSide {
  const { name } = input;
  const all = compiledOf(input);
  let rules = 0;
  let perSecond = 0;
  for (const { program } of all) {
    for (const resolved of program.rules) {
      const parsed = parseDuration(resolved.rule.group.interval ?? '');
      const count = instanceCount(resolved);
      const ms = parsed.problem === undefined && parsed.ms > 0 ? parsed.ms : DEFAULT_INTERVAL;
      rules += count;
      perSecond += (count * 1000) / ms;
    }
  }
  const diagnostics = all[0]?.diagnostics ?? [];
  return {
    name,
    state: all.length === 0 ? 'absent' : hasErrors(diagnostics) ? 'refused' : 'compiled',
    rules,
    evaluationsPerSecond: perSecond,
    targets: targetsOf(all),
    errors: diagnostics.filter((d) => d.severity === 'error').length,
  };
}

/** Several servers may scrape one target. */
function targetsOf(all: readonly Compiled[]): number {
  const [first] = all;
  if (all.length < 2) return first?.program.inventory.targets.length ?? 0;
  return new Set(all.flatMap(({ program }) => program.inventory.targets.map((t) => t.id))).size;
}
