import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Layout } from '../../src/io/deploy/types.ts';
import { type Prometheus, startPrometheus } from '../support/prometheus.ts';
import { describeEach } from '../support/tools.ts';
import { bundled } from './driver-file.ts';
import { begin, type Rules, releaseIn, setUp, writeDist } from './support.ts';

/** How many releases follow one another, for each layout and each server. */
const RELEASES = Number(process.env['RELEASES'] ?? 50);
/** Different ones, each deployed many times. */
const KINDS = 8;

describeEach('releases alternate under a server that others reload all the time', 'prometheus', (program) => {
  describe.each<Layout>(['files', 'bundle'])('%s', (layout) => {
    test('no reload fails, and what is loaded is one release', { timeout: 60_000 + RELEASES * 3_000 }, async () => {
      const { folder, rulePath } = setUp();
      const kinds = Array.from({ length: KINDS }, (_, kind) => rulesOf(kind));
      const releases = [];
      for (const [kind, rules] of kinds.entries()) {
        releases.push(await releaseIn(writeDist(join(folder, `kind-${kind}`), rules)));
      }
      const server = await startPrometheus({ program, ruleFiles: [`${rulePath}/*.yml`], interval: '1h' });
      const reloader = spawn(process.execPath, [bundled('reloader', folder), server.url], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      try {
        let printed = '';
        reloader.stdout.setEncoding('utf8').on('data', (text: string) => {
          printed += text;
        });
        for (let n = 0; n < RELEASES; n += 1) {
          const release = releases[n % KINDS];
          if (!release) throw new Error('there is no such release');
          const open = await begin(rulePath, release, layout, 1);
          expect(await server.reload(), server.log().slice(-2000)).toBe(200);
          expect(await loaded(server)).toBe(stateOf(kinds[n % KINDS] ?? {}));
          expect(await open.confirm()).toBeUndefined();
        }
        reloader.stdin.end();
        await once(reloader, 'close');
        const seen = JSON.parse(printed) as { reloads: number; failures: string[]; states: [string, number][] };
        const whole = new Set(['', ...kinds.map(stateOf)]);
        const mixed = seen.states.filter(([state]) => !whole.has(state)).reduce((sum, [, count]) => sum + count, 0);
        console.log(
          `${layout}: ${RELEASES} releases, ${seen.reloads} reloads by others, ${seen.failures.length} failed, ${mixed} mixed`,
        );
        expect(seen.failures).toEqual([]);
        expect(seen.reloads).toBeGreaterThan(RELEASES / 4);
        if (layout === 'bundle') expect(mixed).toBe(0);
        expect(server.log()).not.toMatch(/Failed to apply configuration|Error loading/);
      } finally {
        reloader.kill('SIGKILL');
        await server.stop();
      }
    });
  });
});

/** Twenty groups, of which each kind of release lacks some; all numbers differ between kinds. */
function rulesOf(kind: number): Rules {
  const groups = Array.from({ length: 20 }, (_, group) => group).filter((group) => (group + kind) % 3 !== 0);
  return Object.fromEntries(groups.map((group) => [`g${String(group).padStart(2, '0')}`, kind]));
}

function stateOf(rules: Rules): string {
  return Object.entries(rules)
    .map(([group, number]) => `Alert_${group} up > ${number}`)
    .sort()
    .join('\n');
}

async function loaded(server: Prometheus): Promise<string> {
  const groups = await server.ruleGroups();
  return groups
    .flatMap((group) => group.rules.map(({ name, query }) => `${name} ${query}`))
    .sort()
    .join('\n');
}
