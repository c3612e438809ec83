import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { metricsPath } from './exporter.ts';

/** A real Prometheus of the test's own. */
export interface Prometheus {
  readonly url: string;
  /** The file of its configuration, which is JSON; it reads it again when it is reloaded. */
  readonly configFile: string;
  /** Instant query: label sets with their values. */
  query(expr: string): Promise<Sample[]>;
  /** The alerts that fire or are pending, as `/api/v1/alerts` gives them. */
  alerts(): Promise<Alert[]>;
  /** The loaded rule groups, as `/api/v1/rules` gives them. */
  ruleGroups(): Promise<RuleGroup[]>;
  /** POST to `/-/reload`: the HTTP status, 200 where the new rules are in force. */
  reload(): Promise<number>;
  /** What the server has logged up to now. */
  log(): string;
  stop(): Promise<void>;
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

export interface RuleGroup {
  readonly name: string;
  readonly file: string;
  readonly rules: readonly { name: string; query: string; health: 'unknown' | 'ok' | 'err'; lastError?: string }[];
}

/** One thing to scrape: its labels, `instance` and `job` among them. */
export interface ScrapeTarget {
  readonly labels: Readonly<Record<string, string>>;
}

export interface PrometheusOptions {
  /** The server's binary. */
  readonly program: string;
  /** Paths or globs of rule files, absolute. */
  readonly ruleFiles: readonly string[];
  /** Scraped from the exporter at this address, each by its `instance`. */
  readonly targets?: readonly ScrapeTarget[];
  readonly exporterAddress?: string;
  /** Of scraping and of rule groups that don't say their own. Default "1s". */
  readonly interval?: string;
  readonly flags?: readonly string[];
  readonly externalLabels?: Readonly<Record<string, string>>;
  /** Whether it may be reloaded over HTTP. Default true. */
  readonly lifecycle?: boolean;
  /** Scrape configurations as they stand in the server's own file, beside that of `targets`. */
  readonly scrapeConfigs?: readonly object[];
}

/** Starts a server on a free port, with a storage of its own, and waits until it has loaded its rules (20 s at most). */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'rulewright-prometheus-'));
  const configFile = join(folder, 'prometheus.yml');
  // JSON is YAML, so no emitter of ours has a part in the judge's configuration.
  writeFileSync(configFile, JSON.stringify(configuration(options)));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    options.program,
    [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      ...(options.lifecycle === false ? [] : ['--web.enable-lifecycle']),
      ...(options.flags ?? []),
    ],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const exited = once(child, 'exit');
  // A test run that is broken off must not leave servers behind.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    process.off('exit', kill);
    kill();
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };

  for (const deadline = Date.now() + 20_000; ; await sleep(50)) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`Prometheus did not start:\n${log}`);
    }
    const ready = await fetch(`${url}/-/ready`).catch(() => undefined);
    if (ready?.status === 200) break;
  }
  return { ...client(url), configFile, log: () => log, stop };
}

function configuration(options: PrometheusOptions): unknown {
  const interval = options.interval ?? '1s';
  const scrape = {
    job_name: 'test',
    honor_labels: false,
    scrape_timeout: interval,
    static_configs: (options.targets ?? []).map(({ labels }) => ({
      targets: [options.exporterAddress ?? ''],
      // `instance` and `job` are only filled in by Prometheus where the target has none.
      labels: { ...labels, __metrics_path__: metricsPath(labels['instance'] ?? '') },
    })),
  };
  return {
    global: { scrape_interval: interval, evaluation_interval: interval, external_labels: options.externalLabels ?? {} },
    rule_files: options.ruleFiles,
    scrape_configs: [...(options.targets ? [scrape] : []), ...(options.scrapeConfigs ?? [])],
  };
}

function client(url: string): Pick<Prometheus, 'url' | 'query' | 'alerts' | 'ruleGroups' | 'reload'> {
  const get = async (path: string): Promise<unknown> => {
    const answer = await fetch(`${url}${path}`);
    const body = (await answer.json()) as { status: string; data: unknown; error?: string };
    if (body.status !== 'success') throw new Error(`${path}: ${body.error}`);
    return body.data;
  };
  return {
    url,
    query: async (expr) => {
      const data = (await get(`/api/v1/query?query=${encodeURIComponent(expr)}`)) as QueryData;
      return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
    alerts: async () => ((await get('/api/v1/alerts')) as { alerts: Alert[] }).alerts,
    ruleGroups: async () => ((await get('/api/v1/rules')) as { groups: RuleGroup[] }).groups,
    reload: async () => (await fetch(`${url}/-/reload`, { method: 'POST' })).status,
  };
}

interface QueryData {
  readonly result: { metric: Record<string, string>; value: [number, string] }[];
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

/** How long to ask, and for how long the answer must have satisfied without a break; both in seconds. */
export interface Patience {
  readonly seconds?: number;
  readonly steady?: number;
}

/**
 * Asks every 100 ms until the answer satisfies and has done so for `steady` seconds (default 0), or gives the last
 * answer after `seconds` (default 20). A busy machine loses a scrape now and then, so one odd answer decides nothing.
 */
export async function eventually<T>(
  ask: () => Promise<T>,
  satisfied: (answer: T) => boolean,
  { seconds = 20, steady = 0 }: Patience = {},
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  let since: number | undefined;
  for (;;) {
    const answer = await ask();
    const now = Date.now();
    since = satisfied(answer) ? (since ?? now) : undefined;
    if ((since !== undefined && now - since >= steady * 1000) || now > deadline) return answer;
    await sleep(100);
  }
}
