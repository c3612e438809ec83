import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { spanText } from '../../src/core/ground/source.ts';
import { mapLimited } from '../../src/io/parallel.ts';
import { type Loaded, loadSources } from '../../src/io/sources/load.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'rw-load-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function put(files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

/** Code and place of each problem, sorted. */
function problems(loaded: Loaded): string[] {
  return loaded.problems.map((d) => `${d.code} ${spanText(d.span)}`).sort();
}

const paths = (files: readonly { readonly path: string }[]): string[] => files.map((file) => file.path);

describe('loadSources', () => {
  it('sorts the sources into their kinds, by path', async () => {
    await put({
      'rulewright.yaml': 'version: 1\n',
      'rules/b.yml': 'b',
      'rules/a.yaml': 'a',
      'rules/deep/er/c.yaml': 'c',
      'rules/README.md': 'x',
      'rules/.hidden.yaml': 'x',
      'rules/.git/x.yaml': 'x',
      'groups/p.yaml': 'p',
      'groups/eu/q.yml': 'q',
      'groups/targets/t.json': '[]',
      'groups/targets/more/u.yaml': '[]',
      'groups/targets/notes.txt': 'x',
      'templates/t.yaml': 't',
      'templates/m.njk': 'm',
    });
    const loaded = await loadSources(root);
    expect(loaded.problems).toEqual([]);
    expect(loaded.config?.text).toBe('version: 1\n');
    expect(paths(loaded.rules)).toEqual(['rules/a.yaml', 'rules/b.yml', 'rules/deep/er/c.yaml']);
    expect(paths(loaded.groups)).toEqual(['groups/eu/q.yml', 'groups/p.yaml']);
    expect(paths(loaded.templates)).toEqual(['templates/t.yaml']);
    expect(paths(loaded.macros)).toEqual(['templates/m.njk']);
    expect(loaded.inventory.map((one) => one.file.path)).toEqual([
      'groups/targets/more/u.yaml',
      'groups/targets/t.json',
    ]);
  });

  it('is empty for an empty directory', async () => {
    const loaded = await loadSources(root);
    expect({ ...loaded, settings: undefined }).toEqual({
      settings: undefined,
      rules: [],
      groups: [],
      templates: [],
      macros: [],
      inventory: [],
      problems: [],
    });
  });

  it('finds the inventory where the settings say, with its labels, and keeps it out of the groups', async () => {
    await put({
      'rulewright.yaml': `version: 1
inventory:
  - { files: "groups/inv/*.yaml", labels: { job: node } }
  - { files: "sd/**/*.json", labels: { job: a } }
  - { files: "sd/x.json", labels: { job: b } }
`,
      'groups/g.yaml': 'g',
      'groups/inv/i.yaml': '[]',
      'sd/x.json': '[]',
      'sd/y/z.json': '[]',
    });
    const loaded = await loadSources(root);
    expect(paths(loaded.groups)).toEqual(['groups/g.yaml']);
    expect(loaded.inventory.map((one) => [one.file.path, one.labels])).toEqual([
      ['groups/inv/i.yaml', { job: 'node' }],
      ['sd/x.json', { job: 'a' }],
      ['sd/x.json', { job: 'b' }],
      ['sd/y/z.json', { job: 'a' }],
    ]);
  });

  it('refuses inventory globs that lead outside', async () => {
    for (const glob of ['../x/*.json', '/etc/*.json', 'a/{b,../../c}/*.json', 'a/@(..)/b.json', '..']) {
      await put({
        'rulewright.yaml': `version: 1\ninventory:\n  - { files: ${JSON.stringify(glob)} }\n`,
        'rules/a.yaml': '',
      });
      expect(problems(await loadSources(root)), glob).toEqual(['path-outside-repository rulewright.yaml:3:14']);
    }
    await put({ 'rulewright.yaml': 'version: 1\ninventory:\n  - { files: "a..b/*.json" }\n', 'a..b/x.json': '[]' });
    expect((await loadSources(root)).inventory).toHaveLength(1);
  });

  it('takes off a byte order mark and keeps CRLF', async () => {
    await put({ 'rules/a.yaml': '\ufeffrules:\r\n  - x\r\n' });
    expect((await loadSources(root)).rules[0]?.text).toBe('rules:\r\n  - x\r\n');
  });

  it('points at NUL bytes and at what is not UTF-8', async () => {
    await put({
      'rules/nul.yaml': 'rules:\n  - a\0b\n',
      'rules/latin.yaml': Buffer.concat([
        Buffer.from('\ufeffé: \ufffd 温\nab: '),
        Buffer.from([0xe9]),
        Buffer.from('x\n'),
      ]),
      'rules/same.yaml': Buffer.concat([Buffer.from('é: \ufffd '), Buffer.from([0xff, 0x0a])]),
      'rules/utf16.yaml': Buffer.from('\ufeffrules: []\n', 'utf16le'),
      'rules/cut.yaml': Buffer.from('ab: 温').subarray(0, 6),
    });
    const loaded = await loadSources(root);
    expect(loaded.rules).toEqual([]);
    expect(problems(loaded)).toEqual([
      'control-character rules/cut.yaml:1:5',
      'control-character rules/latin.yaml:2:5',
      'control-character rules/nul.yaml:2:6',
      'control-character rules/same.yaml:1:6',
      'control-character rules/utf16.yaml:1:1',
    ]);
  });

  it('reads no file that is too large', async () => {
    await put({
      'rules/big.yaml': Buffer.alloc(5 * 1024 * 1024, 0x20),
      'groups/targets/t.json': Buffer.alloc(5 * 1024 * 1024, 0x20),
    });
    const loaded = await loadSources(root);
    expect(problems(loaded)).toEqual(['file-too-large rules/big.yaml:1:1']);
    expect(loaded.inventory).toHaveLength(1);
  });

  it('follows links inside of the repository, once, and refuses the others', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'rw-elsewhere-'));
    await writeFile(join(elsewhere, 'x.yaml'), 'secret');
    await put({
      'shared/ok.yaml': 'ok',
      'shared/dir/in.yaml': 'in',
      '.git/config': 'token',
      'rules/real.yaml': 'r',
      'groups/targets/real.json': '[]',
    });
    for (const [to, at] of [
      ['../shared/ok.yaml', 'rules/ok.yaml'],
      ['../shared/dir', 'rules/dir'],
      ['../shared/dir', 'rules/again'],
      ['..', 'rules/up'],
      ['.', 'rules/self'],
      ['../.git/config', 'rules/git.yaml'],
      [join(elsewhere, 'x.yaml'), 'rules/out.yaml'],
      [elsewhere, 'rules/outdir'],
      ['/dev/zero', 'rules/zero.yaml'],
      ['nowhere', 'rules/dangling.yaml'],
      ['nowhere', 'rules/dangling'],
      ['loop.yaml', 'rules/loop.yaml'],
      [join(elsewhere, 'x.yaml'), 'groups/targets/out.yaml'],
    ] as const) {
      await symlink(to, join(root, at));
    }
    const loaded = await loadSources(root);
    await rm(elsewhere, { recursive: true });
    expect(paths(loaded.rules).filter((path) => !/dir|again/.test(path))).toEqual(['rules/ok.yaml', 'rules/real.yaml']);
    expect(paths(loaded.rules).filter((path) => /dir|again/.test(path))).toHaveLength(1);
    const said = problems(loaded);
    const code = (path: string): string | undefined => said.find((line) => line.includes(`${path}:`))?.split(' ')[0];
    for (const path of [
      'rules/out.yaml',
      'rules/outdir',
      'rules/zero.yaml',
      'rules/git.yaml',
      'groups/targets/out.yaml',
    ]) {
      expect(code(path), path).toBe('path-outside-repository');
    }
    for (const path of ['rules/up', 'rules/self', 'rules/dangling.yaml', 'rules/loop.yaml']) {
      expect(code(path), path).toBe('unreadable-file');
    }
    expect(said).toHaveLength(10);
    expect(JSON.stringify(loaded)).not.toMatch(/secret|token/);
  });

  it('refuses a folder of sources that is a link to elsewhere, or a file', async () => {
    await symlink(tmpdir(), join(root, 'rules'));
    await put({ groups: 'x' });
    expect(problems(await loadSources(root))).toEqual([
      'path-outside-repository rules:1:1',
      'unreadable-file groups:1:1',
    ]);
  });

  it('does not hang on pipes, and tells of directories and unreadable files', async (context) => {
    await mkdir(join(root, 'rules/dir.yaml'), { recursive: true });
    await mkdir(join(root, 'groups/targets/dir.json'), { recursive: true });
    execFileSync('mkfifo', [join(root, 'rules/pipe.yaml')]);
    await put({ 'rules/locked.yaml': 'x' });
    await chmod(join(root, 'rules/locked.yaml'), 0);
    const said = problems(await loadSources(root));
    expect(said).toContain('unreadable-file rules/dir.yaml:1:1');
    expect(said).toContain('unreadable-file groups/targets/dir.json:1:1');
    expect(said).toContain('unreadable-file rules/pipe.yaml:1:1');
    if (process.getuid?.() === 0) context.skip('root may read everything');
    expect(said).toContain('unreadable-file rules/locked.yaml:1:1');
  });

  it('tells of paths that differ only in case', async () => {
    await put({ 'rules/a.yaml': '', 'rules/A.yaml': '', 'rules/dir/x.yaml': '', 'rules/DIR/x.yaml': '' });
    expect(problems(await loadSources(root))).toEqual([
      'path-clash rules/a.yaml:1:1',
      'path-clash rules/dir/x.yaml:1:1',
    ]);
  });

  it('takes names with spaces and brackets as they are, and refuses line breaks', async () => {
    await put({ 'rules/a b [1] {2} *\\.yaml': 'x', 'rules/new\nline.yaml': 'y' });
    const loaded = await loadSources(root);
    expect(paths(loaded.rules)).toEqual(['rules/a b [1] {2} *\\.yaml']);
    expect(problems(loaded)).toEqual(['control-character rules/new\nline.yaml:1:1']);
  });
});

describe('mapLimited', () => {
  it('keeps the order and the limit', async () => {
    let running = 0;
    let most = 0;
    const result = await mapLimited([5, 1, 3, 2, 4], 2, async (n) => {
      most = Math.max(most, ++running);
      await new Promise((done) => setTimeout(done, n));
      running--;
      return n * 2;
    });
    expect(result).toEqual([10, 2, 6, 4, 8]);
    expect(most).toBe(2);
  });

  it('throws once nothing is under way any more', async () => {
    let running = 0;
    const work = async (n: number): Promise<void> => {
      running++;
      await new Promise((done) => setTimeout(done, n));
      running--;
      if (n === 1) throw new Error('one');
    };
    await expect(mapLimited([10, 1, 5, 5], 3, work)).rejects.toThrow('one');
    expect(running).toBe(0);
  });
});
