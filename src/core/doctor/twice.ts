import type { TwiceFacts } from './facts.ts';

/** A loaded rule group, as far as its rules can be told from one another. */
interface Told {
  readonly file: string;
  readonly rules: readonly {
    readonly kind: string;
    readonly name: string;
    readonly query: string;
    readonly labels: Readonly<Record<string, string>>;
  }[];
}

/** Files that are not ours, but have rules word for word as files of ours have them; those with the most come first. */
export function rulesTwice(loaded: readonly Told[], isOurs: (file: string) => boolean): TwiceFacts[] {
  const key = ({ kind, name, query, labels }: Told['rules'][number]): string =>
    JSON.stringify([kind, name, query, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
  const ours = new Set(loaded.filter(({ file }) => isOurs(file)).flatMap(({ rules }) => rules.map(key)));
  const files = new Map<string, { readonly same: string[]; readonly others: string[] }>();
  for (const { file, rules } of loaded) {
    if (isOurs(file)) continue;
    const found = files.get(file) ?? { same: [], others: [] };
    files.set(file, found);
    for (const rule of rules) (ours.has(key(rule)) ? found.same : found.others).push(rule.name);
  }
  return [...files]
    .flatMap(([file, { same, others }]) =>
      same.length === 0 ? [] : [{ file, rules: same.length, example: same[0] ?? '', others: [...new Set(others)] }],
    )
    .sort((a, b) => b.rules - a.rules || (a.file < b.file ? -1 : 1));
}
