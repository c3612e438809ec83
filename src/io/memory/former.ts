import { lstat, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestRows, readDist, readOwn } from '../dist/dist.ts';
import { groupIdOf, type ReleasePlan } from '../dist/plan.ts';
import { errno, fsProblem, type Problem } from '../problem.ts';

/**
 * Plans that remove releases of ours that an output directory holds but the settings no longer have: the one in
 * it where there are several servers now, those of servers that are gone or called otherwise. `servers` are the
 * names of today's, [''] where the repository has one alone. A folder counts as a server's only where its
 * manifest says that it is; nothing else is looked at. `name` is "" for the one in the directory itself.
 */
export async function formerReleases(
  root: string,
  out: string,
  chosen: boolean,
  servers: readonly string[],
): Promise<readonly { readonly name: string; readonly plan: ReleasePlan }[] | Problem> {
  try {
    const plans: { name: string; plan: ReleasePlan }[] = [];
    for (const name of ['', ...(await folders(out))]) {
      if (servers.includes(name)) continue;
      const place = join(out, name);
      const said = releaseOf((await readOwn(join(place, 'manifest.json')))?.toString('utf8'));
      if (said !== name) continue;
      const dist = await readDist(root, place, chosen);
      if ('message' in dist) return dist;
      const removed = dist.owned.map((fileName) => ({ fileName, groupId: groupIdOf(dist, fileName) }));
      const manifest = { text: undefined, changed: true };
      const plan = { out: dist.out, files: [], removed, left: [], manifest, leftovers: dist.leftovers };
      plans.push({ name, plan });
    }
    return plans;
  } catch (error) {
    return fsProblem(error, 'cannot read', out);
  }
}

/** Removes the folders that a former release leaves empty. What is not ours keeps its folder. */
export async function removeEmptied(place: string): Promise<void> {
  for (const folder of [join(place, 'rules'), place]) await rmdir(folder).catch(() => undefined);
}

/** Whose release a manifest of ours describes: a server's by name, "" for a repository's only one; undefined for another's. */
export function releaseOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || !('files' in parsed) || !Array.isArray(parsed.files)) {
    return undefined;
  }
  if (!('version' in parsed) || parsed.version !== 1 || manifestRows(text).size !== parsed.files.length)
    return undefined;
  if (!('server' in parsed)) return '';
  return typeof parsed.server === 'string' ? parsed.server : undefined;
}

/** The folders of servers' releases in an output directory, by the names that they have; sorted. */
export async function serverFolders(out: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await folders(out)) {
    const text = (await readOwn(join(out, name, 'manifest.json')))?.toString('utf8');
    if (releaseOf(text) === name) found.push(name);
  }
  return found;
}

async function folders(out: string): Promise<string[]> {
  const names = await readdir(out).catch((error: unknown) => {
    if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return [];
    throw error;
  });
  const found: string[] = [];
  for (const name of names.sort()) {
    if (name === 'rules' || name === 'effective' || name.startsWith('.')) continue;
    if ((await lstat(join(out, name)).catch(() => undefined))?.isDirectory()) found.push(name);
  }
  return found;
}
