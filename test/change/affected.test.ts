import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { affectedFiles, isWithin, valueChanges } from '../../src/core/change/affected.ts';
import { compile } from '../../src/core/compile.ts';
import { compiled, groupText, repository, sourcesOf, texts } from '../instance/copies-support.ts';

const RUNS = Number(process.env['AFFECTED'] ?? 80);
/** Fixed, so that enough of the repositories are sound ones in every run; `AFFECTED_SEED` chooses others. */
const SEED = Number(process.env['AFFECTED_SEED'] ?? 20_261_122);

describe('what a changed number can change', () => {
  it('has every file that it does change', () => {
    let changed = 0;
    fc.assert(
      fc.property(repository, fc.nat(), fc.nat(3), fc.integer({ min: 0, max: 99 }), (spec, which, rule, number) => {
        const at = which % spec.groups.length;
        const groups = spec.groups.map((g, i) =>
          i === at ? { ...g, thresholds: g.thresholds.map((n, j) => (j === rule && n !== undefined ? number : n)) } : g,
        );
        const [before, after] = [compiled(spec, true), compiled({ ...spec, groups }, true)];
        if (!before.ruleSet || !after.ruleSet) return;
        const path = `groups/${at}.yaml`;
        const file = (g: typeof spec.groups) => ({ path, text: groupText(g[at] as (typeof g)[0], at, spec, true) });
        const changes = valueChanges(file(spec.groups), file(groups));
        if (!changes) throw new Error('only a number was changed');
        const affected = affectedFiles(before.program, changes);
        const old = new Map(texts(before));
        const now = texts(after);
        expect(now.map(([name]) => name)).toEqual([...old.keys()]);
        for (const [name, text] of now) {
          if (text === old.get(name)) continue;
          changed++;
          if (affected) expect(affected).toContain(name);
          const owner = name.slice('group-'.length, -'.yml'.length);
          if (affected) expect(changes.some((c) => isWithin(owner, c.group, before.program.tree))).toBe(true);
        }
      }),
      { numRuns: RUNS, seed: SEED },
    );
    expect(changed).toBeGreaterThan(RUNS / 40);
  });

  it('is no matter of numbers where anything else differs', () => {
    const file = (text: string) => ({ path: 'groups/a.yaml', text });
    const text = 'id: a\nmatch: { env: a }\nthresholds:\n  A: 90 # why\n  B: { threshold: 5 }\n';
    const changes = (to: string) => valueChanges(file(text), file(to));
    expect(changes(text)).toEqual([]);
    expect(changes(text.replace('90', '1e3'))).toEqual([{ group: 'a', rules: new Set(['A']) }]);
    expect(changes(text.replace('90', '90.0'))).toEqual([]);
    for (const [from, to] of [
      ['env: a', 'env: b'],
      ['A:', 'C:'],
      ['why', 'how'],
      ['5 }', '6 }'],
      ['90', '5m'],
      ['90', 'null'],
    ]) {
      expect(changes(text.replace(from as string, to as string)), to).toBeUndefined();
    }
    expect(changes(`${text}  C: 5\n`)).toBeUndefined();
  });

  it('is any file for the root and where a number chooses what a rule is', () => {
    const spec = fc.sample(repository, { numRuns: 1, seed: 1 })[0];
    if (!spec) throw new Error('a sample');
    const { program } = compile(sourcesOf(spec, true), { today: '2026-01-01' });
    expect(affectedFiles(program, [{ group: 'default', rules: new Set(['R0']) }])).toBeUndefined();
  });
});
