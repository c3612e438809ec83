import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, type TestContext, test } from 'vitest';
import { projectRoot } from '../support/paths.ts';
import { bundled } from './driver-file.ts';
import { setUp } from './support.ts';

/**
 * Root deploys into a folder that belongs to another, who puts links in the place of folders meanwhile. What they lead
 * to, a folder of root's with names as the store has them, must keep its owner, its mode and its content.
 */
const OWNER = 12345;
/** How many deploys run under a program that swaps all the time; SWAPS=100 and more for a whole run. */
const ROUNDS = Number(process.env['SWAPS'] ?? 4);

interface Scene {
  readonly rulePath: string;
  /** The folder that must stay as it is. */
  readonly canary: string;
  /** Deploys as root, the n-th time; gives what was said. */
  deploy(n: number, env?: Readonly<Record<string, string>>): string;
}

function setScene(context: TestContext): Scene {
  if (process.geteuid?.() !== 0) context.skip('skipped: only root can work in a folder that belongs to another');
  const { folder, rulePath, a, b } = setUp();
  chmodSync(folder, 0o755);
  chownSync(rulePath, OWNER, OWNER);
  const canary = join(folder, 'canary');
  for (const path of ['work/precious', 'releases/000001-cd64ac6df625/content', `objects/${'0'.repeat(64)}`]) {
    mkdirSync(join(canary, path, '..'), { recursive: true });
    writeFileSync(join(canary, path), 'root alone may touch this\n', { mode: 0o600 });
  }
  chmodSync(canary, 0o700);
  const driver = bundled('driver', folder);
  return {
    rulePath,
    canary,
    deploy: (n, env = {}) =>
      spawnSync(process.execPath, [driver, rulePath, n % 2 === 0 ? a : b, 'files', '0'], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], ...env },
      }).stdout,
  };
}

/** The C program of this folder, as a library or as a program; the test is skipped where there is no compiler. */
function compiledOrSkip(context: TestContext, folder: string, flags: readonly string[]): string {
  const out = join(folder, `swap${flags.length}`);
  const made = spawnSync('cc', [...flags, '-o', out, join(projectRoot, 'test/deploy/swap.c'), '-ldl']);
  if (made.status !== 0) context.skip('skipped: there is no C compiler here');
  return out;
}

/** Everything below a folder, with what must not change. */
function looks(folder: string): string[] {
  const names = ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })].sort();
  return names.map((name) => {
    const path = join(folder, name);
    const { uid, gid, mode } = lstatSync(path);
    const text = lstatSync(path).isFile() ? readFileSync(path, 'utf8') : '';
    return `${name} ${uid}:${gid} ${mode.toString(8)} ${text}`;
  });
}

test('a folder that is exchanged for a link as soon as it is made leads root nowhere', (context) => {
  const { rulePath, canary, deploy } = setScene(context);
  const library = compiledOrSkip(context, join(canary, '..'), ['-shared', '-fPIC']);
  const before = looks(canary);
  for (const [n, name] of ['.rulewright', 'releases', 'objects', 'work', 'release', 'entries'].entries()) {
    rmSync(rulePath, { recursive: true, force: true });
    mkdirSync(rulePath);
    chownSync(rulePath, OWNER, OWNER);
    for (const round of [0, 1]) {
      const said = deploy(n + round, { LD_PRELOAD: library, SWAP_NAME: name, SWAP_TO: canary });
      expect(looks(canary), `${name}: ${said}`).toEqual(before);
    }
  }
});

for (const name of ['.rulewright', '.rulewright/releases', '.rulewright/work', '.rulewright/objects']) {
  test(`${name} is exchanged for a link and back all the time`, {
    timeout: 60_000 + ROUNDS * 1000,
  }, async (context) => {
    const { rulePath, canary, deploy } = setScene(context);
    expect(deploy(0)).toBe('');
    const link = join(rulePath, 'swap');
    symlinkSync(name === '.rulewright' ? canary : join(canary, name.replace('.rulewright/', '')), link);
    const before = looks(canary);
    const program = compiledOrSkip(context, join(canary, '..'), ['-DAS_PROGRAM']);
    const swapper = spawn('setpriv', [
      `--reuid=${OWNER}`,
      `--regid=${OWNER}`,
      '--clear-groups',
      program,
      join(rulePath, name),
      link,
    ]);
    onTestFinished(() => void swapper.kill('SIGKILL'));
    let whole = 0;
    for (let n = 1; n <= ROUNDS; n += 1) {
      const said = deploy(n);
      if (said === '') whole += 1;
      expect(looks(canary), said).toEqual(before);
    }
    expect(swapper.exitCode).toBeNull();
    console.log(`${name} swapped under ${ROUNDS} deploys, ${whole} of which came to their end`);
  });
}
