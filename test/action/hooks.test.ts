import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { arm, embed, makeScene, started } from '../git/hostile.ts';
import { projectRoot } from '../support/paths.ts';
import { checkout } from './repository.ts';
import { bundle } from './runner.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'rw-action-'));
  bundle(home);
  cpSync(join(projectRoot, 'hooks'), join(home, 'hooks'), { recursive: true });
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

it('are in the package that npm makes, and run there what lies beside them', () => {
  const said = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: projectRoot,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // A list in older npms, a document by names in newer ones.
  const [packed] = Object.values(JSON.parse(said) as Record<string, { files: { path: string }[] }>);
  const files = packed?.files.map(({ path }) => path);
  expect(files).toEqual(expect.arrayContaining(['hooks/pre-commit', 'hooks/rulewright', 'CHANGELOG.md']));

  const installed = mkdtempSync(join(tmpdir(), 'rw-npm-'));
  try {
    cpSync(join(projectRoot, 'hooks'), join(installed, 'hooks'), { recursive: true });
    mkdirSync(join(installed, 'build'));
    writeFileSync(join(installed, 'build/cli.js'), 'console.log(process.argv.slice(2).join())');
    expect(execFileSync(join(installed, 'hooks/rulewright'), ['check', '-C'], { encoding: 'utf8' })).toBe('check,-C\n');
  } finally {
    rmSync(installed, { recursive: true, force: true });
  }
});

describe('hooks', { timeout: 180_000 }, () => {
  it('ask the repository that is committed to, not one that lies among its files', async () => {
    const scene = makeScene(join(home, 'scene'));
    const { ws, alerts } = scene;
    // Not Git's own words for the commits: those of the scene switch hooks off.
    const gitHere = (...args: readonly string[]): string =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
        cwd: ws,
        encoding: 'utf8',
        stdio: 'pipe',
      });
    gitHere('config', 'rulewright.command', join(home, 'hooks/rulewright'));
    gitHere('config', 'rulewright.root', 'alerts');
    cpSync(join(home, 'hooks/pre-commit'), join(ws, '.git/hooks/pre-commit'));
    arm(scene);
    embed(scene, alerts, 'uploadpack', false);
    writeFileSync(join(alerts, 'config'), `${readFileSync(join(alerts, 'config'), 'utf8')}[core]\n\tworktree = .\n`);
    writeFileSync(join(alerts, 'groups/default.yaml'), 'thresholds: { Cup: 40 }\n');
    gitHere('add', '--all');
    expect(() => gitHere('commit', '--quiet', '-m', 'Wrong')).toThrow(/Cup[\s\S]*Nothing was committed/);
    expect(started(scene)).toBe('');
  });

  it('are the command line in one file', () => {
    const version = (JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string })
      .version;
    expect(execFileSync(join(home, 'hooks/rulewright'), ['--version'], { encoding: 'utf8' })).toBe(`${version}\n`);
    const unknown = spawnSync(join(home, 'hooks/rulewright'), ['chekc'], { encoding: 'utf8' });
    expect([unknown.status, unknown.stderr]).toEqual([2, expect.stringContaining('rulewright check')]);
    const hooks = parse(readFileSync(join(projectRoot, '.pre-commit-hooks.yaml'), 'utf8')) as { entry: string }[];
    for (const { entry } of hooks)
      expect(existsSync(join(projectRoot, entry.split(' ')[0] as string)), entry).toBe(true);
  });

  it('check what is staged before it is committed, and nothing else', async () => {
    const here = await checkout();
    here.git('config', 'rulewright.command', join(home, 'hooks/rulewright'));
    cpSync(join(home, 'hooks/pre-commit'), join(here.workspace, '.git/hooks/pre-commit'));
    const group = (cpu: number): void =>
      writeFileSync(
        join(here.workspace, 'groups/production.yaml'),
        `match: { env: prod }\nthresholds: { Cpu: ${cpu} }\n`,
      );

    group(95);
    here.git('add', '--all');
    expect(() => here.git('commit', '--quiet', '-m', 'Stale')).toThrow(
      /group-production\.yml[\s\S]*Nothing was committed/,
    );
    here.git('config', 'rulewright.dist', 'published');
    here.git('commit', '--quiet', '-m', 'Sources alone');
    here.git('config', '--unset', 'rulewright.dist');

    await here.build();
    here.git('add', '--all');
    // What isn't staged doesn't count.
    writeFileSync(join(here.workspace, 'groups/production.yaml'), 'broken: [');
    here.git('commit', '--quiet', '-m', 'Compiled');
    here.git('checkout', '--quiet', '--', '.');

    // Neither do files that rulewright doesn't read, as long as they alone are staged.
    writeFileSync(join(here.workspace, 'README.md'), 'x');
    here.git('add', '--all');
    here.git('config', 'rulewright.command', 'no-such-program');
    here.git('commit', '--quiet', '-m', 'Words');
  });
});
