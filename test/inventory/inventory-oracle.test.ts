import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { labelsKey } from '../../src/core/inventory/file-sd.ts';
import { withInstance } from '../../src/core/model/target.ts';
import { parseInventory } from '../../src/core/parse/inventory.ts';
import { activeTargets, isServerProblem, openServer } from '../../src/io/server/http.ts';
import type { LabelSet } from '../../src/promql/region.ts';
import { temporaryFolder } from '../support/paths.ts';
import { eventually, startPrometheus } from '../support/prometheus.ts';
import { describeEach } from '../support/tools.ts';

const YAML = `
- targets: [web-1:9100, "web-2:9100"]
  labels: { env: prod, empty: "", nothing: null, tilde: ~, number: "1.10", yes: "no" }
- targets: ["[2001:db8::7]:9100"]
  labels: { __metrics_path__: /x, __param_module: icmp, __scheme__: http, __own: x, env: dev }
- targets: [same:1, same:1]
- targets: [same:1]
  labels: { job: other }
- targets: [named:1]
  labels: { instance: by-name, target_id: t7 }
- targets: []
  labels: { env: nobody }
- labels: {}
  targets: [bare:9100]
`;
const JSON_TEXT = JSON.stringify([
  { targets: ['j-1:9100'], labels: { env: 'prod', empty: '', quoted: 'a"b\\c\n', job: '' } },
  { targets: ['j-2:9100'], labels: { constructor: 'x', toString: 'y' } },
]);

/** Prometheus is asked how it reads file_sd files; the compiler must read them alike. */
describeEach('an inventory is read as Prometheus reads file_sd', 'prometheus', (program) => {
  test('YAML and JSON', async () => {
    const folder = temporaryFolder();
    const texts = { 'targets.yml': YAML, 'targets.json': JSON_TEXT };
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
    const files = Object.keys(texts).map((name) => join(folder, name));
    const scrape = { job_name: 'node', file_sd_configs: [{ files }], scrape_interval: '1h' };
    const server = await startPrometheus({ program, ruleFiles: [], scrapeConfigs: [scrape] });
    onTestFinished(() => server.stop());
    const client = openServer(server.url, { timeoutMs: 10_000 });
    onTestFinished(() => client.close());

    const read = Object.values(texts).map((text) =>
      parseInventory({ file: { path: 'groups/targets/x', text }, labels: { job: 'node' } }),
    );
    expect(read.flatMap((r) => r.diagnostics)).toEqual([]);
    const ours = keys(read.flatMap((r) => r.targets.map(withInstance)));
    expect(ours).toHaveLength(9);
    const live = await eventually(
      () => activeTargets(client),
      (targets) => !isServerProblem(targets) && (targets as readonly LabelSet[]).length >= ours.length,
    );
    expect(keys(live as readonly LabelSet[])).toEqual(ours);
  });
});

const keys = (targets: readonly LabelSet[]): string[] => [...new Set(targets.map(labelsKey))].sort();
