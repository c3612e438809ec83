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

/** A file of rules without those that are not wanted by name; undefined where none is left. What records stays, for it says which labels others have. */
export function cutRules(text: string, wanted: ReadonlySet<string>): string | undefined {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => /^rules:[ \t]*$/.test(line));
  const indent = /^( *)- /.exec(next(lines, start))?.[1];
  if (start < 0 || indent === undefined || TIED.test(text)) return text;
  const kept = lines.slice(0, start + 1);
  let item: string[] = [];
  let items = 0;
  const close = (): void => {
    if (
      item.length === 0 ||
      isWanted(
        item.map((line) => line.slice(indent.length)),
        wanted,
      )
    ) {
      kept.push(...item);
      items += item.length > 0 ? 1 : 0;
    }
    item = [];
  };
  for (const [number, line] of lines.entries()) {
    if (number <= start) continue;
    // Something else at the top of the file: the list is over, and what follows is not understood.
    if (/^[^\s#-]/.test(line) || (indent !== '' && line.startsWith('-'))) return text;
    if (line.startsWith(`${indent}- `)) close();
    if (item.length === 0 && !line.startsWith(`${indent}- `)) kept.push(line);
    else item.push(line);
  }
  close();
  return items > 0 ? kept.join('\n') : undefined;
}

function isWanted(item: readonly string[], wanted: ReadonlySet<string>): boolean {
  const names: string[] = [];
  for (const line of item) {
    if (BESIDE.test(line)) return true;
    const [, double, single, plain] = NAMED.exec(line) ?? [];
    const name = double ?? single ?? plain;
    if (name !== undefined) names.push(name);
  }
  // A rule without a plain name may be called anything.
  return names.length === 0 || names.some((name) => wanted.has(name));
}
