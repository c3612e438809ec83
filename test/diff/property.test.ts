/**
 * The report's changed (target, rule, field) are those that comparing the rules in effect gives, target by
 * target: for random repositories and random edits of them. `DIFF=5000` runs more of them.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffReport } from '../../src/core/diff/diff.ts';
import { memberOf } from '../../src/core/diff/member.ts';
import type { DiffReport } from '../../src/core/diff/report.ts';
import { effectiveRules } from '../../src/core/effective/effective.ts';
import type { EffectiveRow } from '../../src/core/effective/row.ts';
import { rowMaker } from '../../src/core/effective/row.ts';
import { hasErrors } from '../../src/core/ground/diagnostic.ts';
import { parseDuration } from '../../src/core/ground/duration.ts';
import type { Program } from '../../src/core/instance/program.ts';
import { groupsOf, leaves } from '../../src/core/lookup/groups.ts';
import { identities } from '../../src/outputs/table.ts';
import { pairs } from './mutate.ts';
import { inputFrom } from './support.ts';

const RUNS = Number(process.env['DIFF'] ?? 120);

test('what is reported is what changes, target by target', () => {
  let compared = 0;
  let changed = 0;
  fc.assert(
    fc.property(pairs, (pair) => {
      const [base, head] = [inputFrom('base', pair.base), inputFrom('head', pair.head)];
      const [before, after] = [base.compiled, head.compiled];
      if (!before || !after || hasErrors(before.diagnostics) || hasErrors(after.diagnostics)) return;
      compared++;
      expectMembers(after.program);
      const report = diffReport(base, head, identities);
      const wanted = bruteForce(before.program, after.program);
      changed += wanted.exact.size;
      const found = reported(report, wanted.both);
      // Where cases or unknown labels decide, several instances answer, and which of them was which is a matter of view.
      const exactly = [...found].filter((fact) => !wanted.loose.has(fact.slice(0, fact.lastIndexOf('|'))));
      expect(exactly.sort()).toEqual([...wanted.exact].sort());
      expect([...wanted.least].filter((fact) => !found.has(fact))).toEqual([]);
      if (pair.base === pair.head) expect(report.changes).toEqual([]);
    }),
    { numRuns: RUNS, seed: process.env['SEED'] ? Number(process.env['SEED']) : 20261122 },
  );
  expect(compared).toBeGreaterThan(RUNS / 4);
  expect(changed).toBeGreaterThan(RUNS);
}, 300_000);

/** Groups are looked up by their labels' values: what is found must be what walking through all of them finds. */
function expectMembers({ tree, inventory }: Program): void {
  const member = memberOf(tree);
  const ids = (groups: ReturnType<typeof leaves>): string => groups.map((g) => g.id).join();
  for (const target of inventory.targets) {
    expect(ids([...member(target).groups])).toBe(ids(leaves(groupsOf(tree, target.labels))));
  }
}

/** `target|rule|field` of what a report says, of targets that both inventories have. */
function reported({ changes }: DiffReport, both: ReadonlySet<string>): Set<string> {
  const facts = new Set<string>();
  for (const { kind, rules, field, affected } of changes) {
    const cover = ['cover-lost', 'cover-gained', 'rule-added', 'rule-removed'].includes(kind);
    if (!cover && kind !== 'setting') continue;
    for (const rule of rules) {
      for (const target of affected.targets) {
        if (both.has(target)) facts.add(`${target}|${rule}|${cover ? 'cover' : field}`);
      }
    }
  }
  return facts;
}

interface Wanted {
  readonly both: ReadonlySet<string>;
  readonly exact: ReadonlySet<string>;
  /** `target|rule` of which only the least is known. */
  readonly loose: ReadonlySet<string>;
  readonly least: ReadonlySet<string>;
}

function bruteForce(before: Program, after: Program): Wanted {
  const rows = [rowMaker(before), rowMaker(after)] as const;
  const old = new Map(before.inventory.targets.map((t) => [t.id, t]));
  const [both, exact, loose, least] = [0, 1, 2, 3].map(() => new Set<string>()) as [
    Set<string>,
    Set<string>,
    Set<string>,
    Set<string>,
  ];
  for (const target of after.inventory.targets) {
    const was = old.get(target.id);
    if (!was) continue;
    both.add(target.id);
    const left = byRule(effectiveRules(before, was.labels).map(rows[0]));
    const right = byRule(effectiveRules(after, target.labels).map(rows[1]));
    for (const rule of new Set([...left.keys(), ...right.keys()])) {
      const [a, b] = [left.get(rule) ?? [], right.get(rule) ?? []];
      const key = `${target.id}|${rule}`;
      if (a.length === 0 || b.length === 0) {
        exact.add(`${key}|cover`);
        continue;
      }
      const plain = a.length === 1 && b.length === 1 && a[0]?.condition === null && b[0]?.condition === null;
      if (!plain) loose.add(key);
      for (const field of new Set([...a, ...b].flatMap(fieldsOf))) {
        const [x, y] = [values(a, field), values(b, field)];
        if (x !== y) (plain ? exact : least).add(`${key}|${field}`);
      }
    }
  }
  return { both, exact, loose, least };
}

function byRule(rows: readonly EffectiveRow[]): Map<string, EffectiveRow[]> {
  const map = new Map<string, EffectiveRow[]>();
  for (const row of rows) map.set(row.id, [...(map.get(row.id) ?? []), row]);
  return map;
}

const OURS = new Set(['group_id', 'rule_case']);

const fieldsOf = (row: EffectiveRow): string[] => [
  ...Object.keys(row.config).map((name) => `param:${name}`),
  'for',
  ...Object.keys(row.labels).flatMap((name) => (OURS.has(name) ? [] : [`label:${name}`])),
];

function values(rows: readonly EffectiveRow[], field: string): string {
  return [...new Set(rows.map((row) => String(fieldValue(row, field))))].sort().join();
}

function fieldValue(row: EffectiveRow, field: string): unknown {
  if (field === 'for') {
    const parsed = parseDuration(row.for_duration);
    return parsed.problem === undefined ? parsed.ms : row.for_duration;
  }
  const name = field.slice(field.indexOf(':') + 1);
  return field.startsWith('param:') ? row.config[name] : row.labels[name];
}
