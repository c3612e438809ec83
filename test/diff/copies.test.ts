/**
 * Instances that are copies of one are compared by their values. So each pair of repositories is compared twice, as it
 * was compiled and with every instance made one by one: the reports must be equal. `DIFF=5000` runs more of them.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Compiled } from '../../src/core/compile.ts';
import { diffReport } from '../../src/core/diff/diff.ts';
import type { DiffInput } from '../../src/core/diff/input.ts';
import { pairRules } from '../../src/core/diff/pairs.ts';
import { sameGround, sameInstance } from '../../src/core/diff/same.ts';
import { sameResolved } from '../../src/core/diff/same-rules.ts';
import { hasErrors } from '../../src/core/ground/diagnostic.ts';
import type { Instance } from '../../src/core/instance/instantiate.ts';
import type { ResolvedRule } from '../../src/core/instance/program.ts';
import { forEachPlace, instanceAt } from '../../src/core/instance/program.ts';
import { identities } from '../../src/outputs/table.ts';
import type { Repository } from '../instance/copies-support.ts';
import { compiled, repository } from '../instance/copies-support.ts';

const RUNS = Number(process.env['DIFF'] ?? 100);

type Edit = (own: Repository, other: Repository, n: number) => Repository;

const replaced = <T>(all: readonly T[], n: number, by: (old: T) => T | undefined): T[] =>
  all.map((one, i) => (i === n % all.length ? (by(one) ?? one) : one));

const EDITS: readonly Edit[] = [
  (own, other, n) => ({
    ...own,
    groups: replaced(own.groups, n, (g) => ({ ...g, thresholds: other.groups[0]?.thresholds ?? g.thresholds })),
  }),
  (own, _, n) => ({
    ...own,
    groups: replaced(own.groups, n, (g) => ({ ...g, thresholds: replaced(g.thresholds, n, (t) => t && t + 1) })),
  }),
  (own, other, n) => ({ ...own, groups: replaced(own.groups, n, () => other.groups[0]) }),
  (own, other, n) => ({
    ...own,
    groups: replaced(own.groups, n, (g) => ({ ...g, match: other.groups[0]?.match ?? g.match })),
  }),
  (own, other) => ({ ...own, groups: [...own.groups, ...other.groups.slice(0, 1)] }),
  (own) => ({ ...own, groups: own.groups.slice(0, -1) }),
  (own, other, n) => ({ ...own, rules: replaced(own.rules, n, () => other.rules[0]) }),
  (own, other, n) => ({
    ...own,
    rules: replaced(own.rules, n, (r) => ({ ...r, wait: other.rules[0]?.wait ?? r.wait })),
  }),
  (own, other) => ({ ...own, config: other.config }),
  (own) => own,
];

/** Of groups beside one another, most of whose thresholds are numbers and nothing else. */
const plain = repository.map(
  (own): Repository => ({
    ...own,
    config: '',
    rules: own.rules.map((r) => ({
      ...r,
      ...(r.named < 4 && { expr: 'm{cluster!="b"} > << threshold >>', summary: 'over << threshold >>', wait: '5m' }),
      scope: '',
      tiers: false,
      max: '',
    })),
    groups: [...own.groups, ...own.groups].map((g, i) => ({
      ...g,
      match: `{ cluster: ${'abcdefghijkl'[i]} }`,
      parent: undefined,
      thresholds: g.thresholds.map((t) => t ?? 90),
      extra: i === 0 ? g.extra : '',
    })),
  }),
);

const pairs = fc.record({
  base: fc.oneof({ weight: 3, arbitrary: plain }, repository),
  other: repository,
  edits: fc.array(fc.tuple(fc.nat(EDITS.length - 1), fc.nat(97)), { minLength: 1, maxLength: 2 }),
  bare: fc.constantFrom(true, true, true, false),
});

const input = (name: string, one: Compiled): DiffInput => ({ name, macros: [], compiled: one, servers: [one] });

/** A rule without copies. */
function eager(resolved: ResolvedRule): ResolvedRule {
  const { copies: _, ...rest } = resolved;
  const others = new Map<number, Instance>();
  forEachPlace(resolved, (i) => others.set(i, instanceAt(resolved, i) as Instance));
  const instances = [...others.values()];
  return { ...rest, instances, samples: instances, others };
}

const allEager = (one: Compiled): Compiled => ({
  ...one,
  program: { ...one.program, rules: one.program.rules.map(eager) },
});

function sameOneByOne({ instances: a, rule }: ResolvedRule, { instances: b, rule: other }: ResolvedRule): boolean {
  return rule.id === other.id && a.length === b.length && a.every((one, i) => sameInstance(one, b[i] as Instance));
}

test('copies are told apart as instances are', () => {
  const seen = { compared: 0, same: 0, different: 0 };
  fc.assert(
    fc.property(pairs, ({ base, other, edits, bare }) => {
      const edited = edits.reduce((all, [edit, n]) => (EDITS[edit] as Edit)(all, other, n), base);
      const [before, after] = [compiled(base, true), compiled(edited, bare)];
      if (hasErrors(before.diagnostics) || hasErrors(after.diagnostics)) return;
      seen.compared++;
      const sure = sameGround(before.config, after.config);
      for (const { base: a, head: b } of pairRules(before.program.rules, after.program.rules)) {
        if (!a || !b || !sure) continue;
        expect(sameResolved(a, b)).toBe(sameOneByOne(a, b));
        if (a.copies && b.copies) seen[sameResolved(a, b) ? 'same' : 'different']++;
      }
      const report = diffReport(input('base', before), input('head', after), identities);
      expect(report).toEqual(diffReport(input('base', allEager(before)), input('head', allEager(after)), identities));
    }),
    { numRuns: RUNS, seed: process.env['SEED'] ? Number(process.env['SEED']) : 20261122 },
  );
  for (const number of Object.values(seen)) expect(number).toBeGreaterThan(RUNS / 10);
}, 300_000);
