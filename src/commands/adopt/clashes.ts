import { type Diagnostic, diagnostic, hasErrors } from '../../core/ground/diagnostic.ts';
import type { SourceFile } from '../../core/ground/source.ts';
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
  const isNative = /^groups\s*:/m.test(file.text);
  const from = proposal.from.join(', ');
  const message = `${theirs} has ${plural(all.length, 'rule')} of ${from} already, with the same names and labels, so that each would fire twice.`;
  const help = isNative
    ? `It is another version of them: put the new one in its place first, as it is (copy it over ${theirs}), and build; then \`rulewright adopt --params ${theirs}\` writes our own format instead.`
    : `They are in our own format there, which is not undone: go on with ${theirs}. To take them over anew remove it (git has it), and adopt again.`;
  return [diagnostic('same-identity', { file, start: 0, end: 0 }, message, { help })];
}
