import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { REPOSITORY } from '../cli/support.ts';
import { temporaryFolder } from '../support/paths.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { prometheusOrSkip } from '../support/tools.ts';
import { type GitHubServer, startGitHub } from './github-server.ts';
import { type Checkout, checkout } from './repository.ts';
import { bundle, type Ran, runStep } from './runner.ts';

let home: string;
let action: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'rw-action-'));
  action = bundle(home);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

async function start(): Promise<{ readonly github: GitHubServer; readonly here: Checkout; readonly sha: string }> {
  const github = await startGitHub();
  const here = await checkout();
  const sha = here.git('rev-parse', 'HEAD');
  github.deployments.push({ id: 11, sha, environment: 'production' });
  return { github, here, sha };
}

describe('deploy', { timeout: 180_000 }, () => {
  it('releases, and tells the summary and the deployment', async (context) => {
    const program = prometheusOrSkip(context);
    const { github, here, sha } = await start();
    const rules = join(temporaryFolder(), 'rules');
    mkdirSync(rules);
    const server = await startPrometheus({ program, ruleFiles: [join(rules, '*.yml')] });
    onTestFinished(() => server.stop());
    const env = { PROMETHEUS_URL: server.url, PROMETHEUS_RULE_PATH: rules };
    const deploy = (inputs: Readonly<Record<string, string>> = {}): Promise<Ran> =>
      runStep({
        bundle: action,
        github,
        workspace: here.workspace,
        inputs: { command: 'deploy', environment: 'production', ...inputs },
        eventName: 'push',
        event: {},
        sha,
        env,
      });

    const dry = await deploy({ 'dry-run': 'true' });
    expect(dry.code, dry.log).toBe(0);
    expect(dry.summary).toContain('What a release would do');
    expect([github.statuses, readdirSync(rules)]).toEqual([[], []]);

    const done = await deploy();
    expect(done.code, done.log).toBe(0);
    expect(done.outputs).toMatchObject({ changed: 'true', release: expect.stringMatching(/^[0-9a-f]{12}$/) });
    expect(github.statuses.map(({ deployment, state }) => `${deployment} ${state}`)).toEqual([
      '11 in_progress',
      '11 success',
    ]);
    expect(github.statuses[1]?.description).not.toBe('');
    expect(done.summary).toContain('The rules are released');
    expect((await server.ruleGroups()).map((group) => group.name)).toContain('production/cpu');

    // A status that GitHub doesn't take makes no release fail.
    github.instead = () => ({ status: 403, message: 'Resource not accessible by integration' });
    const again = await deploy();
    expect(again.annotations[0]).toMatch(/^warning no deployment status: GitHub did not let us list deployments/);
    expect([again.code, again.outputs['changed'], again.outputs['release']]).toEqual([
      0,
      'false',
      done.outputs['release'],
    ]);
  });

  it('fails where the server can’t be reached, and says so everywhere', async () => {
    const { github, here, sha } = await start();
    writeFileSync(join(here.workspace, 'rulewright.yaml'), `${REPOSITORY['rulewright.yaml']}`);
    const ran = await runStep({
      bundle: action,
      github,
      workspace: here.workspace,
      inputs: { command: 'deploy' },
      eventName: 'deployment',
      event: { deployment: { id: 12 } },
      sha,
      env: {
        PROMETHEUS_URL: 'http://127.0.0.1:1',
        PROMETHEUS_RULE_PATH: temporaryFolder(),
        PROMETHEUS_RELOAD_TIMEOUT: '1s',
      },
    });
    expect(ran.code).toBe(1);
    expect(github.statuses.map(({ deployment, state }) => `${deployment} ${state}`)).toEqual([
      '12 in_progress',
      '12 failure',
    ]);
    expect(ran.annotations[0]).toMatch(/^error deploy: /);
    expect(ran.summary).toContain('The rules are not released');
  });
});
