import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A number, or one for each set of labels. */
export type Samples = number | readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];

/** A target's metrics: by metric name. */
export type Metrics = Readonly<Record<string, Samples>>;

/** A small exporter that stands for many targets: each has a path of its own. */
export interface Exporter {
  /** `host:port`, for `__address__`. */
  readonly address: string;
  /** What a target exposes from now on. Nothing: the target answers 503 and is down. */
  set(target: string, metrics: Metrics | undefined): void;
  /** How often a target has been scraped since it was last set. */
  scrapes(target: string): number;
  stop(): Promise<void>;
}

/** The path at which the exporter exposes a target: its `__metrics_path__`, which Prometheus itself encodes. */
export function metricsPath(target: string): string {
  return `/metrics/${target}`;
}

/** Starts the exporter on a free port of this machine. */
export async function startExporter(): Promise<Exporter> {
  const exposed = new Map<string, { text: string; scrapes: number }>();
  const server = createServer((request, response) => {
    const target = exposed.get(decodeURIComponent(request.url ?? ''));
    if (target === undefined) {
      response.writeHead(503).end();
      return;
    }
    target.scrapes += 1;
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(target.text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    set: (target, metrics) => {
      if (metrics === undefined) exposed.delete(metricsPath(target));
      else exposed.set(metricsPath(target), { text: exposition(metrics), scrapes: 0 });
    },
    scrapes: (target) => exposed.get(metricsPath(target))?.scrapes ?? 0,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The text format in which Prometheus scrapes. */
export function exposition(metrics: Metrics): string {
  const lines = Object.entries(metrics).flatMap(([name, samples]) =>
    typeof samples === 'number'
      ? [`${name} ${samples}`]
      : samples.map(({ labels, value }) => `${name}{${labelText(labels)}} ${value}`),
  );
  return `${lines.join('\n')}\n`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const escaped = (value: string): string => value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',');
}
