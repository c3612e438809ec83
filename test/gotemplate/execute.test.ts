import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { GoTemplateCheck } from '../../src/core/gotemplate/check.ts';
import { checkGoTemplate } from '../../src/core/gotemplate/check.ts';
import { expander } from '../tools/expander.mjs';
import { generate } from './generate.ts';
import { corpusTexts, hasCorpus, mutate, random } from './texts.ts';

/**
 * Prometheus' own template package is the judge: it expands each template with some sixty alerts, found samples and
 * addresses. What we call an error must fail with all of them, and what fails with all of them must not pass unsaid.
 */

const judge = expander();

/** How many mutants and random templates; with a number given, the whole corpus is read, else a part of it. */
const COUNT = Number(process.env['TEMPLATES'] ?? 300);
const EVERY = process.env['TEMPLATES'] ? 1 : 16;
const SEED = Number(process.env['SEED'] ?? 7);

interface Verdict {
  readonly parse?: string;
  readonly failed: number;
  readonly worlds: number;
  readonly error?: string;
  readonly output?: string;
}

interface Tally {
  texts: number;
  /** Those that fail with every alert, and of them those that we call an error, and those that we warn of. */
  failing: number;
  errors: number;
  warned: number;
  /** Said by us and not by the judge, or the other way round. */
  falseErrors: string[];
  misses: string[];
}

function expanded(texts: readonly string[]): readonly Verdict[] {
  const input = `${texts.map((text) => JSON.stringify(text)).join('\n')}\n`;
  const run = spawnSync(judge as string, { input, encoding: 'utf8', maxBuffer: 1 << 30 });
  if (run.status !== 0) throw new Error(run.stderr.slice(0, 1000));
  return run.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function compare(texts: readonly string[]): Tally {
  const tally: Tally = { texts: texts.length, failing: 0, errors: 0, warned: 0, falseErrors: [], misses: [] };
  for (const [i, verdict] of expanded(texts).entries()) {
    const text = texts[i] as string;
    const ours = checkGoTemplate(text, { min: [3, 16] });
    const fails = verdict.parse !== undefined || verdict.failed === verdict.worlds;
    const says = ours.problems.length > 0 || certain(ours);
    if (fails) tally.failing++;
    if (says) tally.errors++;
    const show = `${JSON.stringify(text)}\n  ours: ${said(ours)}\n  Prometheus: ${verdict.parse ?? verdict.error ?? 'fine'}`;
    if (says && !fails) tally.falseErrors.push(show);
    if (!says && fails) {
      if (ours.failures.some(({ kind }) => kind === 'fails')) tally.warned++;
      else tally.misses.push(show);
    }
  }
  return tally;
}

const certain = ({ failures }: GoTemplateCheck): boolean => failures.some((failure) => failure.certain);
const said = ({ problems, failures }: GoTemplateCheck): string => (problems[0] ?? failures[0])?.message ?? 'fine';

function report(name: string, { texts, failing, errors, warned, falseErrors, misses }: Tally): void {
  if (!process.env['TEMPLATES']) return;
  const numbers = `${failing} always fail; ${errors} errors, ${warned} only warned of`;
  process.stdout.write(
    `${name}: ${texts} texts, ${numbers}, ${falseErrors.length} false errors, ${misses.length} misses\n`,
  );
}

const name = 'templates fail where Prometheus’ own package fails';
describe.skipIf(!judge)(judge ? name : `${name} (skipped: the judge needs Go; \`npm test\` builds it)`, () => {
  it.skipIf(!hasCorpus)('the corpus, and mutations of it', { timeout: 1_200_000 }, () => {
    const below = random(SEED);
    const texts = corpusTexts(EVERY);
    const mutants = Array.from({ length: COUNT }, () => {
      let text = texts[below(texts.length)] as string;
      for (let times = 1 + below(2); times > 0; times--) text = mutate(text, below);
      return text;
    });
    for (const [what, all] of [
      ['corpus', texts],
      ['mutants', mutants],
    ] as const) {
      const tally = compare(all);
      report(what, tally);
      expect(tally.falseErrors).toEqual([]);
      expect(tally.misses).toEqual([]);
      expect(tally.warned).toBe(0);
    }
  });

  it('random ones, well- and ill-typed', { timeout: 3_600_000 }, () => {
    const below = random(SEED);
    const tally = compare(Array.from({ length: COUNT }, () => generate(below)));
    report('random', tally);
    expect(tally.falseErrors).toEqual([]);
    expect(tally.misses).toEqual([]);
    // Some fail always for what their numbers and texts happen to be, which sixty alerts can't tell from always.
    expect(tally.warned).toBeLessThan(tally.failing / 8);
  });
});
