import { describe, expect, it } from 'vitest';
import { REPOSITORY } from './effective-repository.ts';
import { cli, cliJson, folder } from './support.ts';

describe('effective --why', () => {
  it('shows every level, the winner, what it overrode, and who is silent', async () => {
    const cwd = await folder(REPOSITORY);
    const { stdout } = await cli(['effective', 'the-gpu', '--why', 'HighCPUUsage'], { cwd });
    expect(stdout).toMatch(
      /^ {2}threshold +95 % +gpu +groups\/groups.yaml:16 +without it: 90 % \(production, groups\/groups.yaml:5\)$/m,
    );
    expect(stdout).toMatch(/^ {2}window +5m +the rule +rules\/node.yaml:6$/m);
    expect(stdout).toMatch(
      /^ {2}for +10m +production +groups\/groups.yaml:10 +without it: 5m \(the rule, rules\/node.yaml:8\)$/m,
    );
    expect(stdout).toMatch(
      /weak to strong.*\ngroup gpu, labels for all its alerts, only where the rule has none .*\n {2}\* {2}label team gpu .*\nthe rule itself/,
    );
    expect(stdout).toMatch(/^ {5}threshold 80 % +rules\/node.yaml:5 +overridden by gpu, groups\/groups.yaml:16$/m);
    expect(stdout).toMatch(
      /^group production +matches \{env="prod"\} +groups\/groups.yaml:1\n {5}threshold 90 % .*overridden by gpu/m,
    );
    expect(stdout).toMatch(/^group gpu +matches \{tier="gpu"\} +priority 10/m);
    expect(stdout).toMatch(/say nothing of it: default, quiet/);
    const { json } = await cliJson(['effective', 'the-gpu', '--why', 'HighCPUUsage'], { cwd });
    const [why] = json['why'] as {
      settings: { field: string; without: unknown }[];
      levels: { name: string; said: { field: string; overridden_by: unknown }[] }[];
    }[];
    expect(why).toMatchObject({ in_effect: true, not_in_effect: null });
    expect(why?.settings.find((s) => s.field === 'param:threshold')?.without).toEqual({
      value: 90,
      level: { kind: 'group', name: 'production' },
      origin: 'groups/groups.yaml:5',
    });
    expect(why?.levels.map((l) => l.name)).toEqual(['gpu', 'HighCPUUsage', 'production', 'gpu']);
    expect(why?.levels[2]?.said.find((s) => s.field === 'param:threshold')).toMatchObject({
      value: 90,
      origin: 'groups/groups.yaml:5',
      overridden_by: { level: { kind: 'group', name: 'gpu' }, origin: 'groups/groups.yaml:16' },
    });
  });

  it('says who keeps a rule from being in effect, and marks no winner then', async () => {
    const cwd = await folder(REPOSITORY);
    for (const [target, rule, why, origin, reason] of [
      ['node/db-1.example.com:9100', 'DiskFilling.warning', 'disabled', 'groups/groups.yaml:11', /^disabled by "prod/],
      ['web-1', 'Gone', 'only', 'rules/node.yaml:19', /^it is only for "gpu"$/],
      ['dcgm/db-1.example.com:9400', 'HighCPUUsage', 'other-series', 'rules/node.yaml:7', /^it looks at job="node"/],
    ] as const) {
      const { code, stdout } = await cli(['effective', target, '--why', rule], { cwd });
      expect(code).toBe(0);
      expect(stdout.split(`${rule}\n`)[1]?.split('\n')[0]).toMatch(new RegExp(`^Not in effect, ${origin}: `));
      expect(stdout).toMatch(/nothing of it is in effect here/);
      expect(stdout).not.toMatch(/^ {2}\* |without it|Compiled to/m);
      const { json } = await cliJson(['effective', target, '--why', rule], { cwd });
      expect(json['why']).toMatchObject([{ in_effect: false, not_in_effect: { why, origin } }]);
      const [told] = json['why'] as { not_in_effect: { reason: string } }[];
      expect(told?.not_in_effect.reason).toMatch(reason);
    }
    const off = await cli(['effective', 'node/db-1.example.com:9100', '--why', 'DiskFilling.warning'], { cwd });
    expect(off.stdout).toMatch(/enabled false until 2027-01-01: full by design .*this switches it off$/m);
  });

  it('says nothing of a line’s absence where its own group says it twice', async () => {
    const cwd = await folder({
      ...REPOSITORY,
      'groups/twice.yaml':
        'id: twice\nmatch: { env: dev }\noverrides:\n  "*": { for: 7m, params: { window: 6m } }\n  HighCPUUsage: { for: 9m }\n',
    });
    const { stdout } = await cli(['effective', 'web-1', '--why', 'HighCPUUsage'], { cwd });
    expect(stdout).toMatch(/^ {2}for +9m +twice +\S+$/m);
    expect(stdout).toMatch(/^ {2}window +6m +twice +\S+ +without it: 5m \(the rule, /m);
  });

  it('says so where a group has no part of a rule to itself', async () => {
    const half = (name: string): string =>
      `---\nid: ${name}\nparent: both\nmatch: { size: ${name} }\nthresholds: { HighCPUUsage: 97 }\n`;
    const both = 'id: both\nmatch: \'{size=~"small|large"}\'\nthresholds: { HighCPUUsage: 96 }\npriority: 20\n';
    const cwd = await folder({ ...REPOSITORY, 'groups/both.yaml': both + half('small') + half('large') });
    const { code, stdout } = await cli(['effective', '--group', 'both', '--why', 'HighCPUUsage'], { cwd });
    expect([code, stdout]).toEqual([0, expect.stringContaining('Everywhere in it other groups have a say')]);
  });
});
