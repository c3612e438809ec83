import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { COMMANDS } from '../src/commands/table/table.ts';
import { DEFAULTS } from '../src/core/parse/schema/defaults.ts';
import { cli } from './cli/support.ts';
import { startProgram } from './server/support.ts';
import { projectRoot, temporaryFolder } from './support/paths.ts';
import { freePort } from './support/prometheus.ts';
import { AGES, prometheusOrSkip, promtoolOrSkip } from './support/tools.ts';

const examples = join(projectRoot, 'examples');
const read = (path: string): string => readFileSync(join(examples, path), 'utf8');

interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
}
interface Container {
  readonly name: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { name: string; value?: string }[];
  readonly volumeMounts: readonly Mount[];
  readonly securityContext: { readonly allowPrivilegeEscalation: boolean; readonly readOnlyRootFilesystem: boolean };
}
interface Pod {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes: readonly { name: string }[];
  readonly securityContext: { readonly runAsNonRoot: boolean; readonly runAsUser: number; readonly fsGroup: number };
}
interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly template?: { readonly spec: Pod } };
}
interface Compose {
  readonly services: Readonly<
    Record<string, { command: string[]; environment?: Record<string, string>; volumes: string[]; user?: string }>
  >;
}

const compose = parse(read('compose/compose.yaml')) as Compose;
const manifests: Manifest[] = readdirSync(join(examples, 'kubernetes'))
  .filter((name) => name !== 'kustomization.yaml')
  .flatMap((name) => parseAllDocuments(read(`kubernetes/${name}`)).map((document) => document.toJS() as Manifest));
const pods = manifests.flatMap(({ metadata, spec }) =>
  spec?.template ? [{ name: metadata.name, pod: spec.template.spec }] : [],
);

/** Every argument list of ours in the examples. */
const ours: readonly (readonly string[])[] = [
  compose.services['rules']?.command ?? [],
  ...pods.flatMap(({ pod }) =>
    [...(pod.initContainers ?? []), ...pod.containers].flatMap(({ args, name }) =>
      args && name !== 'prometheus' ? [args] : [],
    ),
  ),
  (/^ExecStart=\S+ (.*)$/m.exec(read('systemd/rulewright-deploy.service'))?.[1] ?? '').split(' '),
];

test('our own command lines are ones that the program has', () => {
  expect(ours.length).toBeGreaterThan(3);
  for (const argv of ours) {
    const known = { ...COMMANDS['deploy']?.options };
    const flags = argv.filter((word) => word.startsWith('--') && !['--root', '--quiet'].includes(word));
    expect(argv, argv.join(' ')).toContain('deploy');
    for (const flag of flags) expect(Object.keys(known), argv.join(' ')).toContain(flag.slice(2));
  }
});

test('the defaults of the environment are told as they are', () => {
  const table = read('README.md');
  for (const [name, value] of [
    ['PROMETHEUS_URL', DEFAULTS.url],
    ['PROMETHEUS_RULE_PATH', DEFAULTS.rulePath],
    ['PROMETHEUS_RELOAD_ENABLED', DEFAULTS.reloadEnabled],
    ['PROMETHEUS_RELOAD_TIMEOUT', `${DEFAULTS.reloadTimeout}s`],
    ['PROMETHEUS_VALIDATE_RULES', DEFAULTS.validateRules],
    ['PROMETHEUS_BACKUP_ENABLED', DEFAULTS.backupEnabled],
    ['PROMTOOL_PATH', DEFAULTS.promtoolPath],
  ] as const) {
    expect(table).toContain(`| \`${name}\` | \`${value}\` |`);
  }
});

describe('Kubernetes', () => {
  test.each(pods.map(({ name, pod }) => [name, pod] as const))(
    '%s: volumes, users and rights fit together',
    (_, pod) => {
      const names = pod.volumes.map(({ name }) => name);
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, fsGroup: 65534 });
      for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
        expect(container.securityContext).toMatchObject({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
        });
        for (const { name } of container.volumeMounts) expect(names, container.name).toContain(name);
        const rules = container.volumeMounts.find(({ name }) => name === 'rules');
        // Who is not Prometheus must write, and Prometheus must not.
        expect(rules?.readOnly ?? false, container.name).toBe(container.name === 'prometheus');
        expect(rules?.mountPath).toBe('/etc/prometheus/rules');
        if (container.name === 'prometheus') expect(container.args).toContain('--web.enable-lifecycle');
      }
    },
  );

  test('kustomize takes it', (context) => {
    const ran = spawnSync('kubectl', ['kustomize', join(examples, 'kubernetes')], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    if (ran.error) return context.skip('skipped: there is no kubectl here');
    expect(ran.stderr).toBe('');
    const kinds = parseAllDocuments(ran.stdout).map((document) => (document.toJS() as Manifest).kind);
    expect(kinds.sort()).toEqual(['ConfigMap', 'Deployment', 'Job', 'PersistentVolumeClaim', 'Service']);
  });
});

