import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cli, put } from '../cli/support.ts';
import { eventually } from '../support/prometheus.ts';
import { tools } from '../support/tools.ts';
import { examine, type Patient, release, startPatient } from './support.ts';

const program = tools.prometheus.old;
const promtool = tools.promtool.old ?? '';
const ENV = { PROMTOOL_PATH: promtool };
const why = program && promtool ? '' : ' (skipped: there is no Prometheus 2.x here; `npm test` gets it)';

/** One server for all, whose files and configuration each test spoils and mends. */
describe.skipIf(why !== '')(`a server with its rules${why}`, () => {
  let base = '';
  let cwd = '';
  let rules = '';
  let other = '';
  let server: Patient;

  beforeAll(async () => {
    base = realpathSync(mkdtempSync(join(tmpdir(), 'rw-doctor-')));
    [cwd, rules, other] = [join(base, 'repository'), join(base, 'rules'), join(base, 'other')];
    mkdirSync(other);
    server = await startPatient(program as string, join(base, 'server'), usual(), { owned: false });
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(base, { recursive: true, force: true });
  });
  beforeEach(async () => {
    for (const folder of [cwd, rules, other]) rmSync(folder, { recursive: true, force: true });
    for (const folder of [cwd, other]) mkdirSync(folder);
    await put(cwd, repository());
    await release(cwd, rules);
    server.configure(usual());
    expect(await server.reload()).toBe(200);
  });

  const usual = (more: object = {}): object => ({
    rule_files: [`${base}/rules/*.yml`, `${base}/other/*.yml`],
    ...more,
  });
  const repository = (more = ''): Record<string, string> => ({
    'rulewright.yaml': `version: 1\nprometheus:\n  url: ${server.url}\n  rule_path: ${rules}\n${more}`,
    'rules/node.yaml': 'rules:\n  - alert: Down\n    expr: up == 0\n    labels: { severity: critical }\n',
  });

  test('all is well', async () => {
    const told = await examine(cwd, ENV);
    expect(told.findings).toEqual([]);
    expect(told).toMatchObject({ code: 0, ok: true });
    expect(told.fine).toEqual(
      expect.arrayContaining(['mounted-elsewhere', 'not-deployed', 'disk-full', 'lifecycle-off']),
    );
    const { stdout, code } = await cli(['doctor'], { cwd, env: ENV, now: Date.now });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/\n\nAll is well \(\d+ checks\)\.\n$/)]);
  });

  test('rule_files that lead elsewhere', async () => {
    server.configure(usual({ rule_files: [`${base}/other/*.yml`] }));
    await server.reload();
    const told = await examine(cwd, ENV);
    expect(told.codes[0]).toBe('rule-path-not-covered');
    expect(told.remedy('rule-path-not-covered')).toContain(`rule_files:\n  - ${base}/other/*.yml\n  - ${rules}/*.yml`);
    expect(told.code).toBe(1);

    server.configure(usual({ rule_files: [`${base}/rules/static-*.yml`] }));
    await server.reload();
    expect((await examine(cwd, ENV)).codes[0]).toBe('rule-path-not-covered');
  });

  test('rule_files that will load what is no rule', async () => {
    rmSync(rules, { recursive: true });
    mkdirSync(rules);
    server.configure(usual({ rule_files: [`${rules}/*`] }));
    expect(await server.reload()).toBe(200);
    await release(cwd, rules);
    const told = await examine(cwd, ENV);
    expect(told.codes).toEqual(['rule-files-too-wide']);
    expect(told.remedy('rule-files-too-wide')).toContain(`rule_files:\n  - ${rules}/*.yml`);
  });

  test('the old path of adopted files is still loaded', async () => {
    copyFileSync(join(rules, 'group-default.yml'), join(other, 'legacy.yml'));
    await server.reload();
    const told = await examine(cwd, ENV);
    expect(told.codes).toEqual(['loaded-twice']);
    expect(told.remedy('loaded-twice')).toContain(`mv ${other}/legacy.yml`);
    expect(told.finding('loaded-twice')?.details).toEqual([`${other}/legacy.yml: Down`]);
  });

  test('the last reload failed for somebody else’s file', async () => {
    writeFileSync(join(other, 'bad.yml'), 'groups:\n- name: x\n  rules:\n  - alert: A\n    expr: sum(\n');
    expect(await server.reload()).toBe(500);
    const told = await examine(cwd, ENV);
    expect(told.codes).toEqual(['reload-failed']);
    expect(told.finding('reload-failed')?.message).toContain(`${other}/bad.yml, which is not ours`);
    expect(told.remedy('reload-failed')).toContain(`mv ${other}/bad.yml ${other}/bad.yml.bad`);
    expect(told.finding('reload-failed')?.details[0]).toMatch(/bad\.yml: .*parse/);
    // Without promtool the compiler's own reading must do.
    expect((await examine(cwd, {})).remedy('reload-failed')).toContain(`mv ${other}/bad.yml ${other}/bad.yml.bad`);
  });

  test('the last reload failed for no file that can be seen', async () => {
    writeFileSync(join(base, 'server/prometheus.yml'), 'nonsense: [');
    expect(await server.reload()).toBe(500);
    const told = await examine(cwd, ENV);
    expect(told.remedy('reload-failed')).toContain(`promtool check config ${base}/server/prometheus.yml`);
  });

  test('the server’s folder is another one than ours', async () => {
    mkdirSync(join(base, 'volume/rules'), { recursive: true });
    server.configure(usual({ rule_files: [`${base}/volume/rules/*.yml`] }));
    await server.reload();
    const told = await examine(cwd, ENV);
    expect(told.codes).toEqual(['mounted-elsewhere']);
    expect(told.remedy('mounted-elsewhere')).toContain(`-v ${rules}:${base}/volume/rules:ro`);

    // A release of before lies there, as on a volume that nobody writes to any more.
    await put(join(base, 'volume/rules'), {
      'group-default.yml':
        '# Compiled by rulewright\ngroups:\n- name: default/node\n  rules:\n  - alert: Old\n    expr: up\n',
    });
    await server.reload();
    expect((await examine(cwd, ENV)).finding('mounted-elsewhere')?.message).toContain('has something else');
  });

  test('a reload is due; the release was never deployed; dist/ is stale', async () => {
    await put(cwd, { 'rules/node.yaml': 'rules:\n  - alert: Down\n    expr: up == 0\n    for: 5m\n' });
    const stale = await examine(cwd, ENV);
    expect(stale.codes).toEqual(['dist-stale']);
    expect(stale.remedy('dist-stale')).toContain('rulewright build');
    await cli(['build'], { cwd });
    const undeployed = await examine(cwd, ENV);
    expect(undeployed.codes).toEqual(['not-deployed']);
    expect(undeployed.remedy('not-deployed')).toContain('rulewright deploy');
    // The server tells whole seconds of its last reload.
    await new Promise((resolve) => setTimeout(resolve, 2100));
    await release(cwd, rules);
    const due = await examine(cwd, ENV);
    expect(due.codes).toEqual(['reload-due']);
    expect(due.remedy('reload-due')).toBe('rulewright reload');
    await server.reload();
    expect((await examine(cwd, ENV)).codes).toEqual([]);
  });

  test('somebody edited, emptied or never deployed', async () => {
    appendFileSync(join(rules, 'group-default.yml'), '# by hand\n');
    const told = await examine(cwd, ENV);
    expect(told.codes).toEqual(['files-edited']);
    expect(told.finding('files-edited')?.details).toEqual(['group-default.yml was changed']);
    rmSync(rules, { recursive: true });
    expect((await examine(cwd, ENV)).codes[0]).toBe('rule-path-missing');
    mkdirSync(rules);
    expect((await examine(cwd, ENV)).finding('not-deployed')?.message).toContain('no release at all');
    writeFileSync(join(cwd, 'dist/rules/group-default.yml'), 'groups: []\n');
    expect((await examine(cwd, ENV)).codes).toEqual(expect.arrayContaining(['dist-stale', 'release-broken']));
  });

  test('sources with errors', async () => {
    await put(cwd, { 'rules/more.yaml': 'rules:\n  - alert: A\n    expr: sum(\n' });
    const told = await examine(cwd, ENV);
    expect(told.codes).toEqual(['sources-broken']);
    expect(told.finding('sources-broken')?.details[0]).toMatch(/^rules\/more\.yaml:3: /);
  });

  test('a server too old for what the release uses', async () => {
    await put(cwd, repository('  version: ">=3.0"\n  validate_rules: false\n'));
    await put(cwd, { 'rules/node.yaml': 'query_offset: 1m\nrules:\n  - alert: Down\n    expr: up == 0\n' });
    await cli(['build'], { cwd });
    const told = await examine(cwd, ENV);
    expect(told.codes).toEqual(['server-too-old', 'not-deployed']);
    expect(told.remedy('server-too-old')).toMatch(/version: ">=2\.\d+"/);
    // Were it deployed all the same, the reload fails by our own file.
    await release(cwd, rules);
    expect(await server.reload()).toBe(500);
    expect((await examine(cwd, ENV)).finding('reload-failed')?.message).toContain('It refuses a file of ours');
  });

  test('rules that fail when they are evaluated', async () => {
    const two = '(label_replace(vector(1), "a", "1", "", "") or label_replace(vector(1), "a", "2", "", ""))';
    await put(cwd, { 'rules/node.yaml': `rules:\n  - alert: Down\n    expr: vector(1) + on () ${two}\n` });
    await release(cwd, rules);
    await server.reload();
    const told = await eventually(
      () => examine(cwd, ENV),
      ({ codes }) => codes.includes('rules-failing'),
    );
    expect(told.finding('rules-failing')?.details[0]).toMatch(/^Down \(default\/node\): .*duplicate series/);
  });

  test('a feature flag that the settings name and the server lacks', async () => {
    const before = (await examine(cwd, ENV)).codes;
    await put(cwd, repository('  features: [promql-experimental-functions, auto-reload-config]\n'));
    const told = await examine(cwd, ENV);
    expect(told.finding('feature-flag-off')?.message).toContain('run with promql-experimental-functions, and this one');
    expect(told.remedy('feature-flag-off')).toContain('features: [auto-reload-config]');
    // However it is written there, the remedy says which lines have it, and adds no second key.
    for (const [written, line] of [
      [
        'features: [promql-experimental-functions]',
        /, line \d+: change features: \[promql-experimental-functions\] to features: \[\]$/,
      ],
      [
        'features:\n    - promql-experimental-functions\n    # more\n    - auto-reload-config',
        /, lines (\d+) to \d+: in place of features .*write features: \[auto-reload-config\]$/,
      ],
      [
        'features: [\n    promql-experimental-functions,\n  ]',
        /, lines \d+ to \d+: in place of features .*write features: \[\]$/,
      ],
    ] as const) {
      await put(cwd, repository(`  ${written}\n  backup_enabled: true\n`));
      const lines = (await examine(cwd, ENV)).finding('feature-flag-off')?.remedy ?? [];
      const said = lines.find((one) => one.includes('features:')) ?? '';
      expect(said).toMatch(line);
      const text = readFileSync(join(cwd, 'rulewright.yaml'), 'utf8').split('\n');
      const [, from = '', to = from] = /, lines? (\d+)(?: to (\d+))?:/.exec(said) ?? [];
      const value = /(?:to|write) (features: \[[^\]]*\])$/.exec(said)?.[1];
      text.splice(Number(from) - 1, Number(to) - Number(from) + 1, `  ${value}`);
      await put(cwd, { 'rulewright.yaml': text.join('\n') });
      expect((await examine(cwd, ENV)).codes).toEqual(before);
    }
    await put(cwd, repository());
    expect((await examine(cwd, ENV)).codes).not.toContain('feature-flag-off');
  });

  test('external labels that are others than the settings say', async () => {
    server.configure(usual({ global: { external_labels: { site: 'busan' } } }));
    await server.reload();
    const seoul = `  servers: [{ name: main, labels: { site: seoul } }]\n`;
    await put(cwd, { ...repository(seoul), 'groups/s.yaml': 'id: s\nmatch: { site: busan }\ndisabled: [Down]\n' });
    const told = await examine(cwd, ENV);
    expect(told.finding('external-labels-differ')?.message).toContain('site is "busan" there, "seoul" here');
    expect(told.remedy('external-labels-differ')).toContain(
      'rulewright.yaml: in the entry of main in prometheus.servers, set labels: {"site":"busan"}',
    );
    await put(cwd, repository());
    const unknown = (await examine(cwd, ENV)).finding('external-labels-differ');
    expect(unknown?.severity).toBe('warning');
    expect(unknown?.remedy.join('\n')).toMatch(
      /add this line below line 2 \(prometheus:\)\n# {3}servers: \[\{ name: NAME, labels: \{"site":"busan"\} \}\]\n/,
    );
  });

  test('no promtool, another clock', async () => {
    const told = await examine(cwd, {}, () => Date.now() + 600_000);
    expect(told).toMatchObject({ code: 0, ok: true });
    expect(told.codes).toEqual(['promtool-missing', 'clock-skew']);
    expect(told.remedy('promtool-missing')).toContain('PROMTOOL_PATH=');
    expect(told.finding('clock-skew')?.message).toContain('10 min behind ours');
    const strict = await cli(['doctor', '--strict'], { cwd, env: {}, now: Date.now });
    expect(strict.code).toBe(1);
    expect(strict.stdout).toMatch(/^warning\[promtool-missing\]: /m);
  });

  test('an answer for each of several servers', async () => {
    const servers = `  servers: [{ name: up }, { name: down, url: "http://127.0.0.1:1" }]\n`;
    await put(cwd, repository(servers));
    await cli(['build'], { cwd });
    const { findings, code } = await examine(cwd, ENV);
    expect(code).toBe(1);
    expect(findings.filter((f) => f.code === 'server-unreachable')).toMatchObject([{ server: 'down' }]);
    const { stdout } = await cli(['doctor', '--server', 'down'], { cwd, env: ENV, now: Date.now });
    expect(stdout).toMatch(new RegExp(`^down: http://127.0.0.1:1, rules in ${rules}\n`));
  });
});
