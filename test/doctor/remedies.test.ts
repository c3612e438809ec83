import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cli, cliJson, put } from '../cli/support.ts';
import { begin } from '../deploy/support.ts';
import { commandsIn, program as installed, paste } from '../support/program.ts';
import { tools } from '../support/tools.ts';
import { type Finding, type Patient, startPatient } from './support.ts';

/**
 * Every remedy that is named is typed here, in the very situation, and from another directory than the repository. Those
 * for what is held, damaged or lost always, and all of them with `REMEDIES=all`.
 */

const program = tools.prometheus.old;
const ENV = { PROMTOOL_PATH: tools.promtool.old ?? '' };
const why = program && tools.promtool.old ? '' : ' (skipped: there is no Prometheus 2.x here; `npm test` gets it)';
const NODE = (number: number): string =>
  `rules:\n  - alert: Down\n    expr: up == 0\n  - alert: Slow\n    expr: scrape_duration_seconds > ${number}\n`;

describe.skipIf(why !== '')(`a remedy, typed${why}`, { timeout: 60_000 }, () => {
  const shell = installed('remedies');
  let base = '';
  let [cwd, rules, other] = ['', '', ''];
  let server: Patient;

  beforeAll(async () => {
    base = realpathSync(mkdtempSync(join(tmpdir(), 'rw remedies-')));
    [cwd, rules, other] = [join(base, 'repository'), join(base, 'rules'), join(base, 'other')];
    mkdirSync(other);
    const globs = [`${rules}/*.yml`, `${other}/*.yml`];
    server = await startPatient(program as string, join(base, 'server'), { rule_files: globs }, { owned: false });
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(base, { recursive: true, force: true });
  });
  beforeEach(async () => {
    for (const folder of [cwd, rules, other]) rmSync(folder, { recursive: true, force: true });
    for (const folder of [cwd, rules, other]) mkdirSync(folder);
    const servers = `version: 1\nprometheus:\n  rule_path: ${JSON.stringify(rules)}\n  servers: [{ name: main, url: "${server.url}" }]\n`;
    await put(cwd, { 'rulewright.yaml': servers });
    await deployed(5);
  });

  const run = (...argv: string[]): ReturnType<typeof cli> =>
    cli(['-C', cwd, ...argv], { cwd: '/', env: ENV, now: Date.now });
  const compiled = async (number: number): Promise<void> => {
    await put(cwd, { 'rules/node.yaml': NODE(number) });
    expect((await run('build', '--quiet')).code).toBe(0);
  };
  const deployed = async (number: number): Promise<void> => {
    await compiled(number);
    const ran = await run('deploy', '--wait', '0');
    expect(ran.code, ran.stderr).toBe(0);
  };
  const rolledBack = async (): Promise<void> => {
    for (const number of [6, 7]) await deployed(number);
    expect((await run('rollback', '--wait', '0')).code).toBe(0);
  };
  const findings = async (env = ENV): Promise<Finding[]> => {
    const around = { cwd: '/', env, now: Date.now };
    return (await cliJson(['-C', cwd, 'doctor'], around)).json['findings'] as Finding[];
  };
  const file = (): string => join(rules, 'group-default.yml');
  const lose = (): void => {
    const store = join(rules, '.rulewright');
    for (const name of readdirSync(join(store, 'objects'))) rmSync(join(store, 'objects', name));
    for (const name of readdirSync(join(store, 'releases')).sort().slice(-1))
      rmSync(join(store, 'releases', name, 'group-default.txt'));
  };
  /** Types lines as they stand: ours in this process, those of others in a shell. */
  const type = async (lines: readonly string[]): Promise<number> => {
    let code = 0;
    for (const line of lines) {
      const ours = /^rulewright (.*?)(?: {3}#.*)?$/.exec(line)?.[1];
      if (ours === undefined) code = spawnSync('sh', ['-c', line], { cwd: '/', encoding: 'utf8' }).status ?? -1;
      else {
        const words = [...ours.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
        code = (await cli(words, { cwd: '/', env: ENV, now: Date.now })).code;
      }
    }
    return code;
  };
  /** The lines to run, or the way that is offered beside them. */
  const lines = ({ remedy }: Finding): string[] => remedy.filter((line) => !line.startsWith('#'));
  const beside = ({ remedy }: Finding): string[] =>
    remedy.flatMap((line) => /^# or, [^:]*: (.*?)(?: {3}\(.*)?$/.exec(line)?.[1] ?? []);

  interface Row {
    readonly code: string;
    readonly make: () => Promise<void>;
    /** Which of what is offered; by default the lines to run. */
    readonly choose?: (finding: Finding) => string[];
    readonly always?: true;
    /** What is left behind it, where that is not nothing. */
    readonly left?: readonly string[];
  }
  const HELD = ['not-deployed'];
  const rows: readonly (Row & { readonly name: string })[] = [
    { name: 'an edit', code: 'files-edited', make: async () => appendFileSync(file(), '# by hand\n') },
    {
      name: 'an edit, and a reload, of what was rolled back to',
      always: true,
      code: 'files-edited',
      make: async () => {
        await rolledBack();
        writeFileSync(file(), 'groups: []\n');
        await server.reload();
      },
      left: HELD,
    },
    {
      name: 'a file that no server reads, of what was rolled back to',
      code: 'files-edited',
      make: async () => {
        await rolledBack();
        writeFileSync(file(), 'groups: [\n');
        expect(await server.reload()).toBe(500);
      },
      left: HELD,
    },
    {
      name: 'what can’t be put back',
      always: true,
      code: 'files-lost',
      make: async () => {
        await rolledBack();
        lose();
      },
      left: HELD,
    },
    {
      name: 'what can’t be put back, by the release that is held',
      always: true,
      code: 'files-lost',
      make: async () => {
        await rolledBack();
        lose();
      },
      choose: beside,
    },
    { name: 'what was compiled', code: 'not-deployed', make: () => compiled(8) },
    { name: 'what was rolled back', always: true, code: 'not-deployed', make: rolledBack },
    {
      name: 'a reload that is due',
      code: 'reload-due',
      make: async () => {
        // The server tells whole seconds of its last reload.
        await new Promise((resolve) => setTimeout(resolve, 1100));
        await compiled(9);
        expect((await run('deploy', '--offline')).code).toBe(0);
      },
    },
    {
      name: 'a deploy that was broken off',
      code: 'unfinished-switch',
      make: async () => {
        await compiled(9);
        await begin(rules, join(cwd, 'dist/main'));
      },
    },
    {
      name: 'sources that were not compiled',
      code: 'dist-stale',
      make: async () => put(cwd, { 'rules/node.yaml': NODE(9) }),
      choose: (finding) => lines(finding).filter((line) => !line.startsWith('git ')),
    },
    {
      name: 'a release that is not whole',
      code: 'release-broken',
      make: async () => rmSync(join(cwd, 'dist/main/manifest.json')),
    },
    {
      name: 'somebody else’s file',
      always: true,
      code: 'reload-failed',
      make: async () => {
        writeFileSync(join(other, 'bad one.yml'), 'groups: [\n');
        expect(await server.reload()).toBe(500);
      },
      choose: (finding) => [...beside(finding), ...lines(finding).filter((line) => line.startsWith('rulewright'))],
    },
    {
      name: 'the old place of adopted files',
      code: 'loaded-twice',
      make: async () => {
        copyFileSync(file(), join(other, 'legacy.yml'));
        expect(await server.reload()).toBe(200);
      },
    },
    {
      name: 'a rule path that is gone',
      code: 'rule-path-missing',
      make: async () => rmSync(rules, { recursive: true }),
      left: ['mounted-elsewhere', 'not-deployed', 'reload-due'],
    },
  ];
  const chosen = process.env['REMEDIES'] === 'all' ? rows : rows.filter(({ always }) => always);
  test.each(chosen)('$code: $name', async ({ code, make, choose = lines, left = [] }) => {
    await make();
    const finding = (await findings()).find((one) => one.code === code);
    if (!finding) throw new Error(`not found: ${JSON.stringify(await findings())}`);
    const typed = choose(finding);
    expect(typed).not.toEqual([]);
    await type(typed);
    const rest = (await findings()).map((one) => one.code);
    expect(
      rest.filter((one) => !left.includes(one)),
      typed.join('\n'),
    ).toEqual([]);
  });

  test('what a deploy without promtool is offered', async () => {
    await compiled(9);
    const told = await findings({ PROMTOOL_PATH: '/nowhere/promtool' });
    const finding = told.find(({ code }) => code === 'promtool-missing') as Finding;
    expect(await type(lines(finding).slice(-1))).toBe(0);
    expect(await findings()).toEqual([]);
  });

  test('what other commands say of damage, in a shell', async () => {
    await rolledBack();
    for (const command of ['status', 'reload', 'drift']) {
      rmSync(file());
      const { code, stdout, stderr } = await run(command);
      expect(code, command).toBe(1);
      const [first = ''] = commandsIn(stdout + stderr);
      expect(first, command).toBe(`rulewright -C '${cwd}' deploy --server main`);
      const ran = paste(shell, [first], '/', ENV);
      expect(ran, command).toMatchObject({ code: 1, said: expect.stringContaining('was put back') });
      expect(
        (await findings()).map((one) => one.code),
        command,
      ).toEqual(HELD);
    }
    const held = await run('deploy');
    const [again = ''] = commandsIn(held.stderr);
    expect(again).toBe(`rulewright -C '${cwd}' deploy --again --server main`);
    expect(paste(shell, [again], '/', ENV).code).toBe(0);
    expect(await findings()).toEqual([]);
    // One that the server refused points to whoever looks for the cause.
    writeFileSync(join(other, 'bad.yml'), 'groups: [\n');
    const refused = await run('reload');
    expect(refused.code).toBe(1);
    const [doctor = ''] = commandsIn(refused.stderr);
    expect(paste(shell, [doctor], '/', ENV)).toMatchObject({ code: 1, said: expect.stringContaining('bad.yml') });
  });
});
