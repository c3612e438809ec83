import { posix } from 'node:path';
import { importsOf, type TsFile } from './source-files.ts';

/** Which files of ours each file imports, for a type too. */
export type Imports = ReadonlyMap<string, readonly string[]>;

export function importsAmong(files: readonly TsFile[]): Imports {
  return new Map(
    files.map(({ path, text }) => [
      path,
      importsOf(text)
        .filter((name) => name.startsWith('.'))
        .map((name) => posix.join(posix.dirname(path), name)),
    ]),
  );
}

/** Folders and files from the ground up. Those of one floor don't know of one another. */
export type Floors = readonly (readonly string[])[];

/** The part of a floor that a path lies in, and which floor that is; -1: none. */
export function floorOf(path: string, floors: Floors): { readonly part: string | undefined; readonly floor: number } {
  const holds = (part: string): boolean => path === part || path.startsWith(`${part}/`);
  const floor = floors.findIndex((parts) => parts.some(holds));
  return { part: floors[floor]?.find(holds), floor };
}

/** Imports that lead to a floor above, or beside, each as a sentence. */
export function upwardImports(imports: Imports, floors: Floors): string[] {
  return [...imports].flatMap(([path, targets]) => {
    const own = floorOf(path, floors);
    return targets
      .filter((target) => {
        const there = floorOf(target, floors);
        return there.floor > own.floor || (there.floor === own.floor && there.part !== own.part);
      })
      .map((target) => `${path} imports ${target}`);
  });
}

/** Files that all lead to one another, for each such knot sorted: Tarjan's strongly connected components of two files or more. */
export function circlesOf(imports: Imports): string[][] {
  const found: string[][] = [];
  /** By file: when it was first met, and the earliest file that it leads back to. */
  const met = new Map<string, { readonly at: number; low: number }>();
  const open: string[] = [];
  const visit = (path: string): { readonly low: number } => {
    const own = { at: met.size, low: met.size };
    met.set(path, own);
    open.push(path);
    for (const target of imports.get(path) ?? []) {
      if (target === path) found.push([path]);
      const seen = met.get(target);
      if (!seen) own.low = Math.min(own.low, visit(target).low);
      else if (open.includes(target)) own.low = Math.min(own.low, seen.at);
    }
    if (own.low === own.at) {
      const knot = open.splice(open.indexOf(path));
      if (knot.length > 1) found.push(knot.sort());
    }
    return own;
  };
  for (const path of imports.keys()) if (!met.has(path)) visit(path);
  return found;
}
