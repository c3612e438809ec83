/**
 * Cutting out of plainly written sources what a change can't be about. Only a shape that leaves no doubt is cut;
 * everything else stays. Nothing hangs on the cut being right but speed: see narrow.ts.
 */

const PLAIN_ENTRY = /^( +)([A-Za-z_][\w.-]*): -?\d+(?:\.\d+)?[ \t]*$/;
const THRESHOLDS = /^thresholds:[ \t]*$/;

/** Lines of the block `thresholds:` that say a number and nothing else, by line number. */
function plainEntries(lines: readonly string[]): Map<number, string> {
  const found = new Map<number, string>();
  let indent: string | undefined;
  let inside = false;
  for (const [number, line] of lines.entries()) {
    if (/^[^\s#]/.test(line)) {
      inside = THRESHOLDS.test(line);
      indent = undefined;
    }
    if (!inside) continue;
    const [, before, name] = PLAIN_ENTRY.exec(line) ?? [];
    // The first entry has the indentation of all; what stands further in belongs to one of them.
    if (/^ +[^\s#]/.test(line)) indent ??= /^ +/.exec(line)?.[0];
    if (name !== undefined && before === indent) found.set(number, name);
  }
  return found;
}

/** The rules whose number is all that tells two texts of a group's file apart; undefined where there is more to it. */
export function changedThresholds(before: string, after: string): ReadonlySet<string> | undefined {
  const [old, now] = [before.split('\n'), after.split('\n')];
  if (old.length !== now.length) return undefined;
  const [oldEntries, newEntries] = [plainEntries(old), plainEntries(now)];
  const names = new Set<string>();
  for (const [number, line] of now.entries()) {
    if (line === old[number]) continue;
    const name = newEntries.get(number);
    if (name === undefined || oldEntries.get(number) !== name) return undefined;
    names.add(name);
  }
  return names;
}

/** Where an offset into the former text has come to, of two texts that `changedThresholds` finds alike but for numbers. */
export function moved(before: string, after: string): (offset: number) => number {
  const [old, now] = [before.split('\n'), after.split('\n')];
  return (offset) => {
    let [left, start, line] = [offset, 0, 0];
    while (line < old.length - 1 && left > (old[line] as string).length) {
      left -= (old[line] as string).length + 1;
      start += (now[line] as string).length + 1;
      line++;
    }
    const [from, to] = [old[line] ?? '', now[line] ?? ''];
    const number = from.search(/[^ :]+ *$/);
    return start + (from === to || left <= number ? left : Math.max(number, left + to.length - from.length));
  };
}

/** A group's file without the plain thresholds of other rules; of a rule's tiers, which must keep their order, all stay. */
export function cutThresholds(text: string, wanted: ReadonlySet<string>): string {
  const lines = text.split('\n');
  const entries = plainEntries(lines);
  const kept = lines.filter((_, number) => {
    const name = entries.get(number);
    return name === undefined || wanted.has(name) || wanted.has(withoutTier(name));
  });
  // A key without a value would be complained about.
  return kept.filter((line, number) => !THRESHOLDS.test(line) || /^ /.test(next(kept, number))).join('\n');
}

/** The rule that a tier is of, if it is one. */
export const withoutTier = (name: string): string => name.replace(/\.[^.]*$/, '');

const next = (lines: readonly string[], number: number): string =>
  lines.slice(number + 1).find((line) => /^\s*[^\s#]/.test(line)) ?? '';

/** Aliases and anchors tie rules together; block style is what can be cut. */
const TIED = /(?:^|[\s:[{,-])[&*][A-Za-z]/m;
const NAMED = /^(?:- | {2})(?:alert|id):[ \t]+(?:"([\w:.-]+)"|'([\w:.-]+)'|([\w:.-]+))[ \t]*(?:#.*)?$/;
const BESIDE = /^(?:- | {2})(?:record|template):/;

/** A file of rules, taken apart once to be put together again with fewer of them. */
export interface RuleList {
  readonly text: string;
  /** What stands before the first rule, and the rules; undefined where the text is not plain enough to be cut. */
  readonly parts?: { readonly head: string; readonly rules: readonly RulePart[] };
}

interface RulePart {
  readonly text: string;
  /** What it is called; undefined where it must stay whatever is wanted. */
  readonly names?: readonly string[];
}

export function ruleList(text: string): RuleList {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => /^rules:[ \t]*$/.test(line));
  const indent = /^( *)- /.exec(next(lines, start))?.[1];
  if (start < 0 || indent === undefined || TIED.test(text)) return { text };
  const dash = `${indent}- `;
  const starts: number[] = [];
  for (let number = start + 1; number < lines.length; number++) {
    const line = lines[number] as string;
    // Something else at the top of the file: the list is over, and what follows is not understood.
    if (/^[^\s#-]/.test(line) || (indent !== '' && line.startsWith('-'))) return { text };
    if (line.startsWith(dash)) starts.push(number);
  }
  const rules = starts.map((from, i): RulePart => {
    const own = lines.slice(from, starts[i + 1] ?? lines.length);
    return { text: own.join('\n'), ...namesOf(own, indent.length) };
  });
  return { text, parts: { head: lines.slice(0, starts[0]).join('\n'), rules } };
}

/** A file of rules without those that are not wanted by name; undefined where none is left. What records stays, for it says which labels others have. */
export function cutRules({ text, parts }: RuleList, wanted: ReadonlySet<string>): string | undefined {
  if (!parts) return text;
  const kept = parts.rules.filter(({ names }) => !names || names.some((name) => wanted.has(name)));
  return kept.length === 0 ? undefined : [parts.head, ...kept.map((rule) => rule.text)].join('\n');
}

function namesOf(rule: readonly string[], indent: number): { readonly names?: readonly string[] } {
  const names: string[] = [];
  for (const line of rule) {
    const own = line.slice(indent);
    if (BESIDE.test(own)) return {};
    const [, double, single, plain] = NAMED.exec(own) ?? [];
    const name = double ?? single ?? plain;
    if (name !== undefined) names.push(name);
  }
  // A rule without a plain name may be called anything.
  return names.length === 0 ? {} : { names };
}
