import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Prometheus } from '../support/prometheus.ts';
import { freePort } from '../support/prometheus.ts';
import { describeEach } from '../support/tools.ts';
import { LIVE_REPOSITORY, startLive } from './live-support.ts';
import { cli, cliJson, folder, put } from './support.ts';

interface Said {
  readonly code: string;
  readonly message: string;
  readonly line: number;
  readonly notes: readonly { message: string; line: number | null }[];
}

describeEach('check --live', 'prometheus', (program) => {
  let server: Prometheus;
  let env: { PROMETHEUS_URL: string };
  beforeAll(async () => {
    server = await startLive(program);
    env = { PROMETHEUS_URL: server.url };
  });
  afterAll(() => server.stop());

  test('says which series lack a label that an instance demands, and which metrics are not there', async () => {
    const root = await folder(LIVE_REPOSITORY);
    const argv = ['-C', root, 'check', '--sources', '--live'];
    const { code, json } = await cliJson(argv, { env });
    expect(code).toBe(1);
    expect(json).toMatchObject({ ok: false, live: { url: server.url, metrics_count: 6, unanswered: [], skipped: 0 } });
    const errors = json['errors'] as Said[];
    expect(errors).toMatchObject([
      {
        code: 'live-missing-label',
        line: 3,
        message: expect.stringMatching(/"bare_load" lack the label "env" \(their targets have it, env="(prod|dev)"/),
      },
      {
        code: 'live-missing-label',
        line: 4,
        message: expect.stringMatching(/"fleet_load" lack the label "env" \(none of them has it\)/),
      },
    ]);
    expect(errors[0]?.notes).toMatchObject([
      { message: expect.stringMatching(/for instance bare_load\{instance="[ab]:9100",job="(node|dcgm)"\}/) },
      { message: '"production" speaks of the rule here', line: 2 },
    ]);
    // Targets without the label: their series may lack it, as the cascade takes them.
    expect(json['notes']).toMatchObject([
      { code: 'live-missing-metric', line: 6, help: expect.stringContaining('Did you mean "node_load1"?') },
    ]);
    const text = await cli(argv, { env });
    expect(text.stderr).toContain('error[live-missing-label]');
    // Beside errors, notes would only push them off the screen.
    expect(text.stderr).not.toContain('note[');
  });

  test('is content with what is right, and a note can be silenced; without --live its comment is nobody’s business', async () => {
    const root = await folder(LIVE_REPOSITORY);
    await put(root, {
      'groups/production.yaml': 'match: { env: prod }\nthresholds: { Load: 90, Prom: 90 }\n',
      'rules/r.yaml': LIVE_REPOSITORY['rules/r.yaml'].replace(
        '  - { alert: Typo',
        '  # rulewright: ignore live-missing-metric: to come\n  - { alert: Typo',
      ),
    });
    const { code, json } = await cliJson(['-C', root, 'check', '--sources', '--live', '--strict'], { env });
    expect(json).toMatchObject({ ok: true, errors: [], warnings: [], notes: [] });
    expect(code).toBe(0);
    const without = await cliJson(['-C', root, 'check', '--sources']);
    expect(without.json).toMatchObject({ ok: true, warnings: [] });
    expect(without.json).not.toHaveProperty('live');
    await put(root, {
      'rules/r.yaml': LIVE_REPOSITORY['rules/r.yaml'].replace(
        '  - { alert: Same',
        '  # rulewright: ignore live-missing-metric: old\n  - { alert: Same',
      ),
    });
    const idle = await cliJson(['-C', root, 'check', '--sources', '--live'], { env });
    expect((idle.json['warnings'] as Said[]).map((w) => w.code)).toEqual(['unused-suppression']);
  });

  test('a label that no target has is told apart by nothing', async () => {
    const root = await folder({
      ...LIVE_REPOSITORY,
      'groups/production.yaml': 'match: { site: seoul }\nthresholds: { Load: 90 }\n',
    });
    const { json } = await cliJson(['-C', root, 'check', '--sources', '--live'], { env });
    expect(json['errors']).toMatchObject([
      { code: 'live-missing-label', message: expect.stringContaining('"node_load1" lack the label "site"') },
    ]);
  });

  test('sources with errors are told of those alone; a server that is down is a broken environment', async () => {
    const root = await folder({ ...LIVE_REPOSITORY, 'groups/x.yaml': 'match: { a: b }\nthresholds: { Nobody: 1 }\n' });
    const wrong = await cliJson(['-C', root, 'check', '--live'], { env });
    expect(wrong.json).toMatchObject({ ok: false, live: null, errors: [{ code: 'unknown-rule' }] });
    await put(root, { 'groups/x.yaml': 'match: { a: b }\n' });
    const down = await cliJson([
      '-C',
      root,
      'check',
      '--live',
      '--url',
      `http://u:s3cret@127.0.0.1:${await freePort()}`,
    ]);
    expect(down.code).toBe(2);
    expect(down.json).toMatchObject({ ok: false, errors: [{ code: 'environment' }] });
    expect(down.stdout).not.toContain('s3cret');
  });
});
