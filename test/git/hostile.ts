/** Repositories that a pull request made to mislead git, or to make it start a program. */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const env = { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' };
const WHO = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' };

export const git = (cwd: string, ...args: readonly string[]): string =>
  execFileSync('git', args, { cwd, env: { ...env, ...WHO }, encoding: 'utf8', stdio: 'pipe' }).trim();

export function commit(cwd: string, message = 'x'): string {
  git(cwd, 'add', '--all');
  git(cwd, 'commit', '--quiet', '--no-verify', '--allow-empty', '--message', message);
  return git(cwd, 'rev-parse', 'HEAD');
}

export function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/** The repository of rules, in a folder of its repository, with this number. */
export const rules = (threshold: number): Record<string, string> => ({
  'rules/cpu.yaml': `rules:
  - alert: Cpu
    params: { threshold: ${threshold} }
    expr: cpu > << threshold >>
    labels: { severity: warning }
`,
  'groups/targets/all.yml': '- { targets: ["a:1"], labels: { env: prod } }\n',
});

/** Below `home`: `ws`, checked out at a pull request that says 55 where main says 90; `evil`, a forged history that says 40. */
export interface Scene {
  readonly home: string;
  /** The top of the work tree. */
  readonly ws: string;
  /** The rules repository, a folder of it. */
  readonly alerts: string;
  readonly base: string;
}

/** Makes the scene once; it is copied for each repository. */
export function makeScene(home: string): Scene {
  const [ws, evil] = [join(home, 'ws'), join(home, 'evil')];
  const alerts = join(ws, 'alerts');
  mkdirSync(ws, { recursive: true });
  git(ws, 'init', '--quiet', '--initial-branch=main');
  write(alerts, rules(90));
  const base = commit(ws);
  git(ws, 'checkout', '--quiet', '-b', 'pr');
  mkdirSync(evil);
  git(evil, 'init', '--quiet', '--initial-branch=main');
  write(evil, rules(40));
  commit(evil);
  return { home, ws, alerts, base };
}

export function copyScene({ home, base }: Scene, to: string): Scene {
  cpSync(home, to, { recursive: true });
  const ws = join(to, 'ws');
  return { home: to, ws, alerts: join(ws, 'alerts'), base };
}

/** Where a program that was started leaves its name. */
const canaryOf = ({ home }: Scene): string => join(home, 'canary');

export function started(scene: Scene): string {
  const canary = canaryOf(scene);
  return existsSync(canary) ? readFileSync(canary, 'utf8') : '';
}

const HOOKS = [
  'post-checkout',
  'reference-transaction',
  'post-index-change',
  'pre-push',
  'pre-auto-gc',
  'fsmonitor-watchman',
];

/** Every setting that names a program, each under a name of its own, and a remote from which missing objects are fetched. */
export function settings(scene: Scene, remote: Readonly<Record<string, string>>, bare: boolean): string {
  const script = join(scene.alerts, 'x.sh');
  const run = (name: string): string => `"${script} ${name}"`;
  // These are no commands of a shell, but the path of a program.
  const alone = `"${script}"`;
  const section = (name: string, keys: Readonly<Record<string, string>>): string =>
    `[${name}]\n${Object.entries(keys)
      .map(([key, value]) => `\t${key} = ${value}\n`)
      .join('')}`;
  return [
    section('core', {
      repositoryformatversion: '1',
      bare: String(bare),
      fsmonitor: run('core.fsmonitor'),
      sshCommand: run('core.sshCommand'),
      gitProxy: alone,
      askPass: alone,
      editor: run('core.editor'),
      pager: run('core.pager'),
      hooksPath: join(scene.alerts, 'hooks'),
      alternateRefsCommand: run('core.alternateRefsCommand'),
      attributesFile: join(scene.alerts, '.gitattributes'),
    }),
    section('extensions', { partialClone: 'origin' }),
    section('remote "origin"', { promisor: 'true', receivepack: run('receivepack'), ...remote }),
    section('protocol', { allow: 'always' }),
    ...['ext', 'file', 'ssh', 'git'].map((name) => section(`protocol "${name}"`, { allow: 'always' })),
    section('credential', { helper: run('credential.helper') }),
    section('diff', { external: run('diff.external') }),
    section('diff "evil"', { textconv: run('textconv'), command: run('diff.command') }),
    section('filter "evil"', { smudge: run('smudge'), clean: run('clean'), process: run('process'), required: 'true' }),
    section('merge "evil"', { driver: run('merge.driver') }),
    section('log', { showSignature: 'true' }),
    section('gpg', { program: alone }),
    section('gpg "ssh"', { program: alone }),
    section('uploadpack', { packObjectsHook: run('packObjectsHook') }),
    section('trailer "evil"', { command: run('trailer'), key: 'Evil' }),
    section('submodule "evil"', { update: `"!${script} submodule"`, url: './evil', active: 'true' }),
    ...['rev-parse', 'cat-file', 'ls-tree', 'merge-base'].map((name) =>
      section('alias', { [name]: `"!${script} alias.${name}"` }),
    ),
    ...['rev-parse', 'cat-file', 'ls-tree', 'log'].map((name) => section('pager', { [name]: run(`pager.${name}`) })),
  ].join('');
}

/** Ways to a remote, each of which starts a program of the repository's. */
export const REMOTES = {
  uploadpack: (script: string) => ({ url: '.', uploadpack: `"${script} uploadpack"` }),
  ext: (script: string) => ({ url: `"ext::${script} ext"` }),
  ssh: () => ({ url: 'ssh://example.invalid/r' }),
  git: () => ({ url: 'git://example.invalid/r' }),
} as const;

/** The script, the hooks and the attributes, as plain tracked files. */
export function arm(scene: Scene): void {
  const { alerts } = scene;
  const trap = `#!/bin/sh\necho "$@" "$0" >> '${canaryOf(scene)}'\nexit 1\n`;
  const hooks = Object.fromEntries(HOOKS.map((name) => [`hooks/${name}`, trap]));
  write(alerts, {
    'x.sh': trap,
    ...hooks,
    '.gitattributes': '* filter=evil diff=evil merge=evil\n',
    '.gitmodules': '[submodule "evil"]\n\tpath = evil\n\turl = ./evil\n\tupdate = !./x.sh submodule\n',
  });
  for (const name of ['x.sh', ...Object.keys(hooks)]) chmodSync(join(alerts, name), 0o755);
}

export type Remote = keyof typeof REMOTES;

/** A repository whose history is forged, or whose newest commit must be fetched from a remote. */
export function embed(scene: Scene, at: string, remote: Remote | 'forged', bare = true): void {
  mkdirSync(at, { recursive: true });
  cpSync(join(scene.home, 'evil/.git'), at, { recursive: true });
  for (const name of ['index', 'logs', 'hooks', 'info', 'description', 'COMMIT_EDITMSG']) {
    rmSync(join(at, name), { recursive: true, force: true });
  }
  mkdirSync(join(at, 'refs/tags'), { recursive: true });
  writeFileSync(join(at, 'refs/tags/keep'), readFileSync(join(at, 'refs/heads/main')));
  const script = join(scene.alerts, 'x.sh');
  writeFileSync(
    join(at, 'config'),
    settings(scene, REMOTES[remote === 'forged' ? 'uploadpack' : remote](script), bare),
  );
  if (remote !== 'forged') writeFileSync(join(at, 'refs/heads/main'), `${'1'.repeat(40)}\n`);
}

/** What lies in the work tree, or what was done to its own repository. `tracked`: a pull request can hold it. */
export interface Hostile {
  readonly name: string;
  readonly tracked: boolean;
  make(scene: Scene): void;
}

const remotes = Object.keys(REMOTES) as Remote[];

export const HOSTILE: readonly Hostile[] = [
  ...([...remotes, 'forged'] as const).map((remote) => ({
    name: `a bare repository of plain files, ${remote}`,
    tracked: true,
    make: (scene: Scene) => embed(scene, scene.alerts, remote),
  })),
  {
    name: 'a bare repository above the rules',
    tracked: true,
    make: (scene) => embed(scene, scene.ws, 'uploadpack'),
  },
  {
    name: 'a bare repository that borrows from the real one',
    tracked: true,
    make: (scene) => {
      embed(scene, scene.alerts, 'uploadpack');
      write(scene.alerts, { 'objects/info/alternates': `${scene.ws}/.git/objects\n` });
      write(scene.alerts, { 'objects/info/http-alternates': 'http://example.invalid/\n' });
    },
  },
  ...(['uploadpack', 'forged'] as const).flatMap((remote) => [
    {
      name: `a .git beside the rules, ${remote}`,
      tracked: false,
      make: (scene: Scene) => embed(scene, join(scene.alerts, '.git'), remote, false),
    },
    ...[
      { where: 'a folder of them', target: 'evil.git' },
      { where: 'a folder beside them', target: '../sibling/evil.git' },
    ].map(({ where, target }) => ({
      name: `a .git file that leads to ${where}, ${remote}`,
      tracked: false,
      make: (scene: Scene) => {
        embed(scene, join(scene.alerts, target), remote, false);
        write(scene.alerts, { '.git': `gitdir: ${target}\n` });
      },
    })),
  ]),
  {
    name: 'a .git file that leads nowhere',
    tracked: false,
    make: ({ alerts }) => write(alerts, { '.git': 'gitdir: /nonexistent\n' }),
  },
  { name: 'a .git file of nonsense', tracked: false, make: ({ alerts }) => write(alerts, { '.git': '\0\0\n' }) },
  { name: 'an empty .git', tracked: false, make: ({ alerts }) => mkdirSync(join(alerts, '.git')) },
  ...remotes.map((remote) => ({
    name: `settings of its own repository, ${remote}`,
    tracked: false,
    make: (scene: Scene) => {
      const script = join(scene.alerts, 'x.sh');
      writeFileSync(join(scene.ws, '.git/config'), settings(scene, REMOTES[remote](script), false));
    },
  })),
  {
    name: 'replaced objects',
    tracked: false,
    make: (scene) => {
      const forged = forgedIn(scene);
      for (const name of [scene.base, git(scene.ws, 'rev-parse', 'HEAD')])
        git(scene.ws, 'replace', '--force', name, forged);
    },
  },
  {
    name: 'grafts',
    tracked: false,
    make: (scene) => {
      const head = git(scene.ws, 'rev-parse', 'HEAD');
      write(scene.ws, { '.git/info/grafts': `${head} ${forgedIn(scene)}\n${scene.base}\n` });
    },
  },
];

/** A commit of the forged history, in the repository's own objects. */
function forgedIn({ home, ws }: Scene): string {
  write(join(home, 'evil/alerts'), rules(40));
  const forged = commit(join(home, 'evil'));
  git(ws, 'fetch', '--quiet', join(home, 'evil'), '+main:refs/forged');
  return forged;
}
