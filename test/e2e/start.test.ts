import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { projectRoot } from '../support/paths.ts';
import { paste, program } from '../support/program.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { repository } from '../support/repository.ts';
import { prometheusOrSkip, promtoolOrSkip } from '../support/tools.ts';

const us = program('start');

/** What the page starts from: the alerts of one file that is loaded, and the targets of one job. */
const before = {
  'rules/node.yml': `groups:
  - name: node
    rules:
      - alert: HighCPU
        expr: 100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))) > 80
        for: 5m
        labels: { severity: warning }
        annotations: { summary: "{{ $labels.instance }}: the CPU is busy" }
      - alert: DiskFilling
        expr: node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.1
        for: 10m
      - alert: NodeDown
        expr: up{job="node"} == 0
        for: 2m
`,
  'targets/nodes.yml': `- targets: ["web-1:9100", "web-2:9100"]
  labels: { env: prod }
- targets: ["lab-1:9100"]
  labels: { env: lab }
`,
};

/** Rules that lie elsewhere: what a chart is rendered to, and a file of Mimir's tools. Relative to the repository. */
const elsewhere = {
  '../rendered.yaml': `apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: { name: etcd, namespace: monitoring }
spec:
  groups:
    - name: etcd
      rules:
        - { alert: EtcdNoLeader, expr: etcd_server_has_leader == 0, for: 1m }
`,
  '../mimir.yaml': `namespace: shop
groups:
  - name: shop
    rules:
      - { alert: ShopSlow, expr: shop_request_seconds > 2, for: 10m }
`,
};

test('docs/start.md, typed as it stands, says what the page says', { timeout: 120_000 }, async (context) => {
  const [promtool, prometheus] = [promtoolOrSkip(context, 'new'), prometheusOrSkip(context, 'new')];
  const etc = repository(before);
  const here = join(repository({}), 'alerts');
  mkdirSync(here);
  for (const [path, text] of Object.entries(elsewhere)) write(join(here, path), text);
  const server = await startPrometheus({ program: prometheus, ruleFiles: [join(etc, 'rules/*.yml')] });
  try {
    const places = [
      ['/etc/prometheus', etc],
      ['http://localhost:9090', server.url],
    ] as const;
    const real = (text: string): string => places.reduce((so, [page, is]) => so.replaceAll(page, is), text);
    const env = { PROMTOOL_PATH: promtool, GIT_AUTHOR_NAME: 'a', GIT_COMMITTER_NAME: 'a', EMAIL: 'a@example.com' };

    for (const { kind, body } of blocks(readFileSync(join(projectRoot, 'docs/start.md'), 'utf8'))) {
      const path = /^# (\S+\.yaml|\S+\.yml)\n/.exec(body)?.[1];
      if (kind === 'yaml' && path === '/etc/prometheus/prometheus.yml') configure(server.configFile, real(body));
      else if (kind === 'yaml' && path !== undefined) write(join(here, path), real(body));
      if (kind !== 'console') continue;
      for (const [command = '', ...says] of body
        .split(/^\$ /m)
        .slice(1)
        .map((one) => one.trimEnd().split('\n'))
        .filter(([one]) => !one?.startsWith('helm '))) {
        const { code, said } = paste(us, [real(command)], here, env);
        expect(code, `${command}\n${said}`).toBe(0);
        const lines = said.split('\n').map(steady);
        for (const line of says) expect(lines, command).toContain(steady(real(line)));
      }
    }
    const holds = (await server.ruleGroups()).flatMap(({ rules }) => rules.map(({ name, health }) => [name, health]));
    const wanted = ['DiskFilling', 'EtcdNoLeader', 'HighCPU', 'HighCPU', 'NodeDown', 'ShopSlow'];
    expect(holds.sort()).toEqual(wanted.map((name) => [name, 'ok']));
    expect(paste(us, ['rulewright doctor'], here, env).said).toMatch(/All is well/);
  } finally {
    await server.stop();
  }
});

/** Gives a server the rule files that a piece of its configuration names. */
function configure(file: string, piece: string): void {
  const { rule_files } = parse(piece);
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), rule_files }));
}

function blocks(page: string): { kind: string; body: string }[] {
  return [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, kind = '', body = '']) => ({ kind, body }));
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** A line without what differs from run to run: times, releases, versions. */
function steady(line: string): string {
  return line
    .replace(/\d+(\.\d+)? s\b/g, 'T s')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'DATE')
    .replace(/\b[0-9a-f]{12}\b/g, 'RELEASE')
    .replace(/promtool [\w.+]+/g, 'promtool V');
}
