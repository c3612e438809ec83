import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/prometheus.ts';
import { describeEach } from '../support/tools.ts';
import { build, describeServer, only, put, type Restartable, rule, run, runJson, site } from './deploy-support.ts';

interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: string;
  readonly activeAt: string;
}

async function firing(server: Restartable, name: string): Promise<string | undefined> {
  const { alerts } = (await server.get('/api/v1/alerts')) as unknown as { alerts: readonly ActiveAlert[] };
  return alerts.find((alert) => alert.labels['alertname'] === name && alert.state === 'firing')?.activeAt;
}

async function loaded(server: Restartable): Promise<string[]> {
  const { groups } = (await server.get('/api/v1/rules')) as { groups: { rules: { name: string; query: string }[] }[] };
  return groups.flatMap(({ rules }) => rules.map(({ name, query }) => `${name}: ${query}`)).sort();
}

describeEach('a deploy to a real server', 'prometheus', (program, age) => {
  // Both layouts with the old server; what differs between servers shows with one of them.
  const layouts = age === 'old' ? (['files', 'bundle'] as const) : (['files'] as const);
  it.each(layouts)('releases, changes, deletes and rolls back in layout %s', { timeout: 90_000 }, async (layout) => {
    const place = site('http://127.0.0.1:1', [`layout: ${layout}`]);
    const { root } = place;
    const server = await describeServer({ program, ruleFiles: [place.glob], flags: ['--web.enable-lifecycle'] });
    const env = { PROMETHEUS_URL: server.url };
    await server.start();
    put(root, {
      'rules/a.yaml': rule('Stays', 0),
      'rules/b.yaml': rule('Changes', 0),
      'groups/production.yaml': 'match: { env: prod }\nthresholds: { Changes: 3 }\n',
    });
    await build(root);

    const dry = await runJson(['-C', root, 'deploy', '--dry-run'], { env });
    expect(dry.json.status).toBe('planned');
    expect(only(dry).changes.map(({ kind }) => kind)).toEqual(['create', 'create']);
    expect(readdirSync(place.rulePath)).toEqual([]);

    const first = await runJson(['-C', root, 'deploy'], { env });
    expect(first.code, first.stdout).toBe(0);
    expect(only(first)).toMatchObject({ status: 'released', previous: null, verified: true, drift: false });
    expect(await loaded(server)).toEqual([
      'Changes: up{env!="prod"} > 0',
      'Changes: up{env="prod"} > 3',
      'Stays: up > 0',
    ]);
    const since = await eventually(
      () => firing(server, 'Stays'),
      (at) => at !== undefined,
    );
    expect(since).toBeDefined();
    await eventually(
      () => firing(server, 'Changes'),
      (at) => at !== undefined,
    );

    const again = await run(['-C', root, 'deploy', '--quiet'], { env });
    expect(again).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(only(await runJson(['-C', root, 'deploy'], { env }))).toMatchObject({ status: 'unchanged', verified: true });

    // A threshold that takes an alert away, a group that goes, and with it its file; the other alert is left in peace.
    put(root, { 'rules/b.yaml': rule('Changes', 7), 'groups/production.yaml': undefined });
    await build(root);
    const plan = await run(['-C', root, 'deploy', '--diff', '--color', 'never'], { env });
    expect(plan.stdout).toContain('-        expr: up{env!="prod"} > 0\n+        expr: up > 7\n');
    expect(plan.stdout).toContain('--- a/group-production.yml\n+++ /dev/null\n');
    expect(plan.stderr).toMatch(
      /1 active alert would lose its state \(1 firing\):\n {2}Changes\{.*the new expression does not give it/,
    );
    const second = await runJson(['-C', root, 'deploy'], { env });
    expect(second.code, second.stdout).toBe(0);
    expect(only(second).changes.map(({ kind }) => kind)).toEqual(['update', 'delete']);
    expect(only(second).alerts_reset).toMatchObject([{ alert: 'Changes', why: 'not-covered', state: 'firing' }]);
    expect(await loaded(server)).toEqual(['Changes: up > 7', 'Stays: up > 0']);
    expect(await firing(server, 'Stays')).toBe(since);

    const back = await runJson(['-C', root, 'rollback'], { env });
    expect(only(back)).toMatchObject({ status: 'released', now: only(first).release, verified: true });
    expect(await loaded(server)).toHaveLength(3);
    expect(await firing(server, 'Stays')).toBe(since);

    // The timer's next run must not bring back what a person has just taken away.
    const held = await runJson(['-C', root, 'deploy'], { env });
    expect(held.code).toBe(1);
    expect(only(held)).toMatchObject({ status: 'held', now: only(first).release });
    const anyway = await runJson(['-C', root, 'deploy', '--again'], { env });
    expect(only(anyway)).toMatchObject({ status: 'released', now: only(second).release });
    expect(await firing(server, 'Stays')).toBe(since);
    const list = await run(['-C', root, 'rollback', '--list'], { env });
    expect(list.stdout).toMatch(new RegExp(`^now +${only(second).release}.*\\n1 +${only(first).release}`, 'm'));
  });
});
