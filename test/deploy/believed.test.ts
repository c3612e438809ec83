import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readHolds } from '../../src/io/deploy/hold.ts';
import { run, runJson, site } from '../e2e/deploy-support.ts';
import { A, deploy, filesOf, look, seen, setUp, writeDist } from './support.ts';

/** A rule path with the releases 1 to 4, of which the last is in force, and commands that are about it. */
async function scene(layout: 'files' | 'bundle' = 'files') {
  const { root, rulePath } = site('http://127.0.0.1:1');
  const ids: string[] = [];
  for (const n of [1, 2, 3, 4]) {
    await deploy(rulePath, writeDist(join(root, 'dist'), { default: n, same: 0 }), layout, 10);
    ids.push((await look(rulePath)).current?.id ?? '');
  }
  const releases = join(rulePath, '.rulewright/releases');
  const folderOf = (n: number): string => {
    const name = readdirSync(releases).find((one) => one.endsWith(ids[n - 1] ?? 'none'));
    return join(releases, name ?? '');
  };
  const list = async () => {
    const { code, stdout } = await run(['-C', root, 'rollback', '--list']);
    return { code, lines: stdout.split('\n') };
  };
  return { root, rulePath, ids, folderOf, list };
}

type Content = Record<string, unknown> & { files: Record<string, unknown>[] };

/** Rewrites what a release says of itself. */
function edit(folder: string, change: (content: Content) => void): void {
  const content = JSON.parse(readFileSync(join(folder, 'content'), 'utf8')) as Content;
  change(content);
  writeFileSync(join(folder, 'content'), JSON.stringify(content));
}

const DAMAGES: readonly (readonly [what: string, damage: (folder: string) => void, said: RegExp])[] = [
  ['empty', (folder) => truncateSync(join(folder, 'content')), /is empty$/m],
  ['cut off', (folder) => truncateSync(join(folder, 'content'), 200), /is cut off, or was changed$/m],
  ['gone', (folder) => rmSync(join(folder, 'content')), /is missing$/m],
  [
    'a folder',
    (folder) => {
      rmSync(join(folder, 'content'));
      mkdirSync(join(folder, 'content'));
    },
    /is missing$/m,
  ],
  [
    'no list',
    (folder) => writeFileSync(join(folder, 'content'), '[]'),
    /is not what this version of rulewright writes$/m,
  ],
  ['of no date', (folder) => edit(folder, (c) => Object.assign(c, { deployedAt: 9e15 })), /cannot be, in deployedAt$/m],
  ['of a negative date', (folder) => edit(folder, (c) => Object.assign(c, { deployedAt: -1 })), /in deployedAt$/m],
  [
    'of half a rule',
    (folder) => edit(folder, (c) => Object.assign(c.files[0] ?? {}, { ruleCount: 0.5 })),
    /ruleCount$/m,
  ],
  [
    'a list with a path',
    (folder) => edit(folder, (c) => Object.assign(c.files[0] ?? {}, { fileName: 'group-../../x.yml' })),
    /in fileName$/m,
  ],
  [
    'another release under the same name',
    (folder) => {
      const text = '# Compiled by rulewright\ngroups: []\n';
      writeFileSync(join(folder, 'group-default.txt'), text);
      const sha256 = createHash('sha256').update(text).digest('hex');
      edit(folder, (c) => Object.assign(c.files[0] ?? {}, { sha256, sizeBytes: text.length }));
    },
    /was changed: what it lists is not release [0-9a-f]{12} but [0-9a-f]{12}$/m,
  ],
];

