import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { main } from '../../src/commands/main.ts';
import { cli, cliJson, folder, RULE } from './support.ts';

const NATIVE = `# theirs
groups:
- name: g
  rules:
  - alert: A # kept
    expr: up{env="prod"} > 90
  - alert: A
    expr: up{env!="prod"} > 80
`;

describe('adopt', () => {
  it('copies rule files as they are, and builds to the same', async () => {
    const cwd = await folder({ 'in/a/n.rules': NATIVE, 'in/notes.yaml': 'x: 1\n' });
    const { code, stdout, stderr } = await cli(['adopt', 'in'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toBe('');
    expect(stderr.replace(/^note.*\n\n.*\n/, '')).toBe(
      '+ rules/a/n.yml  2 rules, as they are\n' +
        '0 differences: 2 rules, each compiled and compared with what it was.\n' +
        '1 other file without rules passed over.\n' +
        'Next: `rulewright build`, and compare what Prometheus loads. Alerts in another file start over once: see docs/adopt.md.\n',
    );
    expect(await readFile(join(cwd, 'rules/a/n.yml'), 'utf8')).toBe(NATIVE);
    expect((await cli(['build'], { cwd })).code).toBe(0);
    expect(await readdir(join(cwd, 'dist/rules'))).toEqual(['static-a--n.yml']);
  });

  it('never overwrites without --force, and writes nothing with --dry-run', async () => {
    const cwd = await folder({ 'n.yml': NATIVE, 'rules/n.yml': 'groups: []\n' });
    const refused = await cli(['adopt', 'n.yml'], { cwd });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('rules/n.yml is another version of n.yml, and nothing was written. --force takes');
    expect((await cli(['adopt', 'n.yml', '--force', '--dry-run'], { cwd })).stderr).toContain('(--dry-run)');
    expect(await readFile(join(cwd, 'rules/n.yml'), 'utf8')).toBe('groups: []\n');
    expect((await cli(['adopt', 'n.yml', '--force', '-q'], { cwd })).stderr).toBe('');
    expect(await readFile(join(cwd, 'rules/n.yml'), 'utf8')).toBe(NATIVE);
  });

  it('finds the group in copies, and says so in JSON', async () => {
    const cwd = await folder({ 'n.yml': NATIVE });
    const { code, json } = await cliJson(['adopt', '--groups', 'n.yml'], { cwd });
    expect(code).toBe(0);
    expect(json).toMatchObject({
      adopted: 2,
      files: [
        { path: 'rules/n-shared.yaml', kind: 'rules', rules: 2 },
        { path: 'groups/prod.yaml', kind: 'group', rules: 0 },
      ],
      families: [{ name: 'A', copies: 2, groups: 1, tiers: [] }],
      params: { none: 1 },
      relabelled: 1,
      differences: [],
      stayed: [],
      errors: [],
    });
    expect((await cli(['build'], { cwd })).code).toBe(0);
  });

  it('names each hole that it makes in a text', async () => {
    const rule = (n: number): string =>
      `  - alert: A${n}\n    expr: a < ${n}\n    annotations: { s: "less than ${n} left, on node ${n}" }\n`;
    const text = `groups:\n- name: g\n  rules:\n${Array.from({ length: 21 }, (_, i) => rule(i + 3)).join('')}`;
    const cwd = await folder({ 'n.yml': text });
    const { stderr } = await cli(['adopt', '--params', '--dry-run', 'n.yml'], { cwd });
    expect(stderr).toContain(
      'Texts that tell the param from now on, where a number stood:\n  A3, s: less than << threshold >> left, on node 3\n',
    );
    expect(stderr).toContain('  … and 1 more, which --format json lists\n');
    const { json } = await cliJson(['adopt', '--params', 'n.yml'], { cwd });
    const holes = json['text_holes'] as object[];
    expect(holes).toHaveLength(21);
    expect(holes[0]).toEqual({
      path: 'rules/n.yaml',
      rule: 'A3',
      annotation: 's',
      text: 'less than << threshold >> left, on node 3',
    });
  });

  it('refuses what Prometheus would refuse, at its place, and takes over the rest', async () => {
    const cwd = await folder({ 'in/good.yml': NATIVE, 'in/bad.yml': NATIVE.replace('> 90', '>') });
    const { code, json } = await cliJson(['adopt', 'in'], { cwd });
    expect(code).toBe(1);
    expect(json).toMatchObject({ refused: ['in/bad.yml'], written: ['rules/good.yml'] });
    expect(json['errors']).toMatchObject([{ code: 'promql-syntax', file: 'in/bad.yml', line: 6 }]);
  });

  it('writes nothing by which the repository would no longer compile', async () => {
    const cwd = await folder({
      'rules/own.yaml': RULE('Cpu'),
      'n.yml': 'groups:\n- name: g\n  rules:\n  - { alert: Cpu, expr: cpu_usage > 1, labels: { severity: warning } }\n',
    });
    const { code, stderr } = await cli(['adopt', 'n.yml'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain('same-identity');
    expect(stderr).toContain('Nothing was written, for the repository would no longer compile.');
  });

  describe('of what was adopted before', () => {
    const RULES = `groups:
- name: g
  rules:
  - { alert: Crash, expr: restarts_total > 20, for: 5m, labels: { severity: warning } }
  - { alert: Lat, expr: read_lat > 2, labels: { severity: critical, by: read } }
  - { alert: Lat, expr: write_lat > 1, labels: { severity: critical } }
  - { alert: Down, expr: up == 0 }
`;
    const GROUP = `match: { env: prod }
thresholds:
  Crash: 30   # busy there
  k:Lat(write_lat): 9
  'k.yml:Lat(read_lat)': 7
  Down: 1
disabled: [ other:Lat ]
`;
    const OTHER = 'groups: [{ name: o, rules: [{ alert: Lat, expr: other_lat > 3 }] }]\n';

    it('takes its place, and groups go on saying what they said of its rules', async () => {
      const cwd = await folder({ 'k.yml': RULES, 'rules/other.yml': OTHER, 'groups/prod.yaml': GROUP });
      expect((await cli(['adopt', 'k.yml'], { cwd })).code).toBe(0);
      expect((await cli(['build'], { cwd })).code).toBe(0);
      const compiled = async (): Promise<string[]> => {
        const text = await readFile(join(cwd, 'dist/rules/group-prod.yml'), 'utf8');
        return [...text.matchAll(/expr: .*/g)].map(([line]) => line).sort();
      };
      const before = await compiled();
      const { code, json } = await cliJson(['adopt', '--params', 'k.yml'], { cwd });
      expect({ code, ...json }).toMatchObject({
        code: 0,
        written: ['rules/k.yaml'],
        replaced: ['rules/k.yml'],
        edited: ['groups/prod.yaml'],
        differences: [],
        stayed: [],
      });
      expect((await readdir(join(cwd, 'rules'))).sort()).toEqual(['k.yaml', 'other.yml']);
      expect(await readFile(join(cwd, 'groups/prod.yaml'), 'utf8')).toBe(
        GROUP.replace('k:Lat(write_lat)', 'Lat-critical').replace("'k.yml:Lat(read_lat)'", 'Lat'),
      );
      expect((await cli(['build'], { cwd })).code).toBe(0);
      expect(await compiled()).toEqual(before);
    });

    it('is known by what it says, wherever it lies, and by its own path', async () => {
      const cwd = await folder({ 'up/k.yml': `# theirs\n${RULES}`, 'rules/a/k.yml': RULES });
      expect((await cliJson(['adopt', '--params', '--dry-run', 'up'], { cwd })).json).toMatchObject({
        files: [{ path: 'rules/a/k.yaml' }],
        replaced: ['rules/a/k.yml'],
      });
      const ran = await cli(['adopt', '--params', 'rules'], { cwd });
      expect(ran.stderr).toContain('+ rules/a/k.yaml  4 rules\n- rules/a/k.yml  replaced by these\n');
      expect(await readdir(join(cwd, 'rules/a'))).toEqual(['k.yaml']);
    });

    it('says so where it is there already, in either form', async () => {
      const cwd = await folder({ 'k.yml': RULES });
      await cli(['adopt', 'k.yml'], { cwd });
      const again = await cli(['adopt', 'k.yml'], { cwd });
      expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining('as they are: there already') });
      await cli(['adopt', '--params', 'k.yml'], { cwd });
      const twice = await cli(['adopt', '--params', 'k.yml'], { cwd });
      expect(twice).toMatchObject({ code: 0, stderr: expect.stringContaining('rules/k.yaml  4 rules: there already') });
      const back = await cliJson(['adopt', 'k.yml'], { cwd });
      expect(back.code).toBe(1);
      expect(back.json['errors']).toMatchObject([{ code: 'same-identity', file: 'rules/k.yaml' }]);
      expect((await cli(['adopt', 'rules/k.yaml'], { cwd })).stderr).toContain('own format already');
    });

    it('keeps what was said of each of two of one name', async () => {
      const both = RULES.replace('alert: Lat, expr: write', 'alert: Crash, expr: write');
      const cwd = await folder({
        'rules/k.yml': both.replace('severity: critical }', 'severity: warning }'),
        'groups/prod.yaml':
          'match: { env: prod }\noverrides: { "k:Crash(write_lat)": { labels: { severity: page } } }\n',
      });
      const ran = await cli(['adopt', '--params', 'rules/k.yml'], { cwd });
      expect(ran.code).toBe(0);
      expect((await cli(['build'], { cwd })).code).toBe(0);
    });
  });

  it('says once a file that rules share name and labels, which promtool will call duplicates', async () => {
    const twins = 'groups: [{ name: g, rules: [{ record: a:b, expr: x }, { record: a:b, expr: y }] }]\n';
    const cwd = await folder({ 'in/n.yml': NATIVE, 'in/t.yml': twins, 'in/bad.yml': NATIVE.replace('> 90', '>') });
    const { stderr } = await cli(['adopt', 'in'], { cwd });
    expect(stderr).toContain(
      'note[same-identity]: 2 rules of in/n.yml share name and static labels with another: A (2).',
    );
    expect(stderr).toContain('note[same-identity]: 2 rules of in/t.yml');
    expect(stderr).toContain('+ rules/n.yml');
  });

  it('offers to take away the samples of init, those alone that nobody has touched', async () => {
    const cwd = await folder({ 'n.yml': NATIVE.replaceAll('alert: A', 'alert: NodeDown') });
    await cli(['init'], { cwd });
    const adopted = await cli(['adopt', 'n.yml'], { cwd });
    expect(adopted.stderr).toContain('`rulewright adopt --remove-samples` takes away those that nobody has touched.');
    await writeFile(join(cwd, 'groups/production.yaml'), 'match: { env: prod }\nthresholds: { HighCPUUsage: 95 }\n');
    const used = await cli(['adopt', '--remove-samples'], { cwd });
    expect(used.code).toBe(1);
    expect(used.stderr).toContain('There is no rule "HighCPUUsage"');
    expect((await readdir(join(cwd, 'rules'))).sort()).toEqual(['n.yml', 'node.yaml']);
    await writeFile(join(cwd, 'groups/production.yaml'), 'match: { env: prod }\n');
    const { code, json } = await cliJson(['adopt', '--remove-samples'], { cwd });
    expect({ code, ...json }).toMatchObject({
      code: 0,
      samples: [],
      samples_removed: ['rules/node.yaml', 'groups/targets/nodes.json'],
    });
    expect(await readdir(join(cwd, 'rules'))).toEqual(['n.yml']);
    expect(await readdir(join(cwd, 'groups'))).toEqual(['production.yaml', 'targets']);
  });

  it('asks file by file', async () => {
    const cwd = await folder({ 'n.yml': NATIVE });
    const asked: string[] = [];
    const answers = ['n', 'y'];
    let stderr = '';
    const quiet = {
      write: (text: string) => {
        stderr += text;
      },
      isTTY: true,
    };
    const io = { cwd, env: {}, pid: 1, now: () => 0, stdout: quiet, stderr: quiet };
    const ask = async (question: string): Promise<string> => {
      asked.push(question.split(':')[0] ?? '');
      return answers.shift() ?? '';
    };
    expect(await main(['adopt', '-i', '--groups', 'n.yml', '--no-color'], { ...io, ask }, () => '1')).toBe(0);
    expect(asked).toEqual(['rules/n-shared.yaml', 'rules/n.yml']);
    expect(await readdir(join(cwd, 'rules'))).toEqual(['n.yml']);
    expect(stderr).toContain('  thresholds:');
    expect((await cli(['adopt', '-i', 'n.yml'], { cwd })).code).toBe(2);
  });

  it('takes over what a server has loaded', async () => {
    const rules = [{ type: 'alerting', name: 'A', query: 'up > 1', duration: 60, labels: {}, annotations: {} }];
    const data = { groups: [{ name: 'g', file: '/etc/p/n.yml', interval: 30, rules }] };
    const server = createServer((_, response) => response.end(JSON.stringify({ status: 'success', data })));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    onTestFinished(() => new Promise((done) => server.close(() => done())));
    const cwd = await folder();
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect((await cli(['adopt', '--url', url], { cwd })).code).toBe(0);
    expect(await readFile(join(cwd, 'rules/n.yml'), 'utf8')).toBe(
      'groups:\n  - name: g\n    interval: 30s\n    rules:\n      - alert: A\n        expr: up > 1\n        for: 1m\n',
    );
  });

  it('says what is missing', async () => {
    const cwd = await folder({ 'x.yml': 'a: 1\n' });
    expect(await cli(['adopt'], { cwd })).toMatchObject({ code: 2, stderr: expect.stringContaining('--url') });
    expect(await cli(['adopt', 'none.yml'], { cwd })).toMatchObject({ code: 2 });
    expect((await cli(['adopt', 'x.yml'], { cwd })).stderr).toContain('holds no Prometheus rules');
  });
});
