import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { compileFolder } from '../support/compile.ts';
import type { Exporter, Metrics } from '../support/exporter.ts';
import { startExporter } from '../support/exporter.ts';
import { projectRoot } from '../support/paths.ts';
import type { Alert, Prometheus } from '../support/prometheus.ts';
import { eventually, startPrometheus } from '../support/prometheus.ts';
import { describeEach } from '../support/tools.ts';

const repository = join(projectRoot, 'test/e2e/repository');
const INTERVAL_MS = 600;
const PATIENCE_MS = 60_000;

/** A threshold and the group whose instance must carry it; the root's carry no group label. */
type Limit = readonly [threshold: number, group?: string];

/** What the sources give each target, worked out by hand; a rule that is not named must never fire for it. */
interface Expected {
  readonly cpu: Limit;
  readonly diskCritical?: Limit;
  readonly gpu?: Limit;
}

const expected: Readonly<Record<string, Expected>> = {
  'web-1:9100': { cpu: [90, 'production'], diskCritical: [5, 'production'] },
  'web-2:9100': { cpu: [90, 'production'], diskCritical: [5, 'production'] },
  'db-1:9100': { cpu: [70, 'production-db'], diskCritical: [5, 'production'] },
  'gpu-prod-1:9100': { cpu: [95, 'gpu--production'], diskCritical: [5, 'production'], gpu: [85, 'gpu'] },
  'gpu-prod-2:9100': { cpu: [95, 'gpu--production'], diskCritical: [5, 'production'], gpu: [80, 'gpu-h100'] },
  'gpu-db-1:9100': { cpu: [95, 'gpu--production-db'], diskCritical: [5, 'production'], gpu: [80, 'gpu-h100'] },
  'gpu-lab-1:9100': { cpu: [95, 'gpu'], diskCritical: [10], gpu: [80, 'gpu-h100'] },
  'gpu-dev-1:9100': { cpu: [95, 'gpu'], gpu: [85, 'gpu'] },
  'dev-1:9100': { cpu: [80] },
  'lab-1:9100': { cpu: [80], diskCritical: [10] },
  'bare-1:9100': { cpu: [80], diskCritical: [10] },
  'batch-1:9100': { cpu: [90, 'production'], diskCritical: [5, 'production'] },
};
const MEMORY: Limit = [90];
const DISK_WARNING: Limit = [20];

/** What a target measures at one moment, in the rules' units. */
interface Reading {
  readonly cpu: number;
  readonly disk: number;
  readonly memory: number;
  readonly gpu: number;
}