test.each(DAMAGES)('a kept release whose list is %s is damaged, refused, and stays', async (_, damage, said) => {
  const { root, rulePath, ids, folderOf, list } = await scene();
  const folder = folderOf(3);
  damage(folder);
  const { code, lines } = await list();
  expect(code).toBe(0);
  expect(lines.find((line) => line.startsWith('1 '))).toMatch(new RegExp(`^1 +${ids[2]} +damaged`));
  expect(lines.find((line) => line.startsWith('2 '))).toMatch(new RegExp(`^2 +${ids[1]} +2.*Z +`));
  const { json } = await runJson(['-C', root, 'rollback', '--list']);
  expect(json.servers[0]).toMatchObject({
    kept: [{ n: 1, release: ids[2], damaged: true, rules_count: null }, { n: 2, damaged: false, rules_count: 2 }, {}],
  });
  const refused = await run(['-C', root, 'rollback', '--offline', '--no-promtool']);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain(`The kept release ${ids[2]} is damaged:`);
  expect(refused.stderr).toMatch(said);
  expect(refused.stderr).toMatch(new RegExp(`whole is ${ids[1]}: \`rulewright -C \\S+ rollback 2\` goes back to that`));
  expect((await look(rulePath)).current?.id).toBe(ids[3]);
  expect(readdirSync(folder)).toContain('group-default.txt');
  const next = await run(['-C', root, 'rollback', '2', '--offline', '--no-promtool']);
  expect(next.code, next.stderr).toBe(0);
  expect((await look(rulePath)).current?.id).toBe(ids[1]);
  expect(readdirSync(folder)).toContain('group-default.txt');
});

test.each(['files', 'bundle'] as const)(
  'a kept release of layout %s whose list says another size is damaged',
  async (layout) => {
    const { root, rulePath, ids, folderOf, list } = await scene(layout);
    edit(folderOf(3), (c) => {
      const [of] = layout === 'bundle' ? [c['bundle'] as Record<string, unknown>] : c.files;
      Object.assign(of ?? {}, { sizeBytes: 1 });
    });
    expect((await list()).lines.filter((line) => line.includes('damaged'))).toEqual([
      expect.stringMatching(new RegExp(`^1 +${ids[2]} .*damaged`)),
    ]);
    const refused = await run(['-C', root, 'rollback', '--offline', '--no-promtool']);
    expect([refused.code, (await look(rulePath)).current?.id]).toEqual([2, ids[3]]);
    expect(refused.stderr).toMatch(/has \d+ bytes, and the list of its files, \S+content, says 1$/m);
  },
);

test('a release in force that can’t be believed is told of, put in place anew, and held back by a rollback', async () => {
  const { root, rulePath, ids, folderOf, list } = await scene();
  truncateSync(join(folderOf(4), 'content'));
  expect((await list()).lines[1]).toMatch(new RegExp(`^now +${ids[3]} +damaged`));
  const dry = await run(['-C', root, 'deploy', '--dry-run', '--offline', '--no-promtool']);
  expect(dry.stderr).toContain(`release ${ids[3]}, which was in force, can't be believed any more`);
  const back = await run(['-C', root, 'rollback', '--offline', '--no-promtool']);
  expect(back.code, back.stderr).toBe(0);
  expect((await look(rulePath)).current?.id).toBe(ids[2]);
  // A timer's deploy of what was left must not undo that.
  expect((await readHolds(rulePath)) as object).toMatchObject([{ release: ids[3] }]);
  expect((await run(['-C', root, 'deploy', '--offline', '--no-promtool'])).code).toBe(1);
  expect((await run(['-C', root, 'deploy', '--again', '--offline', '--no-promtool'])).code).toBe(0);
  expect(await look(rulePath)).toMatchObject({ current: { id: ids[3] }, damaged: [] });
});

test('what is of another kind than ours in the store is in nobody’s way', async () => {
  for (const name of ['journal', 'undo', 'held', 'README', 'objects', 'releases', 'work', 'spare', 'current']) {
    for (const kind of ['folder', 'file', 'link']) {
      const { rulePath, a, b } = setUp();
      await deploy(rulePath, b);
      const path = join(rulePath, '.rulewright', name);
      rmSync(path, { recursive: true, force: true });
      if (kind === 'folder') mkdirSync(join(path, 'in it'), { recursive: true });
      else if (kind === 'file') writeFileSync(path, 'nonsense\n');
      else symlinkSync('/dev/zero', path);
      expect(await readHolds(rulePath), `${name} as a ${kind}`).toEqual([]);
      await deploy(rulePath, a);
      expect(seen(rulePath)).toEqual(filesOf(A));
      expect(await look(rulePath)).toMatchObject({ damaged: [], unfinished: undefined, confirmed: true });
      expect(readdirSync(join(rulePath, '.rulewright'))).not.toContain('work');
    }
  }
});
