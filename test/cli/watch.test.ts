import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { projectRoot } from '../support/paths.ts';
import { folder, put, REPOSITORY } from './support.ts';

/** The program as it is published, compiled to a folder of its own. */
let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'rw-watch-'));
  const made = spawnSync(process.execPath, [join(projectRoot, 'scripts/compile.mjs'), join(home, 'build')]);
  expect(String(made.stderr)).toBe('');
  await cp(join(projectRoot, 'package.json'), join(home, 'package.json'));
  await symlink(join(projectRoot, 'node_modules'), join(home, 'node_modules'));
}, 120_000);
afterAll(() => rm(home, { recursive: true, force: true }));

/** Starts to watch; `until` waits for words behind those that were waited for before. */
async function watching(root: string): Promise<{ child: ChildProcess; until: (words: RegExp) => Promise<string> }> {
  const env = { PATH: '', RULEWRIGHT_CACHE: join(home, 'cache') };
  const child = spawn(process.execPath, [join(home, 'build/cli.js'), 'watch'], { cwd: root, env });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (data) => {
    said += String(data);
  });
  const until = async (words: RegExp): Promise<string> => {
    for (let waited = 0; waited < 60_000; waited += 50) {
      const found = words.exec(said);
      if (found) {
        const before = said.slice(0, found.index + found[0].length);
        said = said.slice(before.length);
        return before;
      }
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`never said ${words}, but: ${said}`);
  };
  await until(/Ctrl-C ends it/);
  return { child, until };
}

const production = (cpu: string): string => `match: { env: prod }\nthresholds: { Cpu: ${cpu} }\n`;

it('builds again after each change, whatever happens in between, and ends when asked to', {
  timeout: 180_000,
}, async () => {
  const root = await folder(REPOSITORY);
  const { child, until } = await watching(root);
  const compiled = (): Promise<string> => readFile(join(root, 'dist/rules/group-production.yml'), 'utf8');
  expect(await compiled()).toContain('> 90');

  await put(root, { 'groups/production.yaml': production('91') });
  const told = await until(/1 target in production: a:1/);
  expect(told).toContain('groups/production.yaml changed');
  expect(told).toContain('threshold 90 → 91');
  expect(await compiled()).toContain('> 91');

  // An error is told, what was compiled stays, and that it is mended is told too.
  await put(root, { 'groups/production.yaml': production('much') });
  await until(/Nothing was written/);
  expect(await compiled()).toContain('> 91');
  await put(root, { 'groups/production.yaml': production('92') });
  await until(/Mended: the sources compile again[\s\S]*threshold 91 → 92/);

  // What a build can't read is seen to go, though nobody edits anything.
  spawnSync('mkfifo', [join(root, 'rules/pipe.yaml')]);
  await until(/rules\/pipe\.yaml is not a regular file[\s\S]*Nothing was written/);
  await rm(join(root, 'rules/pipe.yaml'));
  await until(/Mended: the sources compile again/);

  // As editors save: a new file is renamed over the old one.
  await writeFile(join(root, 'groups/.production.yaml.swp'), production('93'));
  await rename(join(root, 'groups/.production.yaml.swp'), join(root, 'groups/production.yaml'));
  await until(/threshold 92 → 93/);

  // As git switches branches: folders go, come back otherwise, and files in them are seen.
  await rename(join(root, 'groups'), join(root, 'aside'));
  await until(/group-production\.yml +removed/);
  await rename(join(root, 'aside'), join(root, 'groups'));
  await until(/\+ dist\/rules\/group-production\.yml/);
  await put(root, { 'groups/production.yaml': production('94') });
  await until(/threshold 93 → 94/);
  await put(root, { 'rules/new/deep.yaml': 'rules:\n  - alert: Deep\n    expr: up == 0\n' });
  await until(/rules\/new\/deep\.yaml changed/);
  await until(/Deep/);
  await put(root, { 'rules/new/deep.yaml': '# nothing but a remark\nrules:\n  - alert: Deep\n    expr: up == 0\n' });
  await until(/The change has no consequences/);

  const ended = new Promise((done) => child.on('exit', done));
  child.kill('SIGINT');
  await until(/No longer watching/);
  expect(await ended).toBe(0);
});
