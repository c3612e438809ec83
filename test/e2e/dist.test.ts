import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectRoot } from '../support/paths.ts';
import type { Prometheus } from '../support/prometheus.ts';
import { eventually, startPrometheus } from '../support/prometheus.ts';
import { describeEach } from '../support/tools.ts';

const dist = join(projectRoot, 'dist/rules');
const files = existsSync(dist) ? readdirSync(dist).filter((name) => name.endsWith('.yml')) : [];

describe.skipIf(files.length === 0)('the example repository’s own dist/rules', () => {
  describeEach('in a real server', 'prometheus', (program) => {
    let prometheus: Prometheus;
    beforeAll(async () => {
      prometheus = await startPrometheus({ program, ruleFiles: [join(dist, '*.yml')], interval: '500ms' });
    });
    afterAll(() => prometheus?.stop());

    test('loads, with every rule of every file', async () => {
      const written = files.map((name) => {
        const text = readFileSync(join(dist, name), 'utf8');
        return [name, (text.match(/^ *- (?:alert|record):/gm) ?? []).length];
      });
      const loaded = new Map<string, number>();
      for (const { file, rules } of await prometheus.ruleGroups()) {
        const name = file.split('/').at(-1) ?? '';
        loaded.set(name, (loaded.get(name) ?? 0) + rules.length);
      }
      expect(Object.fromEntries(loaded)).toEqual(Object.fromEntries(written));
    });

    test('reloads', async () => {
      expect(await prometheus.reload()).toBe(200);
    });

    test('evaluates without a warning that a rule produced equal series', async () => {
      const rules = await eventually(
        async () => (await prometheus.ruleGroups()).flatMap((group) => group.rules),
        (all) => all.every((rule) => rule.health !== 'unknown'),
        // Rule groups with an interval of their own are evaluated within that interval.
        { seconds: 5 },
      );
      expect(rules.filter((rule) => rule.health === 'err')).toEqual([]);
    });
  });
});
