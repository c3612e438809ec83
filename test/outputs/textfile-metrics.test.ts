import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type DeployMetrics, deployMetrics } from '../../src/outputs/textfile-metrics.ts';
import { promtoolOrSkip } from '../support/tools.ts';

const row = (server: string, more: Partial<DeployMetrics> = {}): DeployMetrics => ({
  server,
  lastRun: 1000,
  succeeded: true,
  failed: false,
  release: '0123456789ab',
  rules: 3,
  duration: 1.5,
  drift: false,
  ...more,
});

const sample = (text: string, name: string): string[] =>
  text.split('\n').filter((line) => line.startsWith(`rulewright_deploy_${name}`));

describe('the metrics of a deploy', () => {
  it('carry a server only where there are several', () => {
    expect(sample(deployMetrics([row('')], undefined, new Set([''])), '')).toEqual([
      'rulewright_deploy_last_success_timestamp_seconds 1000',
      'rulewright_deploy_last_run_timestamp_seconds 1000',
      'rulewright_deploy_failed 0',
      'rulewright_deploy_release_info{release="0123456789ab"} 1',
      'rulewright_deploy_rules 3',
      'rulewright_deploy_duration_seconds 1.5',
      'rulewright_deploy_drift 0',
    ]);
    const two = deployMetrics([row('b'), row('a', { drift: true })], undefined, new Set(['a', 'b']));
    expect(sample(two, 'drift')).toEqual([
      'rulewright_deploy_drift{server="a"} 1',
      'rulewright_deploy_drift{server="b"} 0',
    ]);
    expect(sample(two, 'release_info')[0]).toBe('rulewright_deploy_release_info{release="0123456789ab",server="a"} 1');
  });

  it('keep the last success where a deploy fails', () => {
    const before = deployMetrics([row('')], undefined, new Set(['']));
    const failed = { succeeded: false, failed: true, lastRun: 2000, release: undefined };
    const after = deployMetrics([row('', failed)], before, new Set(['']));
    expect(sample(after, 'last')).toEqual([
      'rulewright_deploy_last_success_timestamp_seconds 1000',
      'rulewright_deploy_last_run_timestamp_seconds 2000',
    ]);
    expect(sample(after, 'failed')).toEqual(['rulewright_deploy_failed 1']);
    expect(sample(after, 'release_info')).toEqual([]);
    expect(sample(deployMetrics([row('', failed)], undefined, new Set([''])), 'last_success')).toEqual([]);
  });

  it('keep the rows of servers that had no turn, and forget those that are gone', () => {
    const before = deployMetrics([row('a'), row('b'), row('gone')], 'garbage {\n', new Set(['a', 'b', 'gone']));
    const after = deployMetrics([row('b', { lastRun: 2000 })], before, new Set(['a', 'b']));
    expect(sample(after, 'last_run')).toEqual([
      'rulewright_deploy_last_run_timestamp_seconds{server="a"} 1000',
      'rulewright_deploy_last_run_timestamp_seconds{server="b"} 2000',
    ]);
    expect(after).not.toContain('gone');
    expect(after).not.toContain('garbage');
  });

  it('are what Prometheus reads, whatever a server is called', (context) => {
    const promtool = promtoolOrSkip(context);
    const names = ['a"b\\c', 'ü', ''];
    const text = deployMetrics(
      names.map((name) => row(name)),
      undefined,
      new Set(names),
    );
    const ran = spawnSync(promtool, ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect([ran.status, ran.stdout, ran.stderr]).toEqual([0, '', '']);
    expect(
      deployMetrics(
        names.map((name) => row(name)),
        text,
        new Set(names),
      ),
    ).toBe(text);
  });
});
