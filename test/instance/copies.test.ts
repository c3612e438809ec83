import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Compiled } from '../../src/core/compile.ts';
import { effectiveFiles } from '../../src/core/effective/store.ts';
import type { CompiledRule } from '../../src/core/model/ruleset.ts';
import { renderFile } from '../../src/outputs/prometheus/prometheus.ts';
import type { Repository } from './copies-support.ts';
import { compiled, repository, texts } from './copies-support.ts';

/**
 * A threshold that is a bare number is compiled as a copy of another instance, where that can be; `{ threshold: 90 }`, which
 * means the same, never is. So each repository is written both ways: files, diagnostics and effective rules must be equal.
 */

const RUNS = Number(process.env['COPIES'] ?? 120);
/** Fixed, so that enough of the repositories are sound ones in every run; `COPIES_SEED` chooses others. */
const SEED = Number(process.env['COPIES_SEED'] ?? 20_261_122);

const said = ({ diagnostics }: Compiled): string[] => diagnostics.map((d) => `${d.code} ${d.message}`).sort();
const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('instances that are copies of one', () => {
  it('say what instances say that are made one by one', () => {
    let [accepted, copies] = [0, 0];
    fc.assert(
      fc.property(repository, (spec) => {
        const [quick, slow] = [compiled(spec, true), compiled(spec, false)];
        expect(said(quick)).toEqual(said(slow));
        expect(texts(quick)).toEqual(texts(slow));
        expect(slow.program.rules.some((r) => r.copies)).toBe(false);
        if (!quick.ruleSet) return;
        accepted++;
        copies += quick.program.rules.reduce((sum, r) => sum + (r.copies?.count ?? 0), 0);
        // The same files again from the instances themselves.
        for (const file of quick.ruleSet.files) {
          const whole = {
            ...file,
            ruleGroups: () => [...file.ruleGroups()].map(({ written: _, rules, ...g }) => ({ ...g, rules })),
          };
          expect(renderFile(whole)).toBe(renderFile(file));
        }
        expect(effectiveFiles(quick.program, hash)).toEqual(effectiveFiles(slow.program, hash));
      }),
      { numRuns: RUNS, seed: SEED },
    );
    expect(accepted).toBeGreaterThan(RUNS / 10);
    expect(copies).toBeGreaterThan(RUNS / 10);
  });

  it('are told apart from what only looks like a gap', () => {
    const spec: Repository = {
      rules: [
        {
          expr: 'm > << threshold >>',
          summary: 'a \ue000 b',
          wait: '',
          kind: 'alert',
          scope: '',
          named: 0,
          tiers: false,
          max: '',
        },
      ],
      groups: ['{ cluster: a }', '{ cluster: b }', '{ cluster: c }'].map((match) => ({
        match,
        parent: undefined,
        priority: '',
        thresholds: [5, undefined, undefined, undefined],
        extra: '',
      })),
      config: '',
      inventory: false,
    };
    const rules = (c: Compiled): CompiledRule[] =>
      c.ruleSet?.files.flatMap((f) => [...f.ruleGroups()].flatMap((g) => g.rules)) ?? [];
    expect(texts(compiled(spec, true))).toEqual(texts(compiled(spec, false)));
    expect(rules(compiled(spec, true)).map((r) => r.annotations.get('summary'))).toEqual(Array(4).fill('a \ue000 b'));
  });
});
