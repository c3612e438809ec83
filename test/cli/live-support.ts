import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startExporter } from '../support/exporter.ts';
import { eventually, type Prometheus, startPrometheus } from '../support/prometheus.ts';

/** What the server of these tests scrapes. The third has no environment, and neither has the server itself. */
export const TARGETS = [
  { job: 'node', instance: 'a:9100', env: 'prod', rack: 'r1' },
  { job: 'node', instance: 'b:9100', env: 'dev', rack: 'r1' },
  { job: 'node', instance: 'c:9100', rack: 'r1' },
  { job: 'dcgm', instance: 'a:9100', env: 'prod' },
  { job: 'prom', instance: '[::1]:9090' },
] as const;

/** Series that somebody else's rules record: one from each target without its labels, and one of the fleet. */
const FOREIGN = {
  groups: [
    {
      name: 'foreign',
      rules: [
        { record: 'bare_load', expr: 'sum by (job, instance) (node_load1)' },
        { record: 'fleet_load', expr: 'sum by (job) (node_load1)' },
      ],
    },
  ],
};

/** Starts a server with these targets and waits until their series and the recorded ones are there. */
export async function startLive(program: string): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'rw-live-'));
  const file = join(folder, 'foreign.yml');
  writeFileSync(file, JSON.stringify(FOREIGN));
  const exporter = await startExporter();
  for (const { job, instance } of TARGETS) {
    exporter.set(instance, job === 'prom' ? { prom_ok: 1 } : { node_load1: 3, node_cores: 8 });
  }
  const targets = TARGETS.map((labels) => ({ labels }));
  const server = await startPrometheus({ program, ruleFiles: [file], targets, exporterAddress: exporter.address });
  const stop = async (): Promise<void> => {
    await server.stop();
    await exporter.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const rows = 'count({__name__=~"node_load1|bare_load|fleet_load|prom_ok"})';
  const counted = await eventually(
    () => server.query(rows),
    ([row]) => row?.value === 11,
  );
  if (counted[0]?.value === 11) return { ...server, stop };
  await stop();
  throw new Error(`The series did not come: ${JSON.stringify(counted)}`);
}

/** A repository whose production group speaks of rules on each kind of metric. */
export const LIVE_REPOSITORY = {
  'rulewright.yaml': 'version: 1\nprometheus: { validate_rules: false }\n',
  'rules/r.yaml': `rules:
  - { alert: Load, params: { threshold: 80 }, expr: node_load1 > << threshold >> }
  - { alert: Bare, params: { threshold: 80 }, expr: bare_load > << threshold >> }
  - { alert: Fleet, params: { threshold: 80 }, expr: fleet_load > << threshold >> }
  - { alert: Prom, params: { threshold: 80 }, expr: prom_ok > << threshold >> }
  - { alert: Typo, params: { threshold: 80 }, expr: node_lod1 > << threshold >> }
  - { alert: Same, expr: node_cores > 1e9 }
`,
  'groups/production.yaml': 'match: { env: prod }\nthresholds: { Load: 90, Bare: 90, Fleet: 90, Prom: 90, Typo: 90 }\n',
};
