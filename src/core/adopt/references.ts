import type { Located, SourceFile } from '../ground/source.ts';
import type { Program } from '../instance/program.ts';
import { EVERY } from '../lookup/declaration.ts';
import { type RuleNames, ruleNames } from '../lookup/rule-names.ts';
import { asKey } from '../model/address.ts';
import type { Rule } from '../model/rule.ts';
import type { WrittenGroup } from '../model/written.ts';
import { ruleKey } from './replace.ts';

/** A place of a group that speaks of a native rule. */
export interface Reference {
  readonly file: SourceFile;
  readonly name: Located<string>;
  readonly rule: Rule;
}

/** Every place by which groups speak of native rules. */
export function nativeReferences({ rules: resolved, tree }: Program): Reference[] {
  const rules = resolved.map(({ rule }) => rule);
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const names = namesOf(rules);
  return tree.groups.flatMap(({ written }) =>
    written === undefined
      ? []
      : namesIn(written).flatMap((name) => {
          const { ids } = names.find(name);
          const rule = ids.length === 1 ? byId.get(ids[0] as string) : undefined;
          return rule?.group.native ? [{ file: written.file, name, rule }] : [];
        }),
  );
}

function namesIn({ thresholds, overrides, disabled }: WrittenGroup): Located<string>[] {
  return [...thresholds, ...overrides, ...disabled].map(({ rule }) => rule).filter(({ value }) => value !== EVERY);
}

const namesOf = (rules: readonly Rule[]): RuleNames => ruleNames(rules, { broken: new Set(), unread: new Set() });

/**
 * The files of groups whose references would mean another rule, or none, once rules have moved: each such reference is
 * written anew, all else stays as it is.
 * @param moved where rules are now, by where they were; those that it lacks stay where they are
 */
export function retold(
  references: readonly Reference[],
  after: Program,
  moved: ReadonlyMap<string, string>,
): Map<string, string> {
  const rules = after.rules.map(({ rule }) => rule);
  const names = namesOf(rules);
  const idOf = new Map(rules.map((rule) => [ruleKey(rule), rule.tier?.of ?? rule.id]));
  const edits = new Map<SourceFile, { from: number; to: number; text: string }[]>();
  for (const { file, name, rule } of references) {
    const key = ruleKey(rule);
    const id = idOf.get(moved.get(key) ?? key);
    if (id === undefined || means(names, name, id)) continue;
    const edit = { from: name.span.start, to: name.span.end, text: asKey(id) };
    edits.set(file, [...(edits.get(file) ?? []), edit]);
  }
  return new Map([...edits].map(([file, list]) => [file.path, edited(file.text, list)]));
}

function edited(text: string, edits: readonly { from: number; to: number; text: string }[]): string {
  let out = text;
  for (const { from, to, text: put } of [...edits].sort((a, b) => b.from - a.from))
    out = out.slice(0, from) + put + out.slice(to);
  return out;
}

function means(names: RuleNames, name: Located<string>, id: string): boolean {
  const { ids } = names.find(name);
  return ids.length > 0 && ids.every((found) => found === id || found.startsWith(`${id}.`));
}
