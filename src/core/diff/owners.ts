import type { Program } from '../instance/program.ts';
import type { RulePair } from './pairs.ts';

/** The owners of rules and of groups (of a derived group: of all that it joins), sorted. */
export function ownersOf(
  pairs: readonly RulePair[],
  groups: readonly string[],
  programs: { readonly base: Program; readonly head: Program },
): string[] {
  const owners = new Set<string>();
  for (const { base, head } of pairs) {
    const owner = (head ?? base)?.rule.owner;
    if (owner !== undefined) owners.add(owner);
  }
  for (const id of groups.flatMap((group) => group.split('--'))) {
    const group = programs.head.tree.byId.get(id) ?? programs.base.tree.byId.get(id);
    const owner = group?.written?.owner?.value;
    if (owner !== undefined) owners.add(owner);
  }
  return [...owners].sort();
}
