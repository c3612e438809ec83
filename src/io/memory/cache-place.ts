import { existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * A folder of that name in the directory that the environment gives the cache, links resolved; undefined where it gives
 * none, or one inside of a work tree: what a pull request brings along would be taken for what we once found out. Nor
 * may the way there lead through a work tree, for then a pull request says where it ends.
 */
export function cachePlace(env: Env, name: string): string | undefined {
  const chosen = placeIn(env);
  if (chosen === undefined) return undefined;
  const place = join(chosen, name);
  const real = realOf(place);
  return isInWorkTree(place) || isInWorkTree(real) ? undefined : real;
}

/** A path with its links resolved, as far as it is there. */
export function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return dirname(path) === path ? path : join(realOf(dirname(path)), basename(path));
  }
}

function placeIn(env: Env): string | undefined {
  const own = env['RULEWRIGHT_CACHE'];
  if (own !== undefined && own !== '') return own !== 'off' && isAbsolute(own) ? own : undefined;
  const users = env['XDG_CACHE_HOME'];
  if (users !== undefined && isAbsolute(users)) return join(users, 'rulewright');
  const home = env['HOME'] ?? env['USERPROFILE'];
  return home !== undefined && isAbsolute(home) ? join(home, '.cache', 'rulewright') : undefined;
}

function isInWorkTree(path: string): boolean {
  if (existsSync(join(path, '.git')) || existsSync(join(path, 'rulewright.yaml'))) return true;
  return dirname(path) !== path && isInWorkTree(dirname(path));
}

/** Whether a directory (made where it is missing) belongs to us, and nobody else may write to it. */
export function isOurs(directory: string): boolean {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const entry = statSync(directory);
    // Windows has neither owners nor modes of this kind.
    return process.getuid === undefined || (entry.uid === process.getuid() && (entry.mode & 0o022) === 0);
  } catch {
    return false;
  }
}
