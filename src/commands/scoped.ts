import { type Beyond, inScope } from '../core/gates/promtool-scope.ts';
import type { CompiledRuleGroup } from '../core/model/ruleset.ts';
import type { Problem } from '../io/problem.ts';
import { checkRules, type Env, type FileComplaint, type Promtool } from '../io/promtool/promtool.ts';
import { plainText } from '../outputs/plain-text.ts';
import { isProblem } from './context.ts';

/** What a promtool says of a release as far as it can judge it, and what is beyond it. */
export interface Scoped {
  readonly kept: readonly FileComplaint[];
  readonly beyond: readonly Beyond[];
}

/**
 * Leaves out what a promtool refuses because it is older than the servers. Such a refusal keeps it from all else in the
 * file, so that it is asked once more, of what it can read.
 */
export async function scopedComplaints(
  promtool: Promtool,
  complaints: readonly FileComplaint[],
  groupsOf: (fileName: string) => readonly CompiledRuleGroup[],
  env: Env,
): Promise<Scoped | Problem> {
  const { kept, beyond, again } = inScope(complaints, { flags: [], ...promtool }, groupsOf);
  const files = [...again].map(([fileName, groups]) => ({
    fileName,
    ruleCount: groups.reduce((sum, { rules }) => sum + rules.length, 0),
    parts: () => [plainText(groups)],
  }));
  const said = await checkRules(promtool, files, env);
  // Lines are those of the text that it was shown, which nobody has.
  return isProblem(said) ? said : { kept: [...kept, ...said.map(({ line: _, col: __, ...rest }) => rest)], beyond };
}
