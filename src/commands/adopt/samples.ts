import type { Loaded } from '../../io/sources/load.ts';
import { EXAMPLE } from '../init/files.ts';

/** The samples that `init` wrote and nobody has touched, from the root: told by their content alone. */
export function samplesIn({ rules, groups, inventory }: Loaded): string[] {
  const files = [...rules, ...groups, ...inventory.map(({ file }) => file)];
  return files.filter(({ path, text }) => EXAMPLE[path] === text && path !== 'rulewright.yaml').map(({ path }) => path);
}

/** The sources without some of them. */
export function without(sources: Loaded, paths: readonly string[]): Loaded {
  if (paths.length === 0) return sources;
  const stays = ({ path }: { readonly path: string }): boolean => !paths.includes(path);
  return {
    ...sources,
    rules: sources.rules.filter(stays),
    groups: sources.groups.filter(stays),
    inventory: sources.inventory.filter(({ file }) => stays(file)),
  };
}
