import module from 'node:module';
import { cachePlace, isOurs } from './cache-place.ts';

/**
 * Lets Node keep what it compiles of the program, where it can (22.8 and newer), so that it starts faster the next
 * time. In a folder of the user's alone: Node's own default is one that others can write to, and it would run
 * what they put there.
 */
export function keepCompiled(env: Readonly<Record<string, string | undefined>>): void {
  const { enableCompileCache } = module as { enableCompileCache?: (directory: string) => unknown };
  const directory = enableCompileCache && cachePlace(env, 'compiled');
  if (enableCompileCache && directory !== undefined && isOurs(directory)) enableCompileCache(directory);
}
