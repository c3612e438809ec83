import { join } from 'node:path';
import { renderFile } from '../../src/outputs/prometheus/prometheus.ts';
import { tools } from '../support/tools.ts';
import type { Refusal } from './brute.ts';
import { trialOf } from './expect.ts';
import type { Compiler } from './judge.ts';
import { judge, OPTIONS } from './judge.ts';
import type { Repository } from './model.ts';
import { lint, testRules, writeTrial } from './promtool.ts';
import { filesOf, sourcesOf } from './write.ts';

/** What a batch of repositories came to. */
export interface Outcome {
  /** By the repository's place in the batch: what the compiler, the brute force and promtool disagree about. */
  readonly failures: ReadonlyMap<number, string>;
  readonly accepted: number;
  readonly refused: ReadonlyMap<Refusal, number>;
  /** Alerts that had to be there and were. */
  readonly alerts: number;
  /** What promtool's linter says of all the files. */
  readonly lint: string;
}

interface Ready {
  readonly index: number;
  readonly test: string;
  readonly files: readonly string[];
  readonly age: 'old' | 'new';
}

/** Judges repositories, all that compile in one run of promtool for each age; where one is missing, the other judges. */
export async function judgeAll(
  repositories: readonly Repository[],
  compile: Compiler,
  folder: string,
): Promise<Outcome> {
  const failures = new Map<number, string>();
  const refused = new Map<Refusal, number>();
  const ready: Ready[] = [];
  let alerts = 0;
  for (const [index, repository] of repositories.entries()) {
    const { compiled, meaning, disagreements } = judge(repository, compile);
    for (const code of meaning.refusals) refused.set(code, (refused.get(code) ?? 0) + 1);
    if (disagreements.length > 0) failures.set(index, disagreements.slice(0, 5).join('\n'));
    if (disagreements.length > 0 || !compiled.ruleSet) continue;
    const files = new Map(compiled.ruleSet.files.map((f) => [f.fileName, renderFile(f)]));
    const other = againInAnotherOrder(repository, compile);
    if (other !== [...files.values()].join(''))
      failures.set(index, 'in another order of files it compiles to other bytes');
    const trial = trialOf(repository, meaning);
    alerts += trial.alerts.reduce((sum, some) => sum + some.length, 0);
    const own = join(folder, String(index));
    const age = repository.three ? 'new' : 'old';
    if (!tools.promtool[age] && (repository.three || !tools.promtool.new)) continue;
    ready.push({
      index,
      test: writeTrial(own, files, trial),
      files: [...files.keys()].map((name) => join(own, name)),
      age: tools.promtool[age] ? age : 'new',
    });
  }
  const linted = await Promise.all((['old', 'new'] as const).map((age) => evaluate(age, ready, folder, failures)));
  return { failures, accepted: ready.length, refused, alerts, lint: linted.join('') };
}

async function evaluate(
  age: 'old' | 'new',
  all: readonly Ready[],
  folder: string,
  failures: Map<number, string>,
): Promise<string> {
  const promtool = tools.promtool[age];
  const ready = all.filter((r) => r.age === age);
  if (!promtool || ready.length === 0) return '';
  const failed = await testRules(
    promtool,
    ready.map((r) => r.test),
    join(folder, `${age}.log`),
  );
  for (const { index, test } of ready) {
    const said = failed.get(test);
    if (said) failures.set(index, `promtool: ${said.slice(0, 4000)}`);
  }
  return lint(
    promtool,
    ready.flatMap((r) => r.files),
    join(folder, `${age}-lint.log`),
  );
}

function againInAnotherOrder(repository: Repository, compile: Compiler): string {
  const files = new Map([...filesOf(repository)].reverse());
  return (compile(sourcesOf(files), OPTIONS).ruleSet?.files ?? []).map(renderFile).join('');
}