interface FileSd {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

vi.setConfig({ testTimeout: PATIENCE_MS });

describeEach('the alerts that fire', 'prometheus', (program) => {
  let rules: string;
  let exporter: Exporter;
  let prometheus: Prometheus;

  beforeAll(async () => {
    const inventory = parse(readFileSync(join(repository, 'groups/targets/machines.yaml'), 'utf8')) as FileSd[];
    const targets = inventory.flatMap(({ targets, labels }) =>
      targets.map((instance) => ({ labels: { ...labels, instance } })),
    );
    rules = await ruleFolder();
    exporter = await startExporter();
    prometheus = await startPrometheus({
      program,
      ruleFiles: [join(rules, '*.yml')],
      targets,
      exporterAddress: exporter.address,
      interval: `${INTERVAL_MS}ms`,
    });
  });
  afterAll(async () => {
    await prometheus?.stop();
    await exporter?.stop();
    rmSync(rules, { recursive: true, force: true });
  });

  /** Sets every target's reading and gives the alerts once they are as expected and have stayed so; else as they were last. */
  async function alertsAt(readings: Readonly<Record<string, Reading>>): Promise<{ seen: string[]; wanted: string[] }> {
    for (const [target, reading] of Object.entries(readings)) exporter.set(target, metrics(reading));
    const wanted = Object.entries(readings)
      .flatMap(([target, reading]) => alertsOf(target, reading))
      .sort();
    const ask = async (): Promise<string[]> => (await prometheus.alerts()).map(alertText).sort();
    const isWanted = (seen: string[]): boolean => seen.join() === wanted.join();
    // Steady for three evaluations: what comes a moment later counts as well.
    return { seen: await eventually(ask, isWanted, { seconds: 40, steady: (3 * INTERVAL_MS) / 1000 }), wanted };
  }

  const everyTarget = (reading: (expected: Expected) => Reading): Record<string, Reading> =>
    Object.fromEntries(Object.entries(expected).map(([target, limits]) => [target, reading(limits)]));

  test('just beyond each target’s own threshold: every alert that watches it, no other', async () => {
    const { seen, wanted } = await alertsAt(
      everyTarget(({ cpu, diskCritical, gpu }) => ({
        cpu: cpu[0] + 0.5,
        disk: (diskCritical?.[0] ?? 1) - 0.5,
        memory: 90.5,
        gpu: (gpu?.[0] ?? 200) + 0.5,
      })),
    );
    expect(wanted).toHaveLength(12 * 3 + 10 + 5);
    expect(seen).toEqual(wanted);
  });

  test('exactly at each target’s own threshold: none', async () => {
    const { seen, wanted } = await alertsAt(
      everyTarget(({ cpu, gpu }) => ({ cpu: cpu[0], disk: DISK_WARNING[0], memory: MEMORY[0], gpu: gpu?.[0] ?? 200 })),
    );
    expect(wanted).toEqual([]);
    expect(seen).toEqual([]);
  });

  test.each([
    { cpu: 75, disk: 7, memory: 50, gpu: 82 },
    { cpu: 85, disk: 15, memory: 95, gpu: 79 },
    { cpu: 92, disk: 3, memory: 10, gpu: 99 },
  ])('the same for all ($cpu % CPU, $disk % disk, $gpu °C): those whose own threshold it exceeds', async (reading) => {
    const { seen, wanted } = await alertsAt(everyTarget(() => reading));
    expect(seen).toEqual(wanted);
  });

  test('every rule evaluates without an error', async () => {
    const rules = (await prometheus.ruleGroups()).flatMap((group) => group.rules);
    expect(rules.filter((rule) => rule.health !== 'ok')).toEqual([]);
  });
});

/** A folder with the repository's compiled rule files. */
async function ruleFolder(): Promise<string> {
  const { files, text } = await compileFolder(repository);
  expect(text).toBe('');
  const folder = mkdtempSync(join(tmpdir(), 'rulewright-rules-'));
  for (const [name, content] of files) writeFileSync(join(folder, name), content);
  return folder;
}

function metrics({ cpu, disk, memory, gpu }: Reading): Metrics {
  return {
    // Two cores, so that the average is one that neither of them has.
    cpu_busy_percent: [
      { labels: { cpu: '0' }, value: cpu - 4 },
      { labels: { cpu: '1' }, value: cpu + 4 },
    ],
    disk_free_percent: [{ labels: { mountpoint: '/' }, value: disk }],
    memory_total_bytes: 1000,
    memory_available_bytes: 1000 - 10 * memory,
    gpu_temperature_celsius: [
      { labels: { gpu: '0' }, value: gpu },
      { labels: { gpu: '1' }, value: 20 },
    ],
  };
}

/** The alerts that a reading must raise, in the words of `alertText`. */
function alertsOf(target: string, reading: Reading): string[] {
  const { cpu, diskCritical, gpu } = expected[target] as Expected;
  const rows: [boolean, string, string, Limit | undefined][] = [
    [reading.cpu > cpu[0], 'CPUHigh', 'warning', cpu],
    [reading.disk < DISK_WARNING[0], 'DiskFree', 'warning', DISK_WARNING],
    [diskCritical !== undefined && reading.disk < diskCritical[0], 'DiskFree', 'critical', diskCritical],
    [reading.memory > MEMORY[0], 'MemoryHigh', 'warning', MEMORY],
    [gpu !== undefined && reading.gpu > gpu[0], 'GPUHot', 'critical', gpu],
  ];
  return rows.flatMap(([fires, name, severity, limit]) => {
    if (!fires || limit === undefined) return [];
    const side = name === 'DiskFree' ? 'under' : 'over';
    return [`${name} ${severity} ${limit[1] ?? 'root'} firing: ${target} ${side} ${limit[0]}`];
  });
}

function alertText({ labels, annotations, state }: Alert): string {
  const group = labels['group_id'] ?? 'root';
  return `${labels['alertname']} ${labels['severity']} ${group} ${state}: ${annotations['summary']}`;
}
