import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startPrometheus } from '../support/prometheus.ts';
import { describeEach } from '../support/tools.ts';
import { VERDICTS } from './verdicts.ts';

/** One alert, whose label `sha` is long enough for what is cut out of it. */
const EXPR = `label_replace(vector(5), "sha", "${'0123456789'.repeat(12)}", "", "")`;

describeEach('templates that a server expands', 'prometheus', (program) => {
  it('fail there where we say that they do', { timeout: 60_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gotemplate-'));
    const file = join(folder, 'rules.yml');
    const rules = VERDICTS.map(([text], i) => ({ alert: `A${i}`, expr: EXPR, annotations: { t: text } }));
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'g', rules }] }));
    const server = await startPrometheus({ program, ruleFiles: [file] });
    try {
      let alerts = await server.alerts();
      for (let tries = 0; tries < 100 && alerts.length < VERDICTS.length; tries++) {
        await sleep(100);
        alerts = await server.alerts();
      }
      const written = new Map(alerts.map(({ labels, annotations }) => [labels['alertname'], annotations['t'] ?? '']));
      const wrong = VERDICTS.flatMap(([text, said], i) => {
        const shown = written.get(`A${i}`) ?? 'no alert';
        const failed = shown.startsWith('<error expanding template');
        const agrees =
          said === 'error' ? failed : said === 'misprint' ? shown.includes('%!') : said === 'warning' || !failed;
        return agrees ? [] : [`${text}: ${said}; the server: ${shown}`];
      });
      expect(wrong).toEqual([]);
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true });
    }
  });
});
