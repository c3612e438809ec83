import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { cli, REPOSITORY, RULE } from '../cli/support.ts';
import { temporaryFolder } from '../support/paths.ts';

/** A rules repository with a remote on disk, as a job's checkout has it. */
export interface Checkout {
  readonly workspace: string;
  /** A bare repository. */
  readonly remote: string;
  git(...args: readonly string[]): string;
  /** Writes files (undefined: deletes them), and commits; gives the commit. */
  commit(files: Readonly<Record<string, string | undefined>>, message?: string): string;
  /** Compiles `dist/` into the work tree. */
  build(): Promise<void>;
  /** A branch's commit at the remote; undefined: there is none. */
  remoteSha(branch: string): string | undefined;
}

/** Repositories of the tests belong to nobody, and read no settings of whoever runs them. */
const GIT_ENV = {
  PATH: process.env['PATH'] ?? '',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Kim',
  GIT_AUTHOR_EMAIL: 'kim@example.com',
  GIT_COMMITTER_NAME: 'Kim',
  GIT_COMMITTER_EMAIL: 'kim@example.com',
};

export function git(cwd: string, ...args: readonly string[]): string {
  return execFileSync('git', ['-c', 'init.defaultBranch=main', ...args], {
    cwd,
    env: GIT_ENV,
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim();
}

/** A repository of two servers: what `groups/seoul.yaml` says, the first of them never hears of. */
export const TWO_SERVERS = {
  'rulewright.yaml': `version: 1
prometheus:
  validate_rules: false
  servers:
    - { name: busan, url: "http://busan:9090", rule_path: /rules/busan, labels: { site: busan } }
    - { name: seoul, url: "http://seoul:9090", rule_path: /rules/seoul, labels: { site: seoul } }
`,
  'rules/cpu.yaml': RULE('Cpu'),
  'groups/seoul.yaml': 'match: { site: seoul }\nthresholds: { Cpu: 90 }\n',
  'groups/targets/t.json': '[{"targets":["a:1"],"labels":{"env":"prod"}}]',
};

/** A new checkout of `main`, with `dist/` up to date and pushed. Only inside of a test. */
export async function checkout(files: Readonly<Record<string, string>> = REPOSITORY): Promise<Checkout> {
  const home = temporaryFolder();
  const remote = join(home, 'remote.git');
  const workspace = join(home, 'work');
  git(home, 'init', '--quiet', '--bare', remote);
  git(home, 'init', '--quiet', workspace);
  git(workspace, 'remote', 'add', 'origin', remote);
  const here: Checkout = {
    workspace,
    remote,
    git: (...args) => git(workspace, ...args),
    commit: (changed, message = 'A change') => {
      for (const [path, text] of Object.entries(changed)) {
        if (text === undefined) rmSync(join(workspace, path));
        else {
          mkdirSync(dirname(join(workspace, path)), { recursive: true });
          writeFileSync(join(workspace, path), text);
        }
      }
      git(workspace, 'add', '--all');
      git(workspace, 'commit', '--quiet', '--allow-empty', '-m', message);
      return git(workspace, 'rev-parse', 'HEAD');
    },
    build: async () => {
      const built = await cli(['build', '--root', workspace]);
      expect(built.stderr, built.stderr).not.toContain('error');
    },
    remoteSha: (branch) => git(remote, 'for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`) || undefined,
  };
  here.commit({ '.gitignore': 'dist/effective/\n', ...files }, 'Sources');
  await here.build();
  here.commit({}, 'Compiled');
  here.git('push', '--quiet', 'origin', 'main');
  return here;
}

/** What a pull request of number 7 looks like to its job: a merge commit is checked out. Gives the event and the commits. */
export function pullRequest(
  here: Checkout,
  files: Readonly<Record<string, string | undefined>>,
  from = 'o/r',
): { readonly event: object; readonly head: string; readonly merge: string; readonly base: string } {
  const base = here.git('rev-parse', 'HEAD');
  here.git('checkout', '--quiet', '-b', 'topic');
  const head = here.commit(files);
  here.git('checkout', '--quiet', '--detach', base);
  here.git('merge', '--quiet', '--no-ff', '-m', 'Merge', head);
  const merge = here.git('rev-parse', 'HEAD');
  here.git('push', '--quiet', 'origin', `+${merge}:refs/pull/7/merge`, `+${head}:refs/pull/7/head`);
  const event = {
    pull_request: {
      number: 7,
      base: { sha: base, ref: 'main' },
      head: { sha: head, ref: 'topic', repo: { full_name: from } },
    },
  };
  return { event, head, merge, base };
}
