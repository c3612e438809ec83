import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/commands/table/table.ts';
import { cli, cliJson, folder } from './support.ts';

const ESC = '\u001b';

describe('help and version', () => {
  it('go to standard output, whatever stands around them', async () => {
    for (const argv of [['--version'], ['-V'], ['build', '--version'], ['--root', '/nowhere', '--version']]) {
      expect(await cli(argv)).toEqual({ code: 0, stdout: '1.2.3\n', stderr: '' });
    }
    const overview = (await cli(['--help'])).stdout;
    for (const argv of [['help'], ['-h'], ['--root', '/nowhere', '--help']]) {
      expect(await cli(argv)).toEqual({ code: 0, stdout: overview, stderr: '' });
    }
    for (const [name, row] of Object.entries(COMMANDS)) {
      expect(overview).toContain(row.summary);
      const one = await cli(['help', name]);
      expect(one).toMatchObject({ code: 0, stderr: '' });
      for (const argv of [
        [name, '--help'],
        ['--help', name],
        [name, '--quiet', '-h'],
        ['help', name, '--format', 'json'],
      ]) {
        expect(await cli(argv)).toEqual(one);
      }
      expect(one.stdout).toContain(`Usage: ${row.usage}`);
      for (const [example] of row.examples) expect(one.stdout).toContain(example);
      for (const option of Object.keys(row.options)) expect(one.stdout).toContain(`--${option}`);
    }
    for (const line of overview.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });
});

describe('wrong usage', () => {
  it('exits with 2, says what was meant, and writes nothing to standard output', async () => {
    const cases: readonly (readonly [argv: string[], said: RegExp])[] = [
      [[], /No command is given/],
      [['biuld'], /no command "biuld"[\s\S]*Did you mean `rulewright build`/],
      [['help', 'chek'], /Did you mean `rulewright check`/],
      [['constructor'], /no command "constructor"/],
      [['__proto__'], /no command "__proto__"/],
      [['build', '--grup', 'x'], /no option --grup[\s\S]*Did you mean --group/],
      [['--strikt'], /no option --strikt[\s\S]*Did you mean --strict/],
      [['build', '-x'], /build has no option -x/],
      [['build', '--sources'], /build has no option --sources/],
      [['check', '--group', 'x'], /check has no option --group/],
      [['build', '--constructor'], /no option --constructor/],
      [['build', '--group'], /--group needs a value: --group ID/],
      [['build', '--out', '--quiet'], /--out needs a value, and --quiet looks like/],
      [['build', '--root='], /--root needs a value/],
      [['build', '--quiet=yes'], /--quiet is a switch/],
      [['build', '--format', 'yaml'], /--format is text or json, not "yaml"/],
      [['build', '--color', 'blue'], /auto or always or never/],
      [['build', 'production'], /build takes no argument "production"/],
      [['init', 'a', 'b'], /init takes no argument "b"/],
      [['build', '--root', '/nowhere/at/all'], /cannot read \/nowhere\/at\/all[\s\S]*--root DIR/],
      [['files', '--root', '/dev/null'], /is not a directory/],
    ];
    for (const [argv, said] of cases) {
      const ran = await cli(argv);
      expect(ran, argv.join(' ')).toMatchObject({ code: 2, stdout: '' });
      expect(ran.stderr, argv.join(' ')).toMatch(said);
      expect(ran.stderr).toMatch(/^error: /);
    }
  });

  it('is one JSON document of the command’s own shape where JSON is asked for', async () => {
    for (const name of ['build', 'check', 'files']) {
      for (const argv of [
        [name, '--nonsense'],
        [name, '--root', '/nowhere/at/all'],
        ['--bad', name],
      ]) {
        const { code, json, stderr } = await cliJson(argv);
        expect([code, stderr], argv.join(' ')).toEqual([2, '']);
        expect(Object.keys(json)).toEqual(
          expect.arrayContaining([...Object.keys(COMMANDS[name]?.empty ?? {}), 'errors']),
        );
        expect(json['errors']).toEqual([
          {
            code: expect.stringMatching(/usage|environment/),
            severity: 'error',
            message: expect.any(String),
            file: null,
            line: null,
            col: null,
            help: expect.any(String),
            notes: [],
          },
        ]);
      }
    }
    expect((await cliJson(['nonsense'])).json).toMatchObject({ errors: [{ code: 'usage' }] });
    expect((await cliJson([])).json).toMatchObject({ errors: [{ code: 'usage' }] });
  });

  it('lets no escape through from an argument', async () => {
    expect((await cli([`${ESC}[2Jx`])).stderr).not.toContain(ESC);
    expect((await cli(['build', '--root', `/${ESC}[2J`])).stderr).not.toContain(ESC);
  });
});

describe('colours', () => {
  it('come by flag, then NO_COLOR, then FORCE_COLOR, then the terminal', async () => {
    const colored = async (flags: string[], env: Record<string, string>, isTTY: boolean): Promise<boolean> =>
      (await cli(['files', '--root', '/nowhere', ...flags], { env, isTTY })).stderr.includes(ESC);
    expect(await colored([], {}, true)).toBe(true);
    expect(await colored([], {}, false)).toBe(false);
    expect(await colored([], { NO_COLOR: '1' }, true)).toBe(false);
    expect(await colored([], { NO_COLOR: '' }, true)).toBe(true);
    expect(await colored([], { TERM: 'dumb' }, true)).toBe(false);
    expect(await colored([], { FORCE_COLOR: '1' }, false)).toBe(true);
    expect(await colored([], { FORCE_COLOR: '0' }, true)).toBe(false);
    expect(await colored([], { FORCE_COLOR: '1', NO_COLOR: '1' }, false)).toBe(false);
    expect(await colored(['--color', 'always'], { NO_COLOR: '1' }, false)).toBe(true);
    expect(await colored(['--color=never'], { FORCE_COLOR: '1' }, true)).toBe(false);
    expect(await colored(['--no-color'], {}, true)).toBe(false);
  });
});

describe('init', () => {
  it('writes a small repository once, and never over a file', async () => {
    const root = await folder();
    const first = await cli(['init', 'alerts'], { cwd: root });
    expect(first).toMatchObject({ code: 0, stdout: '' });
    expect(first.stderr).toContain('rulewright -C alerts build');
    expect((await readdir(join(root, 'alerts'))).sort()).toEqual([
      '.gitattributes',
      '.gitignore',
      'groups',
      'rules',
      'rulewright.yaml',
      'schema',
    ]);
    const again = await cliJson(['init', 'alerts'], { cwd: root });
    expect(again.code).toBe(1);
    expect(again.json['conflicts']).toContain('rules/node.yaml');
    expect((await cli(['init', 'alerts'], { cwd: root })).stderr).toContain('rules/node.yaml');
  });

  it('leaves files of git alone and says which lines they need', async () => {
    const root = await folder({ '.gitignore': 'node_modules\n' });
    const ran = await cli(['init'], { cwd: root });
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain('.gitignore: dist/effective/');
    expect(await readFile(join(root, '.gitignore'), 'utf8')).toBe('node_modules\n');
  });

  it('writes settings and folders alone with --empty', async () => {
    const root = await folder();
    const { json } = await cliJson(['init', '--empty'], { cwd: root });
    const created = (json['created'] as string[]).filter((path) => !path.startsWith('schema/'));
    expect(created).toEqual([
      '.gitattributes',
      '.gitignore',
      'groups/targets/.gitkeep',
      'rules/.gitkeep',
      'rulewright.yaml',
    ]);
    expect(json['git']).toBe('no-git');
    expect((await cli(['build'], { cwd: root })).stderr).toContain('rulewright adopt');
  });

  it('makes a git repository where it lies in none, and says so', async () => {
    const root = await folder();
    const env = { PATH: process.env['PATH'], HOME: root, GIT_CONFIG_NOSYSTEM: '1' };
    const first = await cli(['init', 'alerts'], { cwd: root, env });
    expect(first.stderr).toContain('+ alerts/.git/  alerts is a git repository now; nothing is committed yet');
    expect((await readFile(join(root, 'alerts/.git/HEAD'), 'utf8')).trim()).toBe('ref: refs/heads/main');
    const inside = await cliJson(['init', '--empty', 'alerts/more'], { cwd: root, env });
    expect(inside.json).toMatchObject({ git: 'inside' });
    expect(await readdir(join(root, 'alerts/more'))).not.toContain('.git');
  });

  it('names the schema of each file, which is there', async () => {
    const root = await folder();
    await cli(['init'], { cwd: root });
    for (const path of ['rulewright.yaml', 'rules/node.yaml', 'groups/production.yaml']) {
      const text = await readFile(join(root, path), 'utf8');
      const schema = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text)?.[1] as string;
      expect(JSON.parse(await readFile(join(root, path, '..', schema), 'utf8'))).toHaveProperty('$schema');
    }
  });

  it('tells what is in the way', async () => {
    const root = await folder({ alerts: 'a file' });
    expect(await cli(['init', 'alerts'], { cwd: root })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('a file is in the way'),
    });
  });
});

