import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { appendFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Call } from '../../src/commands/context.ts';
import { effectiveRemembered } from '../../src/commands/effective/remembered.ts';
import { loadSources } from '../../src/io/sources/load.ts';
import { edited, type Files, randomOf, someRepository } from '../incremental/edits.ts';
import { repositories } from '../judge/generate.ts';
import { filesOf } from '../judge/write.ts';
import { REPOSITORY } from './effective-repository.ts';
import { cli, folder, put } from './support.ts';

/** What was kept of a build gives what compiling gives, or nothing. `REMEMBERED` repositories of either kind. */
const REPOSITORIES = Number(process.env['REMEMBERED'] ?? 2);

const home = mkdtempSync(join(tmpdir(), 'rw-remembered-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const env = { PATH: '', RULEWRIGHT_CACHE: join(home, 'cache') };

type Ask = Pick<Call, 'args' | 'options'> & { readonly format?: 'json'; readonly strict?: boolean };

/** The answer from memory: standard output; undefined where the sources would have to be compiled. */
async function remembered(root: string, { args, options, format, strict = false }: Ask): Promise<string | undefined> {
  let text = '';
  const write = (more: string): void => {
    text += more;
  };
  const stream = { write, isTTY: false, columns: 100 };
  const io = { cwd: root, env, pid: process.pid, now: Date.now, stdout: stream, stderr: stream };
  const globals = { root, format: format ?? 'text', quiet: false, strict, color: 'auto' } as const;
  const code = await effectiveRemembered(await loadSources(root, env), { globals, args, options, empty: {} }, io);
  return code === 0 ? text : undefined;
}

async function compiled(cwd: string, { args, options, format }: Ask): Promise<string> {
  const rules = (options['rule'] as readonly string[] | undefined) ?? [];
  const flags = [...rules.flatMap((rule) => ['--rule', rule]), ...(format ? ['--format', format] : [])];
  const ran = await cli(['effective', ...flags, '--', ...args], { cwd, env: { ...env, RULEWRIGHT_CACHE: 'off' } });
  return ran.code === 0 ? ran.stdout : `refused: ${ran.stderr}`;
}

const build = (cwd: string) => cli(['build'], { cwd, env, now: Date.now });

const both = (name: string, options: Ask['options'] = {}): Ask[] => [
  { args: [name], options },
  { args: [name], options, format: 'json' },
];

/** Compares both ways for some names; how many of the answers came from memory. */
async function compare(root: string, asks: readonly Ask[], where: string): Promise<number> {
  let count = 0;
  for (const ask of asks) {
    const found = await remembered(root, ask);
    if (found === undefined) continue;
    count++;
    expect(found, where).toBe(await compiled(root, ask));
  }
  return count;
}

const TARGETS = JSON.stringify([
  { targets: ['web-1:9100', 'web-1:9400'], labels: { job: 'node', env: 'prod', site: 'a' } },
  { targets: ['web-1:9100'], labels: { job: 'dcgm', env: 'prod', tier: 'gpu' } },
  { targets: ['https://x.example.com/a?b="c"\\'], labels: { job: 'probe', env: 'dev', site: 'b' } },
  { targets: ['ä-1'], labels: { site: 'c', target_id: 'own "id"' } },
]);
const NAMES = ['web-1', 'web-1:9100', 'dcgm/web-1:9100', 'x.example.com', 'own "id"', 'ä-1', 'nobody'];

describe('effective TARGET from what a build kept', () => {
  it(`is what compiling gives, ${REPOSITORIES} × 2 repositories with edits in between`, {
    timeout: 120_000,
  }, async () => {
    let [asked, found] = [0, 0];
    const own = (seed: number): Files =>
      new Map([...someRepository(randomOf(seed)), ['groups/targets/t.json', TARGETS]]);
    const judged = fc.sample(repositories, { numRuns: REPOSITORIES, seed: Number(process.env['SEED'] ?? 1) });
    const all = [...judged.map((one) => new Map(filesOf(one))), ...judged.map((_, seed) => own(seed))];
    for (const [seed, first] of all.entries()) {
      const random = randomOf(seed);
      const root = await folder();
      let files: Files = first.has('groups/targets/all.yaml')
        ? first
        : new Map([...first, ['groups/targets/t.json', TARGETS]]);
      for (let edit = 0; edit < (seed < REPOSITORIES ? 1 : 4); edit++) {
        const text = [...files].find(([path]) => path.startsWith('groups/targets/'))?.[1] ?? '';
        const names =
          text === TARGETS ? NAMES : [...text.matchAll(/^ +- ([\w.-]+)$/gm)].slice(0, 3).map(([, one]) => one ?? '');
        const asks = names.flatMap((name) => both(name)).filter(() => random(3) === 0);
        await rm(join(root, 'groups'), { recursive: true, force: true });
        await put(root, Object.fromEntries(files));
        // What was kept is of other sources now, or of these very ones.
        await compare(root, asks, `seed ${seed}, edit ${edit}, before the build`);
        if ((await build(root)).code === 0) {
          asked += asks.filter(({ args: [name] }) => name !== 'nobody').length;
          found += await compare(root, asks, `seed ${seed}, edit ${edit}`);
        }
        if (seed >= REPOSITORIES) files = edited(files, random);
      }
    }
    expect(asked).toBeGreaterThan(REPOSITORIES);
    expect(found).toBe(asked);
  });

  it('tells cases, conditions, plain files and hosts with several exporters as compiling does', async () => {
    const root = await folder(REPOSITORY);
    expect((await build(root)).code).toBe(0);
    const names = ['db-1.example.com', 'web-1', 'the-gpu', 'node/db-1.example.com:9100'];
    const asks = [
      ...names.flatMap((name) => both(name)),
      ...both('db-1.example.com', { rule: ['DiskFilling', 'Plain'] }),
    ];
    expect(await compare(root, asks, 'the small repository')).toBe(asks.length);
  });

  it('is left alone where anything is other than it was, or more is asked', async () => {
    const root = await folder(REPOSITORY);
    await build(root);
    const ask: Ask = { args: ['web-1'], options: {} };
    const before = await remembered(root, ask);
    expect(before).toContain('HighCPUUsage');
    for (const options of [{ why: 'Plain' }, { 'all-rules': true }, { rule: ['Nobody'] }]) {
      expect(await remembered(root, { ...ask, options })).toBeUndefined();
    }
    expect(await remembered(root, { ...ask, strict: true })).toBeUndefined();
    expect(await remembered(root, { ...ask, args: ['nobody'] })).toBeUndefined();

    await appendFile(join(root, 'groups/groups.yaml'), '# a comment moves no number, but who knows\n');
    expect(await remembered(root, ask)).toBeUndefined();
    await build(root);
    expect(await remembered(root, ask)).toBe(before);

    const effective = join(root, 'dist/effective');
    for (const name of readdirSync(effective, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.json') || name === 'index.json' || name.startsWith('rules')) continue;
      await writeFile(join(effective, name), '{}');
      expect(await remembered(root, ask), name).toBeUndefined();
      await build(root);
      expect(await remembered(root, ask), name).toBe(before);
    }
    await rm(join(root, 'dist'), { recursive: true });
    expect(await remembered(root, { ...ask, format: 'json' })).toBeUndefined();
    expect((await cli(['effective', 'web-1'], { cwd: root, env })).stdout).toBe(before);
  });
});
