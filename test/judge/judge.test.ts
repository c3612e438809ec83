import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compile } from '../../src/core/compile.ts';
import { temporaryFolder } from '../support/paths.ts';
import { tools } from '../support/tools.ts';
import { judgeAll } from './batch.ts';
import { repositories, repositoriesOf } from './generate.ts';
import { show } from './judge.ts';
import type { Repository } from './model.ts';

/**
 * Random repositories: Prometheus fires what a brute force over label sets says, no more and no less.
 * `JUDGE=2000` judges that many, `JUDGE_SEED` chooses which, `JUDGE_SHAPES=r-sum,r-max` of which expressions.
 */

const CASES = Number(process.env.JUDGE ?? 250);
const SEED = Number(process.env.JUDGE_SEED ?? 20_261_122);
const SHAPES = process.env.JUDGE_SHAPES?.split(',');
const generated = SHAPES ? repositoriesOf(SHAPES) : repositories;
/** Repositories in one run of promtool. */
const BATCH = 125;

it(`${CASES} random repositories (seed ${SEED})`, { timeout: 60_000 + CASES * 600 }, async (context) => {
  if (!tools.promtool.old && !tools.promtool.new)
    context.skip('skipped: there is no promtool here; `npm test` gets it');
  const all = fc.sample(generated, { seed: SEED, numRuns: CASES });
  const folder = temporaryFolder();
  const refused = new Map<string, number>();
  let [accepted, alerts] = [0, 0];
  for (let from = 0; from < all.length; from += BATCH) {
    const outcome = await judgeAll(all.slice(from, from + BATCH), compile, `${folder}/${from}`);
    const [first] = outcome.failures;
    if (first) expect.fail(await report(all[from + first[0]] as Repository, from + first[0], first[1], folder));
    expect(
      outcome.lint
        .split('\n\n')
        .filter((part) => part.includes('FAILED'))
        .join('\n'),
    ).toBe('');
    accepted += outcome.accepted;
    alerts += outcome.alerts;
    for (const [code, count] of outcome.refused) refused.set(code, (refused.get(code) ?? 0) + count);
  }
  // The property says something only where many compile, fire and are refused.
  expect(accepted).toBeGreaterThan(CASES / 3);
  expect(alerts).toBeGreaterThan(accepted * 4);
  console.log(`${CASES} repositories: ${accepted} accepted, ${alerts} alerts, refused ${JSON.stringify([...refused])}`);
  if (!SHAPES && CASES >= (process.env.JUDGE_SEED ? 1000 : 250))
    expect([...refused.keys()]).toEqual(
      expect.arrayContaining(['ambiguous', 'empty-region', 'not-disjoint', 'split-from-nothing']),
    );
});

/** The failure of a repository, shrunk as far as half a minute allows. */
async function report(repository: Repository, index: number, why: string, folder: string): Promise<string> {
  let count = 0;
  const end = Date.now() + 30_000;
  const property = fc.asyncProperty(generated, async (r) => {
    // What comes too late counts as fine, which ends the shrinking.
    if (Date.now() > end) return;
    const { failures } = await judgeAll([r], compile, `${folder}/shrink-${count++}`);
    for (const [, said] of failures) throw new Error(said);
  });
  const shrunk = await fc.check(property, { seed: SEED, path: String(index) });
  const smallest = shrunk.counterexample?.[0];
  const said = smallest && shrunk.errorInstance instanceof Error ? shrunk.errorInstance.message : why;
  return `JUDGE_SEED=${SEED}, repository ${index}:\n${said}\n\n${show(smallest ?? repository)}`;
}
