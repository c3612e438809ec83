import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REPOSITORY } from './effective-repository.ts';
import { cli, cliJson, folder } from './support.ts';

interface Row {
  id: string;
  condition: string | null;
  config: Record<string, unknown>;
  origin: Record<string, string>;
  source_id: string;
}
const rowsOf = (json: Record<string, unknown>): Row[] => json['rules'] as Row[];
const thresholds = (json: Record<string, unknown>, id: string): unknown[] =>
  rowsOf(json).flatMap((r) => (r.id === id ? [[r.condition, r.config['threshold'], r.source_id]] : []));

describe('effective TARGET', () => {
  it('gives each rule as it is compiled, with the line that says so', async () => {
    const cwd = await folder(REPOSITORY);
    const { code, json, stderr } = await cliJson(['effective', 'node/db-1.example.com:9100'], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    expect(Object.keys(json)).toEqual(['target_id', 'hostname', 'labels', 'rules', 'total']);
    expect(json).toMatchObject({ target_id: 'node/db-1.example.com:9100', hostname: 'db-1.example.com', total: 6 });
    const [cpu] = rowsOf(json);
    expect(cpu).toEqual({
      id: 'HighCPUUsage',
      name: 'HighCPUUsage',
      severity: 'warning',
      query: 'cpu{job="node",env="prod",tier!="gpu"} > 90 and rate(x{job="node",env="prod",tier!="gpu"}[5m]) > 0',
      for_duration: '10m',
      labels: { group_id: 'production', severity: 'warning' },
      annotations: { summary: 'over 90%' },
      config: { threshold: 90, window: '5m' },
      source: 'group',
      source_id: 'production',
      source_name: 'Production',
      origin: {
        expr: 'rules/node.yaml:7',
        'param:threshold': 'groups/groups.yaml:5',
        'param:window': 'rules/node.yaml:6',
        for: 'groups/groups.yaml:10',
        'label:severity': 'rules/node.yaml:9',
        'annotation:summary': 'rules/node.yaml:10',
        'label:group_id': 'groups/groups.yaml:1',
      },
      condition: null,
    });
    expect(thresholds(json, 'QueueDeep')).toEqual([
      ['{queue!="bulk"}', 100, 'production'],
      ['{queue="bulk"}', 5000, 'production'],
    ]);
    expect(rowsOf(json).map((r) => r.id)).toEqual([
      'HighCPUUsage',
      'QueueDeep',
      'QueueDeep',
      'DiskFilling.critical',
      'job:up:ratio',
      'Plain',
    ]);
    expect(rowsOf(json).at(-1)).toMatchObject({
      source: 'static',
      source_name: 'rules/plain.yml',
      severity: 'critical',
    });
  });

  it('takes an id, an address, or a host, which may have several targets', async () => {
    const cwd = await folder(REPOSITORY);
    const host = (await cliJson(['effective', 'db-1.example.com'], { cwd })).json;
    expect(host).toMatchObject({ hostname: 'db-1.example.com' });
    expect((host['targets'] as { target_id: string }[]).map((t) => t.target_id)).toEqual([
      'dcgm/db-1.example.com:9400',
      'node/db-1.example.com:9100',
    ]);
    for (const [name, id] of [
      ['db-1.example.com:9400', 'dcgm/db-1.example.com:9400'],
      ['the-gpu', 'the-gpu'],
      ['gpu-1', 'the-gpu'],
      ['gpu-1:9100', 'the-gpu'],
      ['gpu-1:1', 'the-gpu'],
      ['web-1', 'node/web-1:9100'],
    ]) {
      expect((await cliJson(['effective', name as string], { cwd })).json).toMatchObject({ target_id: id });
    }
  });

  it('says what was meant where there is no such target, rule or group', async () => {
    const cwd = await folder(REPOSITORY);
    for (const [args, said] of [
      [['bd-1.example.com'], /no target "bd-1.example.com"[\s\S]*Did you mean db-1.example.com/],
      [['db-1'], /Did you mean db-1.example.com/],
      [['DB-1.example.com'], /Did you mean db-1.example.com\?/],
      [['Node/web-1:9100'], /Did you mean node\/web-1:9100\?/],
      [['example'], /Did you mean db-1.example.com\?/],
      [['nothing-like-it'], /--labels/],
      [['web-1', '--rule', 'HighCPU'], /no rule "HighCPU"[\s\S]*Did you mean HighCPUUsage/],
      [['web-1', '--why', 'HighCPUUsag'], /Did you mean HighCPUUsage/],
      [['--group', 'prodution'], /Did you mean production/],
      [['--group', 'prod'], /Did you mean production/],
    ] as const) {
      const ran = await cli(['effective', ...args], { cwd });
      expect([ran.code, ran.stdout], args.join(' ')).toEqual([1, '']);
      expect(ran.stderr).toMatch(said);
      const { code, json } = await cliJson(['effective', ...args], { cwd });
      expect([code, (json['errors'] as { code: string }[])[0]?.code]).toEqual([1, 'not-found']);
    }
    for (const args of [[], ['web-1', '--all'], ['--labels', 'a'], ['--labels', 'a=1,a=2'], ['--labels', '{a!="b"}']]) {
      expect(await cli(['effective', ...args], { cwd }), args.join(' ')).toMatchObject({ code: 2, stdout: '' });
    }
  });

  it('refuses to say anything of sources that contradict themselves', async () => {
    const cwd = await folder({
      ...REPOSITORY,
      'groups/x.yaml': 'id: x\nmatch: { env: prod }\nthresholds: { Nope: 1 }\n',
    });
    const text = await cli(['effective', 'web-1'], { cwd });
    expect([text.code, text.stdout]).toEqual([1, '']);
    expect(text.stderr).toMatch(/unknown-rule/);
    const { code, json } = await cliJson(['effective', 'web-1'], { cwd });
    expect(code).toBe(1);
    expect(json).toMatchObject({ rules: [], errors: [{ code: 'unknown-rule' }] });
  });
});

describe('effective for others', () => {
  it('answers for a machine that does not exist yet, by labels or a selector', async () => {
    const cwd = await folder(REPOSITORY);
    const plain = (await cliJson(['effective', '--labels', 'env=prod,tier=gpu'], { cwd })).json;
    const selector = (await cliJson(['effective', '--labels', '{env="prod", tier="gpu"}'], { cwd })).json;
    expect(selector).toEqual(plain);
    expect(plain).toMatchObject({ target_id: null, hostname: null, labels: { env: 'prod', tier: 'gpu' } });
    // Its job is open, so that rules of every job are listed; `tier` is known by the inventory.
    expect(thresholds(plain, 'HighCPUUsage')).toEqual([[null, 95, 'gpu--production']]);
    const none = (await cliJson(['effective', '--labels', 'env=,job=other'], { cwd })).json;
    expect(thresholds(none, 'HighCPUUsage')).toEqual([]);
    expect(thresholds(none, 'QueueDeep')).toEqual([[null, 10, 'default']]);
  });

  it('remarks on labels and values that nobody has', async () => {
    const cwd = await folder(REPOSITORY);
    for (const [labels, said] of [
      ['evn=dev', 'No target has the label evn; did you mean env?\n'],
      ['env=prd', 'No target has env="prd"; known: dev, prod\n'],
      ['colour=red', 'No target has the label colour. The labels are: env, instance, job, queue, target_id, tier\n'],
      ['env=dev,job=node,instance=new:1,tier=', ''],
      ['queue=other', ''], // a case tests it, and no target has it: its values are open
    ] as const) {
      const { code, stderr } = await cli(['effective', '--labels', labels, '--rule', 'Plain'], { cwd });
      expect([code, stderr]).toEqual([0, said]);
      expect((await cliJson(['effective', '--labels', labels], { cwd })).stderr).toBe('');
    }
  });

  it('knows the values that groups name, and rules’ own labels', async () => {
    const cwd = await folder({
      ...REPOSITORY,
      'groups/more.yaml': 'id: staging\nmatch: { env: staging }\nthresholds: { HighCPUUsage: 85 }\n',
      'rules/more.yaml': 'rules:\n  - { alert: Loop, expr: "net{device=\\"lo\\"} > 1" }\n',
    });
    const { code, stderr } = await cli(['effective', '--labels', 'env=staging,device=lo'], { cwd });
    expect([code, stderr]).toEqual([0, '']);
  });

  it('leaves open what no inventory knows', async () => {
    const { 'groups/targets/t.yml': _, ...without } = REPOSITORY;
    const cwd = await folder(without);
    const { json } = await cliJson(['effective', '--labels', 'env=prod', '--rule', 'HighCPUUsage'], { cwd });
    expect(thresholds(json, 'HighCPUUsage').sort()).toEqual([
      ['{tier!="gpu"}', 90, 'production'],
      ['{tier="gpu"}', 95, 'gpu--production'],
    ]);
  });

  it('shows a group as its own region has it', async () => {
    const cwd = await folder(REPOSITORY);
    const { json } = await cliJson(['effective', '--group', 'production'], { cwd });
    expect(json).toMatchObject({ group_id: 'production', name: 'Production', match: '{env="prod"}' });
    expect(thresholds(json, 'HighCPUUsage')).toEqual([[null, 90, 'production']]);
    expect(thresholds(json, 'QueueDeep')).toEqual([
      ['{queue!="bulk"}', 100, 'production'],
      ['{queue="bulk"}', 5000, 'production'],
    ]);
    const derived = (await cliJson(['effective', '--group', 'gpu--production'], { cwd })).json;
    expect(thresholds(derived, 'HighCPUUsage')).toEqual([[null, 95, 'gpu--production']]);
    expect((await cli(['effective', '--group', 'production'], { cwd })).stdout).toMatch(
      /other groups have a say.*gpu \(/s,
    );
  });

  it('streams the whole inventory as one document', async () => {
    const cwd = await folder(REPOSITORY);
    const { json } = await cliJson(['effective', '--all', '--rule', 'HighCPUUsage'], { cwd });
    expect(json['total']).toBe(4);
    const targets = json['targets'] as Record<string, unknown>[];
    expect(targets.map((t) => [t['target_id'], t['total']])).toEqual([
      ['node/db-1.example.com:9100', 1],
      ['dcgm/db-1.example.com:9400', 0],
      ['node/web-1:9100', 1],
      ['the-gpu', 1],
    ]);
    const one = (await cliJson(['effective', 'web-1', '--rule', 'HighCPUUsage'], { cwd })).json;
    expect(targets[2]).toEqual(one);
  });
});

describe('effective for people', () => {
  it('shows the number, who set it, and where, within the columns of the terminal', async () => {
    const cwd = await folder(REPOSITORY);
    const { stdout, stderr } = await cli(['effective', 'node/db-1.example.com:9100', '--all-rules'], { cwd });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/in default, production, quiet/);
    expect(stdout).toMatch(/^HighCPUUsage +warning +90 %, window 5m +10m +production +groups\/groups.yaml:5$/m);
    expect(stdout).toMatch(/^QueueDeep .* 5000 .*\n {2}when \{queue="bulk"\}$/m);
    expect(stdout).toMatch(
      /^DiskFilling.warning +groups\/groups.yaml:11 +disabled by "production" until 2027-01-01: full by design$/m,
    );
    expect(stdout).toMatch(/^Gone +rules\/node.yaml:19 +it is only for "gpu"$/m);
    expect(stdout).toMatch(/1 recording rule: job:up:ratio/);
    expect(stdout).not.toContain('\u001b');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
    expect((await cli(['effective', 'web-1', '--color', 'always'], { cwd })).stdout).toContain('\u001b[1;33mwarning');
  });

  it('cuts long texts on a terminal only', async () => {
    const cwd = await folder({
      ...REPOSITORY,
      'rules/long.yaml': `rules:
  - alert: WithARatherLongNameThatSaysWhatIsWrong
    params:
      threshold: { default: 10GiB, unit: bytes }
      first_of_the_windows: 10m
      second_of_the_windows: 15m
    expr: rate(x[<< first_of_the_windows >>]) + rate(x[<< second_of_the_windows >>]) > << threshold >>
    annotations: { summary: "a sentence that has rather more words than a column of a table has room for" }
`,
    });
    const args = ['effective', 'web-1', '--rule', 'WithARatherLongNameThatSaysWhatIsWrong'];
    const numbers = '10GiB, first_of_the_windows 10m, second_of_the_windows 15m';
    expect((await cli(args, { cwd })).stdout).toContain(`  ${numbers}  `);
    const terminal = (await cli([...args, '--color', 'never'], { cwd, isTTY: true })).stdout;
    expect(terminal).toMatch(/ 10GiB, first_\S*… /);
    for (const line of terminal.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    const why = ['effective', 'web-1', '--why', 'WithARatherLongNameThatSaysWhatIsWrong', '--color', 'never'];
    expect((await cli(why, { cwd })).stdout).toContain('has room for');
    expect((await cli(why, { cwd, isTTY: true })).stdout).not.toContain('has room for');
  });

  it('says why a host’s rules are listed for each of its targets', async () => {
    const cwd = await folder(REPOSITORY);
    const remark = /Rules without a matcher on `job` are listed for every target/;
    expect((await cli(['effective', 'db-1.example.com'], { cwd })).stdout).toMatch(remark);
    expect((await cli(['effective', 'db-1.example.com', '--rule', 'HighCPUUsage'], { cwd })).stdout).not.toMatch(
      remark,
    );
    expect((await cli(['effective', 'node/db-1.example.com:9100'], { cwd })).stdout).not.toMatch(remark);
  });
});

describe('dist/effective', () => {
  it('is written by build, once, and follows the sources', async () => {
    const cwd = await folder(REPOSITORY);
    expect((await cli(['build'], { cwd })).code).toBe(0);
    const at = join(cwd, 'dist/effective');
    const before = await stat(join(at, 'index.json'));
    expect(JSON.parse(await readFile(join(at, 'index.json'), 'utf8'))).toMatchObject({ targets: 4, version: 1 });
    await cli(['build'], { cwd });
    expect((await stat(join(at, 'index.json'))).ino).toBe(before.ino);
    await writeFile(join(at, 'rules/group-gone.json'), '{}\n');
    await cli(['build'], { cwd });
    expect(await readdir(join(at, 'rules'))).not.toContain('group-gone.json');
    expect((await readdir(join(cwd, 'dist'))).sort()).toEqual(['effective', 'manifest.json', 'rules']);
    expect((await cli(['check'], { cwd })).code).toBe(0);
  });

  it('never touches a folder of that name that is somebody else’s', async () => {
    const cwd = await folder({ ...REPOSITORY, 'dist/effective/notes.txt': 'mine' });
    const { code, stderr } = await cli(['build'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/is not what rulewright wrote there/);
    expect(await readFile(join(cwd, 'dist/effective/notes.txt'), 'utf8')).toBe('mine');
  });
});
