import { readdir } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { goGlob } from '../../core/ground/go-glob.ts';

/** More would be no rule files any more. */
const MOST_FILES = 20_000;

/** The files on this machine that globs of Prometheus' `rule_files` match, sorted; what can't be read is passed over. */
export async function expandGlobs(globs: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const glob of globs.filter(isAbsolute)) {
    for (const path of await expand(glob)) if (found.size < MOST_FILES) found.add(path);
  }
  return [...found].sort();
}

async function expand(glob: string): Promise<string[]> {
  let folders = ['/'];
  const parts = glob.split('/').filter((part) => part !== '');
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1;
    const next: string[] = [];
    for (const folder of folders) {
      if (!/[*?[\\]/.test(part) && !last) next.push(join(folder, part));
      else {
        for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
          const fits = goGlob(`/${part}`, `/${entry.name}`);
          if (fits && (!last || !entry.isDirectory())) next.push(join(folder, entry.name));
        }
      }
    }
    folders = next;
  }
  return folders;
}
