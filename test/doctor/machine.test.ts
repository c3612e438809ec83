import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import { writeHolds } from '../../src/io/deploy/hold.ts';
import { folder, put } from '../cli/support.ts';
import { mountOrSkip } from '../deploy/mounts.ts';
import { begin, releaseIn } from '../deploy/support.ts';
import { projectRoot } from '../support/paths.ts';
import { examine, type Finding, release } from './support.ts';

/** The machine: rights, mounts, a full disk, a deploy that was broken off. No server is needed to see these. */

async function repository(rules = 'rules-there'): Promise<{ cwd: string; rules: string }> {
  const cwd = realpathSync(await folder());
  const path = rules.startsWith('/') ? rules : join(cwd, rules);
  await put(cwd, {
    'rulewright.yaml': `version: 1\nprometheus: { url: "http://127.0.0.1:1", rule_path: ${path}, validate_rules: false }\n`,
    'rules/node.yaml': 'rules:\n  - alert: Down\n    expr: up == 0\n',
  });
  return { cwd, rules: path };
}

/** What the program says that runs as nobody where we are root, for rights are nothing to root. */
async function examinedByNobody(cwd: string): Promise<{ uid: number; findings: readonly Finding[] }> {
  const program = join(await folder(), 'rulewright.mjs');
  await build({
    entryPoints: [join(projectRoot, 'src/cli.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    banner: { js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);" },
  });
  execFileSync('chmod', ['-R', 'a+rX', cwd, join(program, '..')]);
  const root = process.geteuid?.() === 0;
  const argv = [program, 'doctor', '--format', 'json'];
  const ran = spawnSync(process.execPath, argv, {
    cwd,
    encoding: 'utf8',
    env: { PATH: '' },
    ...(root && { uid: 65_534, gid: 65_534 }),
  });
  const { findings } = JSON.parse(ran.stdout) as { findings: Finding[] };
  return { uid: root ? 65_534 : (process.geteuid?.() ?? -1), findings };
}

test('we may not write there', async () => {
  const { cwd, rules } = await repository();
  await release(cwd, rules);
  chmodSync(rules, 0o555);
  onTestFinished(() => chmodSync(rules, 0o755));
  const { uid, findings } = await examinedByNobody(cwd);
  expect(findings.map(({ code }) => code)).toEqual(['server-unreachable', 'permission-denied']);
  const { message, remedy } = findings[1] as Finding;
  expect(message).toContain(`(uid ${uid}, gid `);
  expect(message).toContain(`belongs to uid ${process.geteuid?.()}`);
  expect(message).toContain('mode 0555');
  expect(remedy.join('\n')).toContain(`chown -R ${uid} ${rules}`);
  expect(remedy.join('\n')).toMatch(/fsGroup: \d+/);
});

test('the volume is read-only', async (context) => {
  const { cwd, rules } = await repository();
  await release(cwd, rules);
  const place = mountOrSkip(context, '--bind', rules);
  execFileSync('mount', ['-o', 'remount,ro,bind', place]);
  const told = await examine(cwd, { PROMETHEUS_RULE_PATH: place });
  expect(told.codes).toEqual(['server-unreachable', 'rule-path-read-only']);
  expect(told.remedy('rule-path-read-only')).toContain('mount -o remount,rw');
});

test('the disk is full', async (context) => {
  const place = mountOrSkip(context, '-t', 'tmpfs', '-o', 'size=128k', 'tmpfs');
  const { cwd } = await repository(place);
  await release(cwd, place);
  try {
    writeFileSync(join(place, 'big'), Buffer.alloc(256 * 1024));
  } catch {
    expect(existsSync(join(place, 'big'))).toBe(true);
  }
  const told = await examine(cwd);
  expect(told.finding('disk-full')?.message).toMatch(/is full: \d.* are left/);
  expect(told.remedy('disk-full')).toContain(`df -h ${place}`);
});

test('no inode is left', async (context) => {
  const place = mountOrSkip(context, '-t', 'tmpfs', '-o', 'size=1m,nr_inodes=12', 'tmpfs');
  const { cwd } = await repository(place);
  const told = await examine(cwd);
  expect(told.finding('disk-full')?.message).toMatch(/has \d+ inodes left/);
  expect(told.remedy('disk-full')).toContain(`df -i ${place}`);
});

test('the rule path is not there, is a file, or leads nowhere', async () => {
  const { cwd, rules } = await repository();
  const missing = await examine(cwd);
  expect(missing.codes).toEqual(expect.arrayContaining(['rule-path-missing', 'release-broken']));
  expect(missing.remedy('rule-path-missing')).toContain(`install -d -m 0755`);
  writeFileSync(rules, '');
  expect((await examine(cwd)).finding('rule-path-missing')?.message).toContain('is a file');
});

test('a deploy was broken off', async () => {
  const { cwd, rules } = await repository();
  await release(cwd, rules);
  await put(cwd, { 'rules/node.yaml': 'rules:\n  - alert: Down\n    expr: up == 0\n    for: 1m\n' });
  await release(cwd, join(cwd, 'elsewhere'));
  await begin(rules, join(cwd, 'dist'));
  const told = await examine(cwd);
  expect(told.codes).toEqual(['server-unreachable', 'unfinished-switch']);
  expect(told.remedy('unfinished-switch')).toBe('rulewright deploy');
});

test('what was rolled back is held back', async () => {
  const { cwd, rules } = await repository();
  await release(cwd, rules);
  await put(cwd, { 'rules/node.yaml': 'rules:\n  - alert: Down\n    expr: up == 0\n    for: 1m\n' });
  await release(cwd, join(cwd, 'elsewhere'));
  const { id } = await releaseIn(join(cwd, 'dist'));
  await writeHolds(rules, [{ release: id, since: Date.now() }]);
  expect((await examine(cwd)).finding('not-deployed')).toMatchObject({
    severity: 'warning',
    message: expect.stringContaining('is held back'),
  });
});
