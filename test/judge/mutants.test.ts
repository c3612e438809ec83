import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { projectRoot, temporaryFolder } from '../support/paths.ts';
import { tools } from '../support/tools.ts';
import { judgeAll } from './batch.ts';
import { repositories } from './generate.ts';
import type { Compiler } from './judge.ts';
import type { Mutant } from './mutants.ts';
import { MUTANTS } from './mutants.ts';

/** The compiler, broken on purpose in one place at a time: the judge must notice each time. */

/** Repositories judged before a mutant counts as one that got away, and how many at a time. */
const [LIMIT, BATCH] = [1200, 60];
const folder = join(projectRoot, 'build', `mutants-${process.pid}`);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!tools.promtool.old && !tools.promtool.new)('a broken compiler is caught', () => {
  const all = fc.sample(repositories, { seed: 7, numRuns: LIMIT });

  it.each(MUTANTS)('$name', { timeout: 180_000 }, async (mutant) => {
    const compile = await broken(mutant);
    const own = temporaryFolder();
    for (let from = 0; from < LIMIT; from += BATCH) {
      const { failures, lint } = await judgeAll(all.slice(from, from + BATCH), compile, join(own, String(from)));
      if (failures.size > 0 || lint !== '') return;
    }
    expect.fail(`${LIMIT} repositories did not show that ${mutant.name}`);
  });
});

/** The compiler of a copy of the sources in which one text stands for another. */
async function broken({ file, from, to }: Mutant): Promise<Compiler> {
  const own = join(folder, String(MUTANTS.findIndex((m) => m.from === from && m.to === to)));
  mkdirSync(own, { recursive: true });
  for (const part of ['core', 'promql']) cpSync(join(projectRoot, 'src', part), join(own, part), { recursive: true });
  const text = readFileSync(join(own, file), 'utf8');
  const pieces = text.split(from);
  if (pieces.length !== 2)
    throw new Error(`src/${file} has ${pieces.length - 1} times what the mutant replaces: ${from}`);
  writeFileSync(join(own, file), pieces.join(to));
  const module = (await import(pathToFileURL(join(own, 'core', 'compile.ts')).href)) as { compile: Compiler };
  return module.compile;
}
