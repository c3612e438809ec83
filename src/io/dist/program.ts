/** Put in by scripts/compile.mjs: tells two programs apart that call themselves by one version. */
declare const RULEWRIGHT_BUILD: string | undefined;

/**
 * What this program is known by in the cache. One that was not compiled by that script may change while its
 * name stays, so it keeps nothing of its own making, unless somebody names a cache and so answers for it.
 */
export function programName(env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (typeof RULEWRIGHT_BUILD === 'string') return RULEWRIGHT_BUILD;
  return env['RULEWRIGHT_CACHE'] ? 'sources' : undefined;
}