describe('Prometheus', () => {
  test.for(AGES)('promtool takes every configuration: %s', { timeout: 60_000 }, (age, context) => {
    const path = promtoolOrSkip(context, age);
    const folder = temporaryFolder();
    const embedded = manifests.flatMap(({ kind, data }) => (kind === 'ConfigMap' ? Object.entries(data ?? {}) : []));
    expect(embedded).toHaveLength(1);
    for (const [name, text] of [...embedded, ['compose.yml', read('compose/prometheus/prometheus.yml')] as const]) {
      writeFileSync(join(folder, name), text);
      execFileSync(path, ['check', 'config', join(folder, name)], { stdio: 'pipe' });
    }
  });

  test('as compose runs it: what is deployed is loaded', { timeout: 120_000 }, async (context) => {
    const prometheus = prometheusOrSkip(context, 'new');
    const promtool = promtoolOrSkip(context, 'new');
    const { prometheus: server, rules } = compose.services;
    // The container's file system, below a folder of ours.
    const folder = temporaryFolder();
    const port = await freePort();
    const inside = (text: string): string =>
      text.replaceAll(/(?<![\w.])\/(etc\/prometheus|prometheus)\b/g, `${folder}/$1`);
    for (const path of ['etc/prometheus/conf', 'etc/prometheus/rules/generated', 'prometheus']) {
      mkdirSync(join(folder, path), { recursive: true });
    }
    const config = inside(read('compose/prometheus/prometheus.yml')).replace('localhost:9090', `localhost:${port}`);
    writeFileSync(join(folder, 'etc/prometheus/conf/prometheus.yml'), config);
    await startProgram(
      prometheus,
      [...(server?.command ?? []).map(inside), `--web.listen-address=127.0.0.1:${port}`],
      folder,
    );

    const repository = temporaryFolder();
    mkdirSync(join(repository, 'dist/rules'), { recursive: true });
    const dist = join(projectRoot, 'dist');
    for (const name of ['manifest.json', ...readdirSync(join(dist, 'rules')).map((file) => `rules/${file}`)]) {
      copyFileSync(join(dist, name), join(repository, 'dist', name));
    }
    copyFileSync(join(projectRoot, 'rulewright.yaml'), join(repository, 'rulewright.yaml'));
    const env = Object.fromEntries(
      Object.entries(rules?.environment ?? {}).map(([name, value]) => [name, inside(value)]),
    );
    const there = {
      ...env,
      PROMETHEUS_URL: `http://127.0.0.1:${port}`,
      PROMTOOL_PATH: promtool,
      PATH: process.env['PATH'],
    };
    const deployed = await cli([...(rules?.command ?? []), '--root', repository, '--wait', '0'], { env: there });
    expect(deployed.stderr + deployed.stdout).toMatch(/Released [0-9a-f]{12}/);
    expect(deployed.code, deployed.stderr).toBe(0);
    expect(await cli(['drift', '--root', repository], { env: there })).toMatchObject({ code: 0 });
  });
});

test('docker compose takes the file', (context) => {
  const docker = (...args: string[]) =>
    spawnSync('docker', ['compose', ...args], { encoding: 'utf8', timeout: 60_000 });
  if (docker('version').status !== 0) return context.skip('skipped: there is no docker compose here');
  const ran = docker('-f', join(examples, 'compose/compose.yaml'), 'config', '--quiet');
  expect(ran.stderr).toBe('');
});

test('compose: only the deploy writes the rules, as a user of its own', () => {
  const { prometheus, rules, 'rules-volume': volume } = compose.services;
  expect(prometheus?.volumes).toContain('rules:/etc/prometheus/rules:ro');
  expect(prometheus?.command).toContain('--web.enable-lifecycle');
  expect(rules?.volumes).toContain('rules:/etc/prometheus/rules');
  expect(rules?.user).toBe('10001:65534');
  expect(volume?.command).toEqual(
    expect.arrayContaining(['10001', '65534', rules?.environment?.['PROMETHEUS_RULE_PATH'] ?? '']),
  );
});

test('systemd takes the service and its timer', (context) => {
  const folder = temporaryFolder();
  const service = read('systemd/rulewright-deploy.service').replace('/usr/local/bin/rulewright', '/bin/true');
  writeFileSync(join(folder, 'rulewright-deploy.service'), service.replace('/usr/bin/git', '/bin/true'));
  copyFileSync(join(examples, 'systemd/rulewright-deploy.timer'), join(folder, 'rulewright-deploy.timer'));
  const units = ['rulewright-deploy.service', 'rulewright-deploy.timer'].map((name) => join(folder, name));
  const ran = spawnSync('systemd-analyze', ['verify', '--man=no', ...units], { encoding: 'utf8', timeout: 60_000 });
  if (ran.error) return context.skip('skipped: there is no systemd-analyze here');
  expect(ran.stderr.split('\n').filter((line) => line.includes('rulewright'))).toEqual([]);
});
