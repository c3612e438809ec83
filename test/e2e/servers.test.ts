import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { cli, cliJson, folder, put } from '../cli/support.ts';
import { type Exporter, startExporter } from '../support/exporter.ts';
import { eventually, type Prometheus, startPrometheus } from '../support/prometheus.ts';
import { prometheusOrSkip, tools } from '../support/tools.ts';

/** A server for each of two sites, one of either age where both are here. Targets don't carry `site`: it is an external label. */
const SITES = [
  { site: 'seoul', age: 'old' },
  { site: 'busan', age: tools.prometheus.new ? 'new' : 'old' },
] as const;

const FILES = {
  'rulewright.yaml': `version: 1
prometheus:
  validate_rules: false
  servers:
    - { name: seoul, labels: { site: seoul } }
    - { name: busan, labels: { site: busan } }
`,
  'rules/node.yaml': `rules:
  - alert: HighCPU
    params: { threshold: 80 }
    expr: cpu > << threshold >>
  - alert: Flooded
    only: [busan]
    expr: water > 0
  - alert: Alone
    except: [busan]
    expr: count(up == 1) < 3
`,
  'groups/seoul.yaml': 'match: { site: seoul }\nthresholds: { HighCPU: 85 }\n',
  'groups/busan.yaml': 'match: { site: busan }\noverrides: { HighCPU: { labels: { team: south } } }\n',
  'groups/prod.yaml':
    'match: \'{env="prod",site!="seoul"}\'\npriority: 1\nthresholds: { HighCPU: { threshold: 90, where: [{ id: batch, match: { queue: batch }, threshold: 95 }] } }\n',
};

/** What each target measures: the same on both sites. */
const READINGS = {
  'dev-1': ['dev', 82],
  'dev-2': ['dev', 88],
  'prod-1': ['prod', 88],
  'prod-2': ['prod', 92],
} as const;

/** Which alerts that must raise, with the group whose number it was. */
const EXPECTED = {
  seoul: ['HighCPU dev-2 seoul', 'HighCPU prod-1 seoul', 'HighCPU prod-2 batch seoul', 'HighCPU prod-2 seoul'],
  busan: ['Flooded dev-1 busan', 'HighCPU dev-1 busan', 'HighCPU dev-2 busan', 'HighCPU prod-2 busan--prod'],
};

const running: (Exporter | Prometheus)[] = [];
afterAll(() => Promise.all(running.map((one) => one.stop())));

test('each site’s Prometheus fires what its own release says', { timeout: 120_000 }, async (context) => {
  const programs = SITES.map(({ age }) => prometheusOrSkip(context, age));
  const cwd = await folder(FILES);
  const built = await cli(['build'], { cwd });
  expect([built.code, built.stderr]).toEqual([0, expect.stringContaining('for 2 servers')]);

  const exporter = await startExporter();
  running.push(exporter);
  for (const [instance, [, cpu]] of Object.entries(READINGS)) {
    const queues = instance === 'prod-2' ? [{ labels: { queue: 'batch' }, value: cpu }] : [];
    exporter.set(instance, {
      cpu: [{ labels: {}, value: cpu }, ...queues],
      ...(instance === 'dev-1' && { water: 1 }),
    });
  }
  const targets = Object.entries(READINGS).map(([instance, [env]]) => ({ labels: { instance, env } }));
  const servers = await Promise.all(
    SITES.map(({ site }, i) =>
      startPrometheus({
        program: programs[i] as string,
        ruleFiles: [join(cwd, 'dist', site, 'rules/*.yml')],
        targets,
        exporterAddress: exporter.address,
        externalLabels: { site },
      }),
    ),
  );
  running.push(...servers);
  for (const [i, { site }] of SITES.entries()) {
    const server = servers[i] as Prometheus;
    const ask = async (): Promise<string[]> => (await server.alerts()).map(textOf).sort();
    const wanted = EXPECTED[site];
    const seen = await eventually(ask, (is) => is.join() === wanted.join(), { seconds: 40, steady: 3 });
    expect(seen).toEqual(wanted);
    const rules = (await server.ruleGroups()).flatMap((group) => group.rules);
    expect(rules.filter((rule) => rule.health !== 'ok')).toEqual([]);
  }

  const urls = SITES.map(
    ({ site }, i) => `    - { name: ${site}, labels: { site: ${site} }, url: "${servers[i]?.url}" }\n`,
  );
  await put(cwd, {
    'rulewright.yaml': `version: 1\nprometheus:\n  validate_rules: false\n  servers:\n${urls.join('')}`,
  });
  const { code, json } = await cliJson(['check', '--live'], { cwd });
  expect([code, json['ok'], json['errors']]).toEqual([0, true, []]);
  expect(json['live']).toMatchObject(SITES.map(({ site }, i) => ({ server: site, url: servers[i]?.url })));
  const one = await cliJson(['check', '--live', '--server', 'busan'], { cwd });
  expect(one.json['live']).toMatchObject([{ server: 'busan' }]);
});

function textOf({ labels }: { readonly labels: Readonly<Record<string, string>> }): string {
  return [labels['alertname'], labels['instance'], labels['queue'], labels['group_id']].filter(Boolean).join(' ');
}
