import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot, temporaryFolder } from '../support/paths.ts';
import { tools } from '../support/tools.ts';
import { judgeAll } from './batch.ts';
import { repositories, repositoriesOf } from './generate.ts';
import type { Compiler } from './judge.ts';
import { judge } from './judge.ts';
import type { Mutant } from './mutants.ts';
import { MUTANTS } from './mutants.ts';

/**
 * The compiler, broken on purpose in one place at a time: the judge must notice each time. A sample of the places;
 * `npm run mutants` breaks all of them, as whoever changes the judge, its repositories or the list does.
 */
const SAMPLE = process.env['MUTANTS'] === 'all' ? 1 : 3;

/** Repositories judged in one go: few at first, for most mutants show at once. */
const BATCHES = [20, 60, 150, 300];
// Below node_modules, so that Node itself loads it, and finds the libraries.
const folder = join(projectRoot, 'node_modules', '.cache', `rulewright-mutants-${process.pid}`);

beforeAll(() => {
  // All of them, for a text that is no longer there to be broken is to be found at once.
  const mutated = MUTANTS.map((mutant, i) => {
    const path = join(folder, 'mutated', String(i), mutant.file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, broken(mutant));
    return path;
  });
  const emit = [
    '--noCheck',
    '--noEmit',
    'false',
    '--target',
    'es2023',
    '--module',
    'nodenext',
    '--rewriteRelativeImportExtensions',
  ];
  tsc([
    '-p',
    join(projectRoot, 'tsconfig.build.json'),
    '--noCheck',
    '--incremental',
    'false',
    '--outDir',
    join(folder, 'whole'),
  ]);
  tsc([
    ...emit,
    '--noResolve',
    '--ignoreConfig',
    '--rootDir',
    join(folder, 'mutated'),
    '--outDir',
    join(folder, 'pieces'),
    ...mutated,
  ]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!tools.promtool.old && !tools.promtool.new)('a broken compiler is caught', () => {
  const sample = MUTANTS.map((mutant, index) => ({ ...mutant, index })).filter(({ index }) => index % SAMPLE === 0);
  it.each(sample)('$name', { timeout: 180_000 }, async (mutant) => {
    const compile = await load(mutant.index);
    const arbitrary = mutant.shapes ? repositoriesOf(mutant.shapes) : repositories;
    const own = temporaryFolder();
    for (const numRuns of BATCHES) {
      const some = fc.sample(arbitrary, { seed: numRuns, numRuns });
      if (some.some((repository) => judge(repository, compile).disagreements.length > 0)) return;
      const { failures, lint } = await judgeAll(some, compile, join(own, String(numRuns)));
      if (failures.size > 0 || lint !== '') return;
    }
    expect.fail(`no repository showed that ${mutant.name}`);
  });
});

function tsc(args: readonly string[]): void {
  try {
    execFileSync(process.execPath, [join(projectRoot, 'node_modules', 'typescript', 'bin', 'tsc'), ...args], {
      stdio: 'pipe',
      cwd: folder,
    });
  } catch (error) {
    // What it says of types that it did not look up is nothing; what it did not write, the import will miss.
    if (!(error instanceof Error && 'status' in error)) throw error;
  }
}

/** The text of a source file in which one piece stands for another. */
function broken({ file, from, to }: Mutant): string {
  const pieces = readFileSync(join(projectRoot, 'src', file), 'utf8').split(from);
  if (pieces.length !== 2)
    throw new Error(`src/${file} has ${pieces.length - 1} times what a mutant replaces: ${from}`);
  return pieces.join(to);
}

/** The whole compiler, but for one broken file. */
async function load(index: number): Promise<Compiler> {
  const own = join(folder, String(index));
  for (const part of ['core', 'promql']) cpSync(join(folder, 'whole', part), join(own, part), { recursive: true });
  const file = (MUTANTS[index]?.file ?? '').replace(/\.ts$/, '.js');
  cpSync(join(folder, 'pieces', String(index), file), join(own, file));
  const module = (await import(pathToFileURL(join(own, 'core', 'compile.js')).href)) as { compile: Compiler };
  return module.compile;
}
