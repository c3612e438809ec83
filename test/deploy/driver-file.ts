import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { projectRoot } from '../support/paths.ts';

/** Bundles a program of this folder into one file, so that it starts fast, and gives its path. */
export function bundled(name: 'driver' | 'reloader', folder: string): string {
  const outfile = join(folder, `${name}.mjs`);
  const entry = join(projectRoot, `test/deploy/${name}.ts`);
  buildSync({ entryPoints: [entry], bundle: true, platform: 'node', format: 'esm', outfile, logLevel: 'error' });
  return outfile;
}
