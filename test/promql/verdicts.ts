import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Which expressions promtool accepts; one call for them all, each in a rule group of its own. */
export function verdicts(
  promtool: string,
  folder: string,
  exprs: readonly string[],
  features: readonly string[] = [],
): boolean[] {
  const file = join(folder, 'rules.yml');
  const groups = exprs.map(
    (expr, i) => `- name: "g${i}"\n  rules:\n  - record: "r"\n    expr: ${JSON.stringify(expr)}\n`,
  );
  writeFileSync(file, `groups:\n${groups.join('')}`);
  const enabled = features.map((feature) => `--enable-feature=${feature}`);
  const run = spawnSync(promtool, [...enabled, 'check', 'rules', '--lint=none', file], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    timeout: 120_000,
  });
  if (run.error) throw run.error;
  const accepted = exprs.map(() => true);
  for (const [, number] of run.stderr.matchAll(/group "g(\d+)", rule/g)) accepted[Number(number)] = false;
  // Without this, a file that promtool can't read at all would count as agreement.
  if (run.status !== 0 && accepted.every(Boolean))
    throw new Error(`promtool read nothing: ${run.stderr.slice(0, 2_000)}`);
  return accepted;
}
