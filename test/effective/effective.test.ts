import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../src/core/compile.ts';
import { effectiveRules } from '../../src/core/effective/effective.ts';
import { rowMaker } from '../../src/core/effective/row.ts';
import { effectiveSets, rulesOfSet } from '../../src/core/effective/sets.ts';
import { effectiveFiles } from '../../src/core/effective/store.ts';
import { storedAnswers } from '../../src/core/effective/stored.ts';
import { ALL_KNOWN } from '../../src/core/ground/subject.ts';
import type { Program } from '../../src/core/instance/program.ts';
import { inRegion } from '../../src/promql/region.ts';

const LABELS = ['env', 'site', 'tier'] as const;
const VALUES = ['', 'a', 'b', 'c'] as const; // "" is absent
type Label = (typeof LABELS)[number];
type LabelSet = ReadonlyMap<string, string>;

interface GroupSpec {
  readonly parent: number | undefined;
  readonly match: readonly { readonly label: Label; readonly op: '=' | '!=' | '=~' | '!~'; readonly value: string }[];
  readonly says: readonly (
    | { readonly rule: number; readonly threshold: number }
    | { readonly rule: number; readonly off: true }
  )[];
}

interface RepositorySpec {
  readonly groups: readonly GroupSpec[];
  /** The job that each rule looks at. */
  readonly jobs: readonly (string | undefined)[];
}

const matcher = fc.oneof(
  fc.record({
    label: fc.constantFrom(...LABELS),
    op: fc.constantFrom('=' as const, '!=' as const),
    value: fc.constantFrom('a', 'b', 'c'),
  }),
  fc.record({
    label: fc.constantFrom(...LABELS),
    op: fc.constantFrom('=~' as const, '!~' as const),
    value: fc.constantFrom('a|b', 'b|c', 'a.*', '.+'),
  }),
);

const repository: fc.Arbitrary<RepositorySpec> = fc.record({
  jobs: fc.array(fc.option(fc.constantFrom('node', 'dcgm'), { nil: undefined }), { minLength: 1, maxLength: 3 }),
  groups: fc.array(
    fc.record({
      parent: fc.option(fc.nat(3), { nil: undefined }),
      match: fc.array(matcher, { minLength: 1, maxLength: 2 }),
      says: fc.array(
        fc.oneof(
          { weight: 4, arbitrary: fc.record({ rule: fc.nat(2), threshold: fc.integer({ min: 1, max: 99 }) }) },
          { weight: 1, arbitrary: fc.record({ rule: fc.nat(2), off: fc.constant(true as const) }) },
        ),
        { maxLength: 3 },
      ),
    }),
    { minLength: 1, maxLength: 5 },
  ),
});

const ALL_LABEL_SETS: LabelSet[] = VALUES.flatMap((env) =>
  VALUES.flatMap((site) =>
    VALUES.flatMap((tier) =>
      ['node', 'dcgm'].map((job) => {
        const all = { env, site, tier, job, instance: `${job}-${env}-${site}-${tier}:1` };
        return new Map(Object.entries(all).filter(([, value]) => value !== ''));
      }),
    ),
  ),
);

/** The parent of a group: one before it, so that there are no cycles. */
const parentOf = ({ groups }: RepositorySpec, i: number): number | undefined => {
  const parent = groups[i]?.parent;
  return parent !== undefined && parent < i ? parent : undefined;
};

/** Each says it all once, so that the last of them wins as it does in YAML's order. */
function saysOf({ groups, jobs }: RepositorySpec, i: number): Map<number, number | 'off'> {
  const says = new Map<number, number | 'off'>();
  for (const said of groups[i]?.says ?? []) {
    if (said.rule < jobs.length) says.set(said.rule, 'off' in said ? 'off' : said.threshold);
  }
  return says;
}

function compiled(spec: RepositorySpec, targets: readonly LabelSet[]): Program | undefined {
  const file = (path: string, text: string) => ({ path, text });
  const rules = spec.jobs.map(
    (job, i) =>
      `  - alert: Rule${i}\n    params: { threshold: 50 }\n    expr: metric_${i}${job ? `{job="${job}"}` : ''} > << threshold >>\n`,
  );
  const groups = spec.groups.map(({ match }, i) => {
    const says = [...saysOf(spec, i)];
    const parent = parentOf(spec, i);
    const selector = match.map((m) => `${m.label}${m.op}"${m.value}"`).join(',');
    const thresholds = says.filter(([, v]) => v !== 'off').map(([rule, v]) => `  Rule${rule}: ${v}\n`);
    const disabled = says.filter(([, v]) => v === 'off').map(([rule]) => `Rule${rule}`);
    return `id: g${i}\npriority: ${i}\nmatch: '{${selector}}'\n${parent === undefined ? '' : `parent: g${parent}\n`}${
      thresholds.length > 0 ? `thresholds:\n${thresholds.join('')}` : ''
    }disabled: [${disabled.join(', ')}]\n`;
  });
  const inventory = JSON.stringify(
    targets.map((labels) => ({ targets: [labels.get('instance')], labels: Object.fromEntries(labels) })),
  );
  const { program, diagnostics } = compile(
    {
      rules: [file('rules/r.yaml', `rules:\n${rules.join('')}`)],
      groups: [file('groups/g.yaml', groups.join('---\n'))],
      templates: [],
      macros: [],
      inventory: targets.length === 0 ? [] : [{ file: file('groups/targets/t.json', inventory), labels: {} }],
      problems: [],
    },
    { today: '2026-11-22' },
  );
  const errors = diagnostics.filter((d) => d.severity === 'error').map((d) => d.code);
  // A group that nothing can match is refused; nothing else is wrong with these.
  if (errors.length > 0) expect(new Set(errors)).toEqual(new Set(['empty-region']));
  return errors.length > 0 ? undefined : program;
}