describe('schema', () => {
  it('writes, checks, and writes again what differs', async () => {
    const root = await folder();
    expect((await cli(['schema', '--check'], { cwd: root })).code).toBe(1);
    expect((await cli(['schema'], { cwd: root })).stderr).toContain('4 schemas');
    expect((await cli(['schema', '--check'], { cwd: root })).code).toBe(0);
    await writeFile(join(root, 'schema/group.schema.json'), '{}');
    expect((await cliJson(['schema', '--check'], { cwd: root })).json).toMatchObject({
      ok: false,
      stale: ['group.schema.json'],
    });
    expect((await cli(['schema'], { cwd: root })).stderr).toContain('1 schema ');
    expect((await cli(['schema', '--out', 'other', '-q'], { cwd: root })).stderr).toBe('');
    expect(await readdir(join(root, 'other'))).toHaveLength(4);
  });
});

describe('files', () => {
  const HEADER = '# Compiled by rulewright: do not edit.\n';
  const one = `${HEADER}groups:\n  - name: a\n    rules:\n      - alert: A\n        expr: up\n`;

  it('lists what is there, from dist/ alone', async () => {
    const root = await folder({
      'dist/rules/group-a.yml': one,
      'dist/rules/static-b.yml': HEADER,
      'dist/rules/mine.yml': 'x',
    });
    const { json, code, stderr } = await cliJson(['files'], { cwd: root });
    expect(code).toBe(0);
    expect(json).toMatchObject({
      files: [
        { group_id: 'a', file_name: 'group-a.yml', rule_count: 1, size_bytes: one.length },
        { group_id: 'static-b', file_name: 'static-b.yml', rule_count: 0 },
      ],
      total: 2,
    });
    expect(JSON.stringify(json)).toMatch(/"modified_at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/);
    expect(stderr).toContain('rules/group-a.yml is not in the manifest');
    const text = await cli(['files', '--quiet'], { cwd: root });
    expect(text.stdout).toMatch(/^FILE +GROUP +RULES +BYTES +MODIFIED\ngroup-a\.yml/);
    expect(text.stderr).toBe('');
  });

  it('says so where there is nothing, or what the manifest tells is gone or changed', async () => {
    const root = await folder();
    expect(await cli(['files'], { cwd: root })).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('rulewright build'),
    });
    expect((await cliJson(['files'], { cwd: root })).json).toEqual({ files: [], total: 0 });
    await mkdir(join(root, 'dist/rules'), { recursive: true });
    const row = (file: string): object => ({
      file: `rules/${file}`,
      group_id: 'a',
      rule_count: 1,
      size_bytes: 1,
      sha256: 'x',
    });
    await writeFile(
      join(root, 'dist/manifest.json'),
      JSON.stringify({ files: [row('group-a.yml'), row('group-gone.yml')] }),
    );
    await writeFile(join(root, 'dist/rules/group-a.yml'), one);
    const { stderr } = await cli(['files'], { cwd: root });
    expect(stderr).toContain('group-a.yml was changed since it was compiled');
    expect(stderr).toContain('group-gone.yml is in the manifest, but missing');
  });
});
