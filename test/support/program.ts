import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { build as bundle } from 'esbuild';
import { afterAll, beforeAll } from 'vitest';
import { projectRoot } from './paths.ts';

/** The program as a process of its own: to be killed, or called from a shell as people do. */
export interface Program {
  /** Absolute: what node runs. */
  readonly path: string;
  /** A folder with `rulewright` in it, for PATH. */
  readonly bin: string;
}

/** Bundles the program for the tests of a file, and takes it away behind them. `name` tells them apart. */
export function program(name: string): Program {
  const home = join(projectRoot, 'node_modules/.cache', `rulewright-${name}-${process.pid}`);
  const [path, bin] = [join(home, 'build/cli.js'), join(home, 'bin')];
  beforeAll(async () => {
    mkdirSync(bin, { recursive: true });
    symlinkSync(join(projectRoot, 'package.json'), join(home, 'package.json'));
    writeFileSync(join(bin, 'rulewright'), `#!/bin/sh\nexec '${process.execPath}' '${path}' "$@"\n`);
    chmodSync(join(bin, 'rulewright'), 0o755);
    await bundle({
      entryPoints: [join(projectRoot, 'src/cli.ts')],
      outfile: path,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'error',
    });
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  return { path, bin };
}

export interface Pasted {
  readonly code: number;
  /** Of standard output and standard error. */
  readonly said: string;
}

/** Pastes lines into a shell, one after the other, in which `rulewright` is the program; the code is the last line's. */
export function paste(
  { bin }: Program,
  lines: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Pasted {
  const { HOME = '/', PATH = '' } = process.env;
  const ran = spawnSync('sh', ['-c', lines.join('\n')], {
    cwd,
    encoding: 'utf8',
    env: { HOME, RULEWRIGHT_CACHE: 'off', ...env, PATH: `${bin}:${PATH}` },
  });
  return { code: ran.status ?? -1, said: ran.stdout + ran.stderr };
}

/** The commands of ours that a text tells one to type, in its order. */
export function commandsIn(text: string): string[] {
  return [...text.matchAll(/`(rulewright [^`]+)`|(?<=: )(rulewright [^`\n]+?)(?=\.(?:\s|$))/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  );
}
