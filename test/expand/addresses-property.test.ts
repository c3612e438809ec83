import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { Compiled } from '../../src/core/compile.ts';
import { renderFile } from '../../src/outputs/prometheus/prometheus.ts';
import { compiled, type NativeRule, native } from './addresses-support.ts';

const METRICS = ['read_lat', 'write_lat', 'lat', 'queue_len', 'errors'];
const arbitraryExpr = fc
  .record({
    metric: fc.constantFrom(...METRICS),
    other: fc.constantFrom('', '', ...METRICS.map((m) => ` unless ${m}`), ' and on () (up == 1)'),
    env: fc.constantFrom('', '{env="prod"}', '{env="dev"}'),
    number: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ metric, other, env, number }) =>
    other === '' ? `${metric}${env} > ${number}` : `(${metric}${env}${other}) > ${number}`,
  );
const arbitraryLabels = fc.constantFrom(
  {},
  { severity: 'info' },
  { severity: 'page' },
  { severity: 'info', team: 'db' },
);
const arbitraryRule = fc.tuple(arbitraryExpr, arbitraryLabels);

/** What the next version of a file does to it. `at` is taken modulo the number of rules. */
const arbitraryEdit = fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), at: fc.nat(9), rule: arbitraryRule }),
  fc.record({ kind: fc.constant('delete' as const), at: fc.nat(9) }),
  fc.record({ kind: fc.constant('move' as const), at: fc.nat(9), to: fc.nat(9) }),
  fc.record({ kind: fc.constant('rewrite' as const), at: fc.nat(9), rule: arbitraryRule }),
  fc.record({ kind: fc.constant('format' as const), at: fc.nat(9) }),
);

/** A rule that is known again whatever becomes of the file. */
interface Marked extends NativeRule {
  readonly annotations: { readonly mark: string };
}

function edited(
  rules: readonly Marked[],
  tuned: string,
  edits: readonly (typeof arbitraryEdit extends fc.Arbitrary<infer E> ? E : never)[],
): Marked[] {
  const list = [...rules];
  for (const [n, edit] of edits.entries()) {
    const at = edit.at % Math.max(1, list.length);
    const one = list[at];
    if (edit.kind === 'insert') list.splice(at, 0, marked(edit.rule, `new${n}`));
    else if (!one) continue;
    else if (edit.kind === 'delete') list.splice(at, 1);
    else if (edit.kind === 'move') list.splice(edit.to % list.length, 0, ...list.splice(at, 1));
    else if (edit.kind === 'format')
      list[at] = { ...one, expr: `  ${one.expr.replaceAll(' > ', ' >\n  ').replaceAll('"', "'")} # again`, for: '7m' };
    // An edit of the tuned rule itself makes another rule of it.
    else if (one.annotations.mark !== tuned) list[at] = marked(edit.rule, `changed${n}`);
  }
  return list;
}

const marked = ([expr, labels]: readonly [string, Readonly<Record<string, string>>], mark: string): Marked => ({
  alert: 'HL',
  expr,
  labels,
  annotations: { mark },
});

test('whatever the next version puts in, takes out, moves and changes: a number stays with its expression, or the build fails', () => {
  let kept = 0;
  fc.assert(
    fc.property(
      fc.array(arbitraryRule, { minLength: 1, maxLength: 5 }),
      fc.nat(9),
      fc.array(arbitraryEdit, { maxLength: 6 }),
      (drawn, pick, edits) => {
        const before = drawn.map((rule, i) => marked(rule, `old${i}`));
        const { program } = compiled({ 'rules/v.yml': native(...before) });
        const chosen = pick % before.length;
        const address = program.rules[chosen]?.rule.id ?? '';
        const { mark } = (before[chosen] as Marked).annotations;
        const group = `thresholds:\n  ${JSON.stringify(address)}: 777\n`;
        const first = withNumber(compiled({ 'rules/v.yml': native(...before) }, group));
        expect(first).toEqual(address.endsWith(')') && / of \d+\)$/.test(address) ? undefined : [mark]);
        if (!first) return;
        const after = edited(before, mark, edits);
        const found = withNumber(compiled({ 'rules/v.yml': native(...after) }, group));
        if (found === undefined) return;
        // Where the rule itself is gone, another may have its name and labels, or what it was known by: no address can tell.
        if (after.some((rule) => rule.annotations.mark === mark)) expect(found).toEqual([mark]);
        else expect(found).toHaveLength(1);
        kept++;
      },
    ),
    { numRuns: Number(process.env['ADDRESSES'] ?? 150) },
  );
  expect(kept).toBeGreaterThan(20);
});

/** The marks of the rules that have the number; undefined where the build fails. */
function withNumber({ ruleSet }: Compiled): string[] | undefined {
  const [file] = ruleSet?.files ?? [];
  if (!ruleSet) return undefined;
  const { groups } = parseYaml(file ? renderFile(file) : 'groups: []') as { groups: { rules: Marked[] }[] };
  return groups.flatMap((g) => g.rules).flatMap((r) => (r.expr.includes('777') ? [r.annotations.mark] : []));
}
