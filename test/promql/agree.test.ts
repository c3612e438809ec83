import { expect, it } from 'vitest';
import { check } from '../../src/promql/check.ts';
import { corpusOrSkip, temporaryFolder } from '../support/paths.ts';
import { ALL_AGES, describeEach } from '../support/tools.ts';
import { TODAY, versionOf } from '../tools/places.mjs';
import { corpusExpressions } from './corpus.ts';
import { mutate, random } from './mutate.ts';
import { verdicts } from './verdicts.ts';

/**
 * Our verdict against promtool's, on damaged expressions of real rules. AGREE=20000 judges so many of them,
 * AGREE_SEED=7 others; a plain run takes a sample.
 */
const COUNT = Number(process.env.AGREE ?? 1_500);
const SEED = Number(process.env.AGREE_SEED ?? 1);
const BATCH = 5_000;

/** What an old promtool accepts by mistake, and newer ones refuse: so do we, whatever the version. */
const MISTAKES: readonly RegExp[] = [
  // Servers of 2.x and early 3.x read any letter in brackets as the colon of a subquery: `[5m m]`.
  /\[[^\]]*\d(?:ms|[smhdwy])\s+[A-Za-z_]/,
  // Since 2.54 an `e` in second place of a hexadecimal number starts an exponent, which such numbers can't have.
  /\b0[xX]_?[0-9a-fA-F][eE](?![0-9a-df-zA-DF-Z])/,
];

function versionNumbers(promtool: string): readonly [number, number] {
  const [major = 0, minor = 0] = (versionOf(promtool) ?? TODAY).split('.').map(Number);
  return [major, minor];
}

describeEach(
  'damaged expressions',
  'promtool',
  (promtool) => {
    it(`are accepted and refused as promtool does (${COUNT} of seed ${SEED})`, { timeout: 600_000 }, (context) => {
      const corpus = corpusExpressions(corpusOrSkip(context), ['rules', 'crd']).map(({ expr }) => expr);
      const folder = temporaryFolder();
      const version = versionNumbers(promtool);
      const next = random(SEED);
      const pick = (): string => corpus[Math.floor(next() * corpus.length)] as string;
      const exprs = Array.from({ length: COUNT }, () => mutate(pick(), corpus, next));
      const disagreements: string[] = [];
      let accepted = 0;
      let mistakes = 0;
      for (let at = 0; at < exprs.length; at += BATCH) {
        const batch = exprs.slice(at, at + BATCH);
        for (const [i, theirs] of verdicts(promtool, folder, batch).entries()) {
          const expr = batch[i] as string;
          const { problems } = check(expr, { min: version, max: version });
          if (theirs) accepted++;
          if (theirs === (problems.length === 0)) continue;
          const said = theirs ? `falsely refused (${problems[0]?.message})` : 'falsely accepted';
          if (theirs && version[0] < 3 && MISTAKES.some((mistake) => mistake.test(expr))) mistakes++;
          else disagreements.push(`${said}: ${JSON.stringify(expr)}`);
        }
      }
      console.info(
        `promtool ${version.join('.')}: ${exprs.length} judged, ${accepted} accepted, ${disagreements.length} disagreements, ${mistakes} mistakes of promtool’s`,
      );
      expect(disagreements).toEqual([]);
      expect(accepted).toBeGreaterThan(COUNT / 20);
    });
  },
  ALL_AGES,
);
