import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { STORE } from '../../src/io/deploy/names.ts';
import { commandsIn, paste, program } from '../support/program.ts';
import { describeEach, prometheusOrSkip, tools } from '../support/tools.ts';
import {
  build,
  describeServer,
  only,
  put,
  type Restartable,
  rule,
  run,
  runJson,
  type Site,
  site,
} from './deploy-support.ts';

/** What is in force stays in force: every deploy puts back what somebody damaged, also one that brings nothing new. */

const installed = program('kept');
const FILE = 'group-default.yml';
const HAND = 'groups:\n- name: default/a\n  rules:\n  - { alert: Up, expr: up > 41, labels: { severity: warning } }\n';

interface Scene extends Site {
  readonly server: Restartable;
  readonly env: Readonly<Record<string, string>>;
  readonly path: string;
  /** Release by threshold, compiled and deployed. */
  release(threshold: number): Promise<void>;
  queries(): Promise<string>;
  reload(): Promise<number>;
}

async function scene(program: string, glob = ''): Promise<Scene> {
  const place = site('http://127.0.0.1:1');
  const ruleFiles = [place.glob, ...(glob === '' ? [] : [glob])];
  const server = await describeServer({ program, ruleFiles, flags: ['--web.enable-lifecycle'] });
  await server.start();
  const env = { PROMETHEUS_URL: server.url };
  return {
    ...place,
    server,
    env,
    path: join(place.rulePath, FILE),
    release: async (threshold) => {
      put(place.root, { 'rules/a.yaml': rule('Up', threshold) });
      await build(place.root);
      const ran = await run(['-C', place.root, 'deploy'], { env });
      if (ran.code !== 0) throw new Error(ran.stderr);
    },
    queries: async () => {
      const { groups } = (await server.get('/api/v1/rules')) as { groups: { rules: { query: string }[] }[] };
      return groups.flatMap(({ rules }) => rules.map(({ query }) => query)).join();
    },
    reload: async () => (await fetch(`${server.url}/-/reload`, { method: 'POST' })).status,
  };
}

/** A scene in which a person went back from `up > 1` to `up > 0`. */
async function rolledBack(program: string, glob?: string): Promise<Scene> {
  const here = await scene(program, glob);
  for (const threshold of [0, 1]) await here.release(threshold);
  expect((await run(['-C', here.root, 'rollback'], { env: here.env })).code).toBe(0);
  return here;
}

/** Takes the bytes of what is shown from the store, and their pristine copies. */
function lose({ rulePath }: Site, expr: string): void {
  const store = join(rulePath, STORE);
  for (const folder of ['objects', ...readdirSync(join(store, 'releases')).map((name) => join('releases', name))]) {
    for (const name of readdirSync(join(store, folder))) {
      const path = join(store, folder, name);
      if (name !== 'content' && readFileSync(path, 'utf8').includes(expr)) rmSync(path);
    }
  }
}

const DAMAGE: readonly (readonly [string, (path: string) => void])[] = [
  ['deleted', (path) => rmSync(path)],
  ['edited through its link', (path) => writeFileSync(path, HAND)],
  ['made unreadable for a server', (path) => writeFileSync(path, 'groups: [\n')],
  [
    'replaced by a file',
    (path) => {
      rmSync(path);
      writeFileSync(path, HAND);
    },
  ],
  [
    'joined by another',
    (path) =>
      writeFileSync(path.replace('default', 'left'), `# Compiled by rulewright\n${HAND.replaceAll('Up', 'Left')}`),
  ],
];

