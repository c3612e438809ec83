import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../support/paths.ts';
import { paste, program } from '../support/program.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { repository } from '../support/repository.ts';
import { prometheusOrSkip, promtoolOrSkip } from '../support/tools.ts';

const us = program('start');

/** What the page starts from: the alerts of one file, and the targets of one job. */
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

test('docs/start.md, typed as it stands, says what the page says', { timeout: 120_000 }, async (context) => {
  const [promtool, prometheus] = [promtoolOrSkip(context, 'new'), prometheusOrSkip(context, 'new')];
  const etc = repository(before);
  const here = repository({});
  mkdirSync(join(etc, 'generated'));
  const server = await startPrometheus({ program: prometheus, ruleFiles: [join(etc, 'generated/*.yml')] });
  try {
    const places = [
      ['/etc/prometheus', etc],
      ['http://localhost:9090', server.url],
    ] as const;
    const real = (text: string): string => places.reduce((so, [page, is]) => so.replaceAll(page, is), text);
    const env = { PROMTOOL_PATH: promtool, GIT_AUTHOR_NAME: 'a', GIT_COMMITTER_NAME: 'a', EMAIL: 'a@example.com' };

    for (const { kind, body } of blocks(readFileSync(join(projectRoot, 'docs/start.md'), 'utf8'))) {
      const path = /^# (\S+\.yaml|\S+\.yml)\n/.exec(body)?.[1];
      if (kind === 'yaml' && path !== undefined) write(join(here, path), real(body));
      if (kind !== 'console') continue;
      for (const [command = '', ...says] of body
        .split(/^\$ /m)
        .slice(1)
        .map((one) => one.trimEnd().split('\n'))) {
        const { code, said } = paste(us, [real(command)], here, env);
        expect({ command, code, said }).toMatchObject({ code: 0 });
        const lines = said.split('\n').map(steady);
        for (const line of says) expect(lines, command).toContain(steady(real(line)));
      }
    }
    const holds = (await server.ruleGroups()).flatMap(({ rules }) => rules.map(({ name, health }) => [name, health]));
    expect(holds.sort()).toEqual(['DiskFilling', 'HighCPU', 'HighCPU', 'NodeDown'].map((name) => [name, 'ok']));
  } finally {
    await server.stop();
  }
});

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
