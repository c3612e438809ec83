import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../support/paths.ts';
import { folder, put } from './support.ts';

/** The program as people run it, compiled to a folder of its own so that no stale build is tested. */
let home: string;
let program: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'rw-spawned-'));
  program = join(home, 'build/cli.js');
  const made = spawnSync(process.execPath, [join(projectRoot, 'scripts/compile.mjs'), join(home, 'build')]);
  expect(String(made.stderr)).toBe('');
  await cp(join(projectRoot, 'package.json'), join(home, 'package.json'));
  await symlink(join(projectRoot, 'node_modules'), join(home, 'node_modules'));
}, 120_000);
afterAll(() => rm(home, { recursive: true, force: true }));

function run(argv: readonly string[], cwd: string): { code: number | null; stdout: string; stderr: string } {
  const ran = spawnSync(process.execPath, [program, ...argv], { cwd, encoding: 'utf8', env: { PATH: '' } });
  return { code: ran.status, stdout: ran.stdout, stderr: ran.stderr };
}

describe('the program', { timeout: 60_000 }, () => {
  it('tells its version without importing more than it needs', async () => {
    const wanted = (JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')) as { version: string })
      .version;
    expect(run(['--version'], home)).toEqual({ code: 0, stdout: `${wanted}\n`, stderr: '' });
    // What cli.js imports at once, and what that imports, is ours alone; packages come with the command that needs them.
    const seen = new Set<string>();
    const follow = async (path: string): Promise<void> => {
      if (seen.has(path)) return;
      seen.add(path);
      const text = await readFile(join(home, 'build', path), 'utf8');
      expect(text.match(/^\/\/ node_modules\/.*/m), path).toBeNull();
      for (const [, from] of text.matchAll(/^(?:import|\} from) ?[^"\n]*"(\.[^"]+)"/gm)) {
        await follow(posix.join(posix.dirname(path), from as string));
      }
    };
    await follow('cli.js');
    expect(seen.size).toBeGreaterThan(1);
  });

  it('sets the exit code', async () => {
    const root = await folder();
    expect(run([], root).code).toBe(2);
    expect(run(['init'], root)).toMatchObject({ code: 0, stdout: '' });
    expect(run(['check'], root)).toMatchObject({ code: 1, stdout: '' });
    expect(run(['build'], root)).toMatchObject({ code: 0, stdout: '' });
    expect(run(['check'], root)).toMatchObject({ code: 0, stdout: '' });
    expect(JSON.parse(run(['files', '--format', 'json'], root).stdout)).toMatchObject({ total: 2 });
  });

  it('does not mind a reader that goes away', async () => {
    const root = await folder();
    run(['init'], root);
    for (const argv of [['check', '--format', 'json'], ['--help'], ['check']]) {
      const child = spawn(process.execPath, [program, ...argv], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { PATH: '' },
      });
      child.stdout.destroy();
      child.stderr.destroy();
      const code = await new Promise((done) => child.on('exit', done));
      expect([0, 1]).toContain(code);
    }
  });

  it.skipIf(!existsSync('/dev/full'))('says in one line that standard output is full', async () => {
    const root = await folder();
    run(['init'], root);
    for (const argv of [['--help'], ['effective', '--labels', 'env=prod', '--format', 'json']]) {
      const script = '"$0" "$@" > /dev/full';
      const ran = spawnSync('sh', ['-c', script, process.execPath, program, ...argv], { cwd: root, encoding: 'utf8' });
      expect(ran.stderr).toMatch(/^error: Not all could be written to standard output: ENOSPC.*\n$/);
      expect(ran.status).toBe(2);
    }
  });

  it('writes a JSON document of megabytes whole into a pipe', async () => {
    const root = await folder();
    run(['init'], root);
    const wrong = Array.from({ length: 3000 }, (_, i) => `  NoSuchRule${i}: ${i}\n`).join('');
    await put(root, { 'groups/wrong.yaml': `match: { env: x }\nthresholds:\n${wrong}` });
    const ran = spawnSync('sh', ['-c', '"$0" "$1" build --format json | (sleep 1; cat)', process.execPath, program], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 1e9,
    });
    expect((JSON.parse(ran.stdout) as { errors: unknown[] }).errors).toHaveLength(3000);
    const text = run(['build'], root);
    expect(text.stderr).toMatch(
      /… and 2995 more like it in groups\/wrong.yaml, lines 8, 9, .*; --format json lists them/,
    );
    expect(text.stderr).toContain('3000 errors');
  });
});

describe('killed while it writes', { timeout: 60_000 }, () => {
  it('leaves whole files, and the next build mends the rest', async (context) => {
    if (spawnSync('strace', ['-V']).status !== 0) context.skip('there is no strace here');
    const root = await folder();
    run(['init'], root);
    run(['build'], root);
    const template = await folder();
    await mkdir(join(template, 'dist'));
    await cp(root, template, { recursive: true });
    const old = await texts(join(root, 'dist/rules'));
    await put(root, { 'groups/production.yaml': 'match: { env: live }\nthresholds: { HighCPUUsage: 91 }\n' });
    await put(root, {
      'groups/other.yaml': 'match: { env: other }\nthresholds: { NodeDown: 1 }\n'.replace(
        /thresholds.*\n/,
        'disabled: [NodeDown]\n',
      ),
    });
    const wanted = spawnSync(process.execPath, [program, 'build', '--out', join(template, 'fresh')], { cwd: root });
    expect(wanted.status, String(wanted.stderr)).toBe(0);
    const fresh = await texts(join(template, 'fresh/rules'));

    for (const [call, nth] of [
      ['rename', 1],
      ['rename', 3],
      ['link', 1],
    ] as const) {
      await rm(join(root, 'dist'), { recursive: true });
      await cp(join(template, 'dist'), join(root, 'dist'), { recursive: true });
      const killed = spawnSync(
        'strace',
        [
          '-f',
          '-qq',
          '-o',
          '/dev/null',
          '-e',
          `trace=${call}`,
          '-e',
          `inject=${call}:signal=SIGKILL:when=${nth}`,
          process.execPath,
          program,
          'build',
        ],
        // One thread for all file operations, for strace counts by thread.
        { cwd: root, env: { ...process.env, UV_THREADPOOL_SIZE: '1' } },
      );
      // strace ends as its child did; were the call never made, the test would prove nothing.
      expect(killed.signal ?? killed.status, `${call} ${nth}`).not.toBe(0);
      for (const [name, text] of await texts(join(root, 'dist/rules'))) {
        expect([old.get(name), fresh.get(name)], `${call} ${nth} ${name}`).toContain(text);
      }
      expect(run(['build'], root).code).toBe(0);
      expect(await texts(join(root, 'dist/rules'))).toEqual(fresh);
      expect((await readdir(join(root, 'dist/rules'))).filter((name) => name.startsWith('.'))).toEqual([]);
    }
  });
});

async function texts(directory: string): Promise<Map<string, string>> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.yml')).sort();
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(directory, name), 'utf8')] as const)),
  );
}
