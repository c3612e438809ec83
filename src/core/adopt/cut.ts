import type { Span } from '../ground/source.ts';
import { plainGroups } from '../model/plain.ts';
import type { CompiledRuleGroup } from '../model/ruleset.ts';
import { readNative } from '../parse/native.ts';
import { parseYaml } from '../parse/yaml/yaml.ts';
import { differences } from './compare.ts';

/**
 * A rule file's text without some of its rules: whole items are cut out with the comments right above them, all else
 * stays as it was written. Undefined where the text that is left doesn't say what it must.
 * @param keeps whether the rule stays, by its rule group and its place in it
 */
export function cutRules(text: string, keeps: (group: number, rule: number) => boolean): string | undefined {
  const groups = readPlain(text);
  if (!groups) return undefined;
  const left = keptGroups(groups, keeps);
  const cuts: Span[] = groups.flatMap((group, g) => {
    const gone = group.rules.filter((_, r) => !keeps(g, r));
    return gone.length > 0 && gone.length === group.rules.length ? [group.span] : gone.map((rule) => rule.span);
  });
  let out = text;
  for (const cut of cuts.sort((a, b) => b.start - a.start)) {
    const lines = linesOf(out, cut);
    if (!lines) return undefined;
    out = out.slice(0, lines.from) + out.slice(lines.to);
  }
  const after = readPlain(out);
  return after && differences(left, after, 'exact', true).length === 0 ? out : undefined;
}

/** Rule groups without the rules that go; one that loses all of them goes as well. */
export function keptGroups(
  groups: readonly CompiledRuleGroup[],
  keeps: (group: number, rule: number) => boolean,
): CompiledRuleGroup[] {
  return groups.flatMap((group, g) => {
    const rules = group.rules.filter((_, r) => keeps(g, r));
    return rules.length === 0 && group.rules.length > 0 ? [] : [{ ...group, rules }];
  });
}

/** The rule groups of a text; undefined where it is no rule file. */
export function readPlain(text: string): CompiledRuleGroup[] | undefined {
  const file = { path: 'rules/adopted.yml', text };
  const { documents, diagnostics } = parseYaml(file);
  const root = documents.find((d) => d.root)?.root;
  if (diagnostics.some((d) => d.severity === 'error') || root?.kind !== 'map' || !root.entries.has('groups'))
    return undefined;
  const out = [...diagnostics];
  const native = readNative(file, root, { utf8Names: true }, out);
  return out.some((d) => d.severity === 'error') ? undefined : plainGroups(native);
}

/** The whole lines of an item of a list, and of the comments right above it. */
function linesOf(text: string, span: Span): { from: number; to: number } | undefined {
  const lineStart = text.lastIndexOf('\n', span.start - 1) + 1;
  if (!/^\s*-\s+$/.test(text.slice(lineStart, span.start))) return undefined;
  const indent = /^\s*/.exec(text.slice(lineStart))?.[0].length ?? 0;
  let from = lineStart;
  for (;;) {
    const above = text.lastIndexOf('\n', from - 2) + 1;
    const line = text.slice(above, from);
    if (from === 0 || !/^\s*#/.test(line) || line.length - line.trimStart().length < indent) break;
    from = above;
  }
  // The item ends where a line is indented no further than its dash.
  let to = text.indexOf('\n', Math.max(lineStart, span.start)) + 1 || text.length;
  while (to < text.length) {
    const end = text.indexOf('\n', to) + 1 || text.length;
    const line = text.slice(to, end);
    if (line.trim() !== '' && line.length - line.trimStart().length <= indent) break;
    to = end;
  }
  return { from, to };
}