describeEach('a release that is held back', 'prometheus', (program, age) => {
  it('does not keep what is in force from being put back', { timeout: 120_000 }, async () => {
    const here = await rolledBack(program);
    const { root, env, path } = here;
    const good = readFileSync(path, 'utf8');
    const calm = only(await runJson(['-C', root, 'deploy'], { env }));
    expect(calm).toMatchObject({ status: 'held', verified: true, drift: false, changes: [] });
    for (const [index, [what, damage]] of DAMAGE.entries()) {
      damage(path);
      // Each kind of damage is loaded by one of the servers, and kept from the other's memory.
      if (index % 2 === (age === 'old' ? 0 : 1)) await here.reload();
      const dry = await runJson(['-C', root, 'deploy', '--dry-run'], { env });
      expect(only(dry), what).toMatchObject({ status: 'held', message: expect.stringContaining('would be put back') });
      expect(only(dry), what).toMatchObject({ changes: [], restored: { status: 'planned', changes: [{}] } });
      const ran = await run(['-C', root, 'deploy', '--quiet'], { env });
      expect(ran, what).toMatchObject({ code: 1, stdout: '' });
      expect(ran.stderr, what).toMatch(
        /^held: Release \w+ was rolled back .* was put back \(.* proved that it holds it\.\n/,
      );
      expect(readFileSync(path, 'utf8'), what).toBe(good);
      expect(await here.queries(), what).toBe('up > 0');
    }
    // A server that somebody made forget is brought back, too.
    writeFileSync(path, HAND);
    await here.reload();
    const told = await runJson(['-C', root, 'deploy'], { env });
    expect(only(told)).toMatchObject({ status: 'held', verified: true, drift: true, now: calm.now });
    expect(only(told).release).not.toBe(calm.now);
    expect(only(told)).toMatchObject({
      changes: [],
      restored: { release: calm.now, status: 'released', changes: [{ kind: 'update', file_name: FILE }] },
    });
    // It is held all the same, and `rollback --list` tells of one release in force, from when it was deployed.
    expect(only(await runJson(['-C', root, 'deploy'], { env }))).toMatchObject({ status: 'held', changes: [] });
  });
});

describe('what is in force', { timeout: 90_000 }, () => {
  it('is told as damaged where nothing can put it back, with a way out that works', async (context) => {
    const here = await scene(prometheusOrSkip(context));
    for (const threshold of [7, 0, 1]) await here.release(threshold);
    const { root, env } = here;
    await run(['-C', root, 'rollback'], { env });
    lose(here, 'up > 0');
    const ran = await runJson(['-C', root, 'deploy'], { env });
    expect(ran.code).toBe(2);
    expect(ran.json).toMatchObject({ status: 'error', errors: [{ code: 'damaged' }] });
    expect(only(ran)).toMatchObject({
      status: 'damaged',
      verified: false,
      message: expect.stringMatching(/is held back.* is damaged, and can't be put back/),
    });
    // Nothing was taken from the server meanwhile.
    expect(await here.queries()).toBe('up > 0');
    const told = async (command: string): Promise<string> => {
      const { code, stdout, stderr } = await run(['-C', root, command], { env });
      expect(code, command).toBe(1);
      return stdout + stderr;
    };
    expect(await told('drift')).toMatch(/its pristine copies are lost too .*: no deploy can put it back/);
    expect(await told('status')).toMatch(/the pristine copies are lost too/);
    expect(await told('reload')).toMatch(/^error: Nothing was reloaded: .*\nhelp: `rulewright -C \S+ doctor` says/);
    expect(await told('doctor')).toMatch(/error\[files-lost\].*no deploy can\s+put it back/s);
    expect((await run(['-C', root, 'rollback', '--list'])).stdout).toMatch(
      /^now .*Z, damaged, and not to be put back/m,
    );
    const list = JSON.parse((await run(['-C', root, 'rollback', '--list', '--format', 'json'])).stdout);
    expect(list.servers[0]).toMatchObject({ damaged: true, lost: true, deployed_at: expect.stringMatching(/Z$/) });
    const [back = ''] = commandsIn(only(ran).help ?? '');
    expect(back).toMatch(/ rollback 1$/);
    expect(paste(installed, [back], '/', { ...env, PROMTOOL_PATH: tools.promtool.old ?? '' }).code).toBe(0);
    expect(await here.queries()).toBe('up > 7');
  });

  it('is put back where the release that comes is refused, and where dist/ is none', async (context) => {
    const here = await scene(prometheusOrSkip(context));
    const { root, env, path } = here;
    await here.release(0);
    // promtool takes this one, and the server's own version speaks against it.
    put(root, { 'rules/n.yml': 'groups: [{ name: n, query_offset: 1m, rules: [{ alert: N, expr: "up > 0" }] }]\n' });
    put(root, { 'rulewright.yaml': `${readFileSync(join(root, 'rulewright.yaml'), 'utf8')}  version: ">=3.4"\n` });
    await build(root, { PROMETHEUS_VALIDATE_RULES: 'false' });
    rmSync(path);
    const refused = only(await runJson(['-C', root, 'deploy', '--no-promtool'], { env }));
    expect(refused.message).toMatch(
      /would refuse its whole configuration because of it\. Release \w+, which stays in force, was put back/,
    );
    expect(refused).toMatchObject({ status: 'refused', verified: true, now: refused.previous });
    writeFileSync(path, HAND);
    await here.reload();
    rmSync(join(root, 'dist/manifest.json'));
    const none = await runJson(['-C', root, 'deploy'], { env });
    expect(none.code).toBe(2);
    expect(only(none)).toMatchObject({
      status: 'refused',
      verified: true,
      message: expect.stringMatching(/no manifest.*put back/),
    });
    expect(await here.queries()).toBe('up > 0');
    // A rollback that has nowhere to go looks after it, too.
    rmSync(path);
    const back = only(await runJson(['-C', root, 'rollback'], { env }));
    expect(back).toMatchObject({
      status: 'refused',
      verified: true,
      message: expect.stringMatching(/No release is kept.*put back/),
    });
  });

  it('is put back while the server is down, or can not reload for somebody else', async (context) => {
    const here = await rolledBack(prometheusOrSkip(context));
    const { root, rulePath, env, path, server } = here;
    const good = readFileSync(path, 'utf8');
    writeFileSync(join(rulePath, 'theirs.yml'), 'groups: [\n');
    rmSync(path);
    expect(await here.reload()).toBe(500);
    const blocked = await runJson(['-C', root, 'deploy'], { env });
    expect(blocked.code).toBe(2);
    expect(only(blocked), blocked.stdout).toMatchObject({
      status: 'broken',
      message: expect.stringMatching(/theirs\.yml.*whole again; the server has it in memory still/),
    });
    expect(readFileSync(path, 'utf8')).toBe(good);
    rmSync(join(rulePath, 'theirs.yml'));
    await server.stop();
    writeFileSync(path, 'groups: [\n');
    const down = await runJson(['-C', root, 'deploy'], { env });
    expect(down.code).toBe(2);
    expect(only(down)).toMatchObject({
      status: 'refused',
      message: expect.stringMatching(
        /is held back\. .*nothing listens there\. Release \w+, which stays in force, was put back .*a reload of the server is due\.$/,
      ),
    });
    expect(readFileSync(path, 'utf8')).toBe(good);
    await server.start();
    expect(only(await runJson(['-C', root, 'deploy'], { env }))).toMatchObject({ status: 'held', verified: true });
  });

  it('is put back though a release that failed before is held, and by no judge’s leave', async (context) => {
    const here = await scene(prometheusOrSkip(context));
    const { root, env, path } = here;
    await here.release(0);
    const two = '(label_replace(vector(1), "a", "b", "", "") or vector(2))';
    put(root, { 'rules/a.yaml': rule('Up', 1, `  - { alert: Many, expr: '${two} * on () vector(1)' }\n`) });
    await build(root);
    expect(only(await runJson(['-C', root, 'deploy'], { env })).status).toBe('undone');
    rmSync(path);
    const nowhere = { ...env, PROMTOOL_PATH: '/nowhere/promtool' };
    const ran = await run(['-C', root, 'deploy'], { env: nowhere });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/error: Release \w+ was tried .* and failed.*was put back \(.*proved that it holds it/);
    expect(ran.stderr).toMatch(/deploy --again\.\n$/);
    expect(await here.queries()).toBe('up > 0');
  });

  it('is the one that was, also where the store has lost which', async (context) => {
    const here = await rolledBack(prometheusOrSkip(context));
    const { root, rulePath, env } = here;
    rmSync(join(rulePath, STORE, 'current'));
    const ran = only(await runJson(['-C', root, 'deploy'], { env }));
    expect(ran, JSON.stringify(ran)).toMatchObject({ status: 'held', verified: true });
    expect(readFileSync(here.path, 'utf8')).toContain('up > 0');
    expect(await here.queries()).toBe('up > 0');
  });
});
