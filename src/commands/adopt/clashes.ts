import { ruleMeaning } from '../../core/adopt/compare.ts';
import { readPlain } from '../../core/adopt/cut.ts';
import { type Diagnostic, diagnostic, hasErrors } from '../../core/ground/diagnostic.ts';
import type { SourceFile } from '../../core/ground/source.ts';
import type { CompiledRuleGroup } from '../../core/model/ruleset.ts';
import { plural } from '../../report/text.ts';
import type { Proposal } from './layout.ts';

/**
 * Errors that the repository has with the proposals and has not without them. Rules that it holds already in another form
 * or version are one error for each pair of files: one for each rule would say the same a hundred times.
 */
export function clashesOf(
  proposals: readonly Proposal[],
  sources: readonly SourceFile[],
  before: readonly Diagnostic[],
  after: readonly Diagnostic[],
): Diagnostic[] {
  if (!hasErrors(after)) return [];
  const known = new Set(before.map((d) => `${d.code} ${d.message}`));
  const fresh = after.filter((d) => d.severity === 'error' && !known.has(`${d.code} ${d.message}`));
  const byPath = new Map(proposals.map((p) => [p.path, p]));
  const pairs = new Map<string, { readonly proposal: Proposal; readonly theirs: string; all: Diagnostic[] }>();
  const rest: Diagnostic[] = [];
  for (const found of fresh) {
    const paths = [found.span, ...found.notes.flatMap((n) => n.span ?? [])].map(({ file }) => file.path);
    const proposal = paths.flatMap((path) => byPath.get(path) ?? [])[0];
    const theirs = paths.find((path) => path.startsWith('rules/') && !byPath.has(path));
    if (found.code !== 'same-identity' || !proposal || theirs === undefined) {
      rest.push(found);
      continue;
    }
    const key = `${proposal.path}\n${theirs}`;
    const pair = pairs.get(key) ?? { proposal, theirs, all: [] };
    pair.all.push(found);
    pairs.set(key, pair);
  }
  return [...rest, ...[...pairs.values()].flatMap((pair) => told(pair, sources))];
}

function told(
  { proposal, theirs, all }: { readonly proposal: Proposal; readonly theirs: string; readonly all: Diagnostic[] },
  sources: readonly SourceFile[],
): Diagnostic[] {
  if (all.length < 2) return all;
  const file = sources.find(({ path }) => path === theirs) ?? { path: theirs, text: '' };
  const from = proposal.from.join(', ');
  const standing = /^groups\s*:/m.test(file.text) ? readPlain(file.text) : undefined;
  const message = `${theirs} has ${plural(all.length, 'rule')} of ${from} already, with the same names and labels, so that each would fire twice.`;
  const help = standing
    ? nativeHelp(proposal, theirs, standing)
    : `They are in our own format there, which is not undone: go on with ${theirs}. To take them over anew remove it (git has what is committed of it), and adopt again; what was changed in it since is lost then.`;
  return [diagnostic('same-identity', { file, start: 0, end: 0 }, message, { help })];
}

/** What to do where another version of the rules stands there as it is: nothing that is said there is to be lost unseen. */
function nativeHelp(
  { path, from, groups = [] }: Proposal,
  theirs: string,
  standing: readonly CompiledRuleGroup[],
): string {
  const names = otherwise(standing, groups);
  const list = names.slice(0, MOST_NAMES).join(', ') + (names.length > MOST_NAMES ? ', …' : '');
  const lost = names.length > 0 ? `, which loses what ${theirs} says otherwise (${list})` : '';
  const [source = ''] = from;
  const isNamesake = bare(path) === bare(theirs) && !source.includes(' (');
  const taken = isNamesake ? `\`rulewright adopt --force ${source}\`` : `copy them over ${theirs}`;
  return `It is another version of them. To go on with it: \`rulewright adopt --params ${theirs}\`. To go on with ${from.join(', ')}: first ${taken}${lost}, and build; then \`rulewright adopt --params ${theirs}\`.`;
}

const MOST_NAMES = 5;

/** Names of the rules that say something else, or are there alone. */
function otherwise(some: readonly CompiledRuleGroup[], others: readonly CompiledRuleGroup[]): string[] {
  const keys = (groups: readonly CompiledRuleGroup[]): (readonly [name: string, key: string])[] =>
    groups.flatMap((group) =>
      group.rules.map((rule) => [rule.name, JSON.stringify(ruleMeaning(group, rule, 'exact'))] as const),
    );
  const known = new Set(keys(others).map(([, key]) => key));
  return [...new Set(keys(some).flatMap(([name, key]) => (known.has(key) ? [] : [`"${name}"`])))];
}

const bare = (path: string): string => path.replace(/\.\w+$/, '');
