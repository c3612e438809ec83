/** There is one place that starts git, and what it hands to it. */
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli } from '../cli/support.ts';
import { temporaryFolder } from '../support/paths.ts';
import { codeOnly, importsOf, tsFiles } from '../support/source-files.ts';
import { copyScene, env, makeScene, rules, write } from './hostile.ts';

/** Every file that starts a program, and which. Whoever adds one says here why it can't be chosen by a pull request. */
const STARTERS: Readonly<Record<string, string>> = {
  'src/io/git/door.ts': 'git, for all',
  'src/io/promtool/promtool.ts': 'promtool, which is never taken from the repository, and tar',
  'src/io/deploy/disk.ts': 'sync, on the machine that is deployed to',
};

test('one file starts git, and few start anything', () => {
  const files = [...tsFiles('src'), ...tsFiles('scripts')];
  const starters = files.filter(({ text }) =>
    importsOf(text).some((name) => /^(?:node:)?(?:child_process|cluster)$/.test(name)),
  );
  expect(starters.map(({ path }) => path).sort()).toEqual(Object.keys(STARTERS).sort());
  const naming = files.filter(({ text }) => /\b(?:spawn|exec)\w*\(\s*['"`](?:\S*\/)?git\b/.test(text));
  expect(naming.map(({ path }) => path)).toEqual([]);
  const looking = files.filter(({ text }) => /findProgram\(\s*'git'/.test(text));
  expect(looking.map(({ path }) => path)).toEqual(['src/io/git/repository.ts']);
  const through = files.filter(({ text }) => /\bstartGit\(/.test(codeOnly(text))).map(({ path }) => path);
  expect(through.sort()).toEqual(['src/io/git/blobs.ts', 'src/io/git/door.ts', 'src/io/git/run.ts']);
});

test('each call names its repository, and hands on nothing that leads elsewhere', async () => {
  const scene = copyScene(makeScene(join(temporaryFolder(), 'first')), join(temporaryFolder(), 'scene'));
  write(scene.alerts, rules(55));
  const bin = temporaryFolder();
  const log = join(bin, 'log');
  const real = (env.PATH ?? '').split(':').map((folder) => join(folder, 'git'));
  write(bin, {
    git: `#!/bin/sh
{ env -0 | grep -za '^GIT_\\|^PATH=' | tr '\\0' ' '; printf '%s ' "$@"; echo; } >> '${log}'
for git in ${real.join(' ')}; do [ -x "$git" ] && exec "$git" "$@"; done
`,
  });
  chmodSync(join(bin, 'git'), 0o755);
  const misleading = {
    GIT_DIR: '/nowhere',
    GIT_WORK_TREE: '/nowhere',
    GIT_COMMON_DIR: '/nowhere',
    GIT_INDEX_FILE: '/nowhere',
    GIT_OBJECT_DIRECTORY: '/nowhere',
    GIT_ALTERNATE_OBJECT_DIRECTORIES: '/nowhere',
    GIT_EXEC_PATH: '/nowhere',
    GIT_SSH: '/nowhere',
    GIT_SSH_COMMAND: '/nowhere',
    GIT_PROXY_COMMAND: '/nowhere',
    GIT_ASKPASS: '/nowhere',
    GIT_PAGER: '/nowhere',
    GIT_EDITOR: '/nowhere',
    GIT_EXTERNAL_DIFF: '/nowhere',
    GIT_CONFIG_PARAMETERS: "'core.fsmonitor=/nowhere'",
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'core.fsmonitor',
    GIT_CONFIG_VALUE_0: '/nowhere',
    GIT_ALLOW_PROTOCOL: 'ext:file',
    GIT_NAMESPACE: 'nowhere',
    GIT_SHALLOW_FILE: '/nowhere',
    GIT_REPLACE_REF_BASE: 'refs/nowhere/',
    GIT_TRACE: '/nowhere',
  };
  const PATH = `:.:node_modules/.bin:${bin}:${env.PATH}`;
  const ran = await cli(['-C', scene.alerts, 'diff', 'main'], {
    env: { ...env, ...misleading, PATH },
    cwd: scene.alerts,
  });
  expect(ran.stdout, ran.stderr).toContain('90');
  const calls = readFileSync(log, 'utf8').trim().split('\n');
  expect(calls.length).toBeGreaterThan(2);
  const [asked, ...others] = calls;
  // The first asks git whether it takes what lies there for a work tree, and above it nothing is looked for.
  expect(asked).toContain(`GIT_CEILING_DIRECTORIES=${scene.home}`);
  for (const call of others) {
    expect(call).toContain(` --git-dir=${scene.ws}/.git --work-tree=${scene.ws} `);
  }
  for (const call of calls) {
    expect(call).not.toContain('nowhere');
    for (const said of [
      'GIT_NO_LAZY_FETCH=1',
      'GIT_ALLOW_PROTOCOL=none',
      'safe.bareRepository=explicit',
      'protocol.allow=never',
    ]) {
      expect(call).toContain(said);
    }
    expect(call).toContain(` PATH=${bin}:`);
  }
});
