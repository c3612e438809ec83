import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { plural } from '../../report/text.ts';
import { type Call, type Io, isProblem } from '../context.ts';

/** Compiling takes seconds from here on, and a build or a check before the deploy tells the same. */
const MOST_RULES = 50_000;

/** Compiling so many takes well under a second: even what changes nothing, and a timer, may do it at every run. */
export const QUICK_RULES = 5000;

/**
 * Whether `dist/` is what the sources beside it compile to: the usual reason why a change does not arrive. Only told, for
 * what is deployed is what was reviewed and committed; undefined: it is, or nobody can say.
 */
export async function staleWarning(call: Call, io: Io, rulesCount: number): Promise<string | undefined> {
  const { root } = call.globals;
  const there = await Promise.all(['rules', 'groups'].map((name) => stat(join(root, name)).catch(() => undefined)));
  if (rulesCount > MOST_RULES || there.every((entry) => entry === undefined)) return undefined;
  const { prepare, staleOf } = await import('../build/prepare.ts');
  // promtool judges the release itself, and a deploy writes nothing beside the rule path.
  const env = { ...io.env, PROMETHEUS_VALIDATE_RULES: 'false', RULEWRIGHT_CACHE: 'off' };
  const prepared = await prepare(
    { ...call, globals: { ...call.globals, strict: false }, options: {}, args: [] },
    { ...io, env },
  );
  if (isProblem(prepared)) return undefined;
  if (prepared.refused) {
    return 'The sources have errors now (`rulewright check` tells which): dist/ is from before, and is what is deployed.';
  }
  const stale = staleOf(prepared);
  prepared.discard();
  if (stale.length === 0) return undefined;
  const are = stale.length === 1 ? 'is' : 'are';
  return `${plural(stale.length, 'file')} of dist/ ${are} not what the sources compile to, such as ${stale[0]}: run \`rulewright build\` and commit, if this was to go out.`;
}