/** What a target must get, by the words of the documents: every group that matches, later wins. */
function expected(spec: RepositorySpec, labels: LabelSet): Map<string, number> {
  const matches = (i: number): boolean => {
    const parent = parentOf(spec, i);
    if (parent !== undefined && !matches(parent)) return false;
    return (spec.groups[i]?.match ?? []).every(({ label, op, value }) => {
      const own = labels.get(label) ?? '';
      const is = op.endsWith('~') ? new RegExp(`^(?:${value})$`).test(own) : own === value;
      return op.startsWith('!') ? !is : is;
    });
  };
  const result = new Map<string, number>();
  spec.jobs.forEach((job, rule) => {
    if (job !== undefined && job !== labels.get('job')) return;
    let threshold = 50;
    let off = false;
    spec.groups.forEach((_, i) => {
      const said = matches(i) ? saysOf(spec, i).get(rule) : undefined;
      if (said === 'off') off = true;
      else if (said !== undefined) threshold = said;
    });
    if (!off) result.set(`Rule${rule}`, threshold);
  });
  return result;
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('effective rules of random repositories', () => {
  test('are what the cascade says, and the instance whose region has the target', () => {
    fc.assert(
      fc.property(repository, (spec) => {
        const program = compiled(spec, []);
        if (!program) return;
        const row = rowMaker(program);
        for (const labels of ALL_LABEL_SETS) {
          const found = effectiveRules(program, labels, ALL_KNOWN);
          expect(new Map(found.map((e) => [e.instance.rule.id, row(e).config['threshold']]))).toEqual(
            expected(spec, labels),
          );
          for (const { resolved, instance, condition } of found) {
            expect(resolved.instances.filter((i) => inRegion(labels, i.cell.region))).toEqual([instance]);
            expect(condition).toBeNull();
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test('leave open what is not known, and nothing else', () => {
    fc.assert(
      fc.property(repository, fc.subarray([...LABELS, 'job']), (spec, known) => {
        const program = compiled(spec, []);
        if (!program) return;
        for (const labels of ALL_LABEL_SETS) {
          const given = new Map([...labels].filter(([label]) => known.includes(label)));
          const possible = effectiveRules(program, given, new Set(known));
          const sure = effectiveRules(program, labels, ALL_KNOWN).map((e) => e.instance);
          for (const instance of sure) {
            expect(possible.map((e) => e.instance)).toContain(instance);
            const row = possible.find((e) => e.instance === instance);
            const others = possible.filter((e) => e.instance.rule === instance.rule && e.instance !== instance);
            if (others.length > 0) expect(row?.condition).not.toBeNull();
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test('are the same by sets, and the same again when they are read back from files', () => {
    const someTargets = fc.subarray(ALL_LABEL_SETS, { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(repository, someTargets, (spec, targets) => {
        const program = compiled(spec, targets);
        if (!program) return;
        const made = effectiveSets(program);
        const files = effectiveFiles(program, hash);
        const row = rowMaker(program);
        program.inventory.targets.forEach((target, i) => {
          const own = effectiveRules(program, target.labels);
          expect(rulesOfSet(made, made.setOf[i] as number)).toEqual(own);
          const [answer, ...more] = storedAnswers((path) => files.get(path), target.id, hash);
          expect(more).toEqual([]);
          expect(new Map(Object.entries(answer?.labels ?? {}))).toEqual(new Map([...target.labels]));
          // Of rules that several instances may watch, the files list these by owner.
          const key = (r: { id: string; source_id: string; condition: string | null }): string =>
            [r.id, r.source_id, r.condition].join('\n');
          const byId = (a: Parameters<typeof key>[0], b: Parameters<typeof key>[0]): number =>
            key(a) < key(b) ? -1 : 1;
          expect([...(answer?.rules ?? [])].sort(byId)).toEqual(own.map(row).sort(byId));
        });
        expect(effectiveFiles(program, hash)).toEqual(files);
      }),
      { numRuns: 40 },
    );
  });
});
