import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { projectRoot, temporaryFolder } from '../support/paths.ts';
import { promtoolOrSkip } from '../support/tools.ts';
import { startGitHub } from './github-server.ts';
import { checkout, pullRequest } from './repository.ts';
import { bundle, runStep } from './runner.ts';

let home: string;
let action: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'rw-action-'));
  action = bundle(home);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('the bundle', { timeout: 180_000 }, () => {
  it('is the same each time, and names no place of this machine', () => {
    const [text, again] = [bundle(temporaryFolder()), bundle(temporaryFolder())].map((path) =>
      readFileSync(path, 'utf8'),
    );
    // Compared as a whole, for a difference of megabytes helps nobody.
    expect(again === text).toBe(true);
    expect(text?.includes(projectRoot)).toBe(false);
  });

  it('is what action.yml names, and comes with the licences of what is in it', () => {
    const { runs } = parse(readFileSync(join(projectRoot, 'action.yml'), 'utf8')) as {
      runs: { using: string; main: string };
    };
    expect(runs).toEqual({ using: 'node24', main: 'action/index.mjs' });
    const licences = readFileSync(join(home, 'action/LICENSES.txt'), 'utf8');
    for (const name of ['yaml', 'zod', 'nunjucks', '@actions/core']) expect(licences).toContain(`\n${name} `);
    expect(licences).not.toContain('has no file with its text');
  });
});

describe('promtool', { timeout: 180_000 }, () => {
  it('is downloaded, checked against the release’s SHA-256, run, and kept', async (context) => {
    const promtool = promtoolOrSkip(context);
    const version =
      execFileSync(promtool, ['--version'], { encoding: 'utf8' }).match(/version (\d+\.\d+\.\d+)/)?.[1] ?? '';
    const cpu = process.arch === 'arm64' ? 'arm64' : 'amd64';
    const name = `prometheus-${version}.linux-${cpu}`;
    const folder = temporaryFolder();
    mkdirSync(join(folder, name));
    // The real one behind a few words, for an archive of a hundred megabytes takes seconds to make.
    writeFileSync(join(folder, name, 'promtool'), `#!/bin/sh\nexec '${promtool}' "$@"\n`);
    execFileSync('tar', ['-czf', 'archive', name], { cwd: folder });
    const bytes = readFileSync(join(folder, 'archive'));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const sums = Buffer.from(`${'0'.repeat(64)}  other.tar.gz\n${sha256}  ${name}.tar.gz\n`);

    const github = await startGitHub();
    const here = await checkout();
    const { event, merge } = pullRequest(here, { 'README.md': 'x\n' });
    const tools = temporaryFolder();
    const preview = (inputs: Readonly<Record<string, string>>) =>
      runStep({
        bundle: action,
        github,
        workspace: here.workspace,
        inputs: { command: 'preview', promtool: version, comment: 'false', ...inputs },
        eventName: 'pull_request',
        event,
        sha: merge,
        // No other promtool is found.
        env: { RUNNER_TOOL_CACHE: tools },
      });

    const none = await preview({});
    expect([none.code, none.annotations[0]]).toEqual([
      1,
      expect.stringMatching(/download promtool .*404.*\nhelp: Is there such a version/),
    ]);

    github.assets.push({ id: 2, name: 'sha256sums.txt', bytes: sums, digest: null });
    github.assets.push({
      id: 1,
      name: `${name}.tar.gz`,
      bytes: Buffer.concat([bytes, Buffer.from('x')]),
      digest: null,
    });
    const forged = await preview({});
    expect(forged.annotations[0]).toMatch(
      /is not what it should be: its SHA-256 is [0-9a-f]{64}, not .*It was not run/,
    );
    expect(existsSync(join(tools, 'promtool', version, process.arch, 'promtool'))).toBe(false);

    github.assets.splice(1, 1, { id: 1, name: `${name}.tar.gz`, bytes, digest: `sha256:${'1'.repeat(64)}` });
    expect((await preview({})).annotations[0]).toContain('not what it should be');
    expect((await preview({ 'promtool-sha256': '2'.repeat(64) })).annotations[0]).toContain('Check the input');

    const pinned = await preview({ 'promtool-sha256': sha256 });
    expect(pinned.code, pinned.log).toBe(0);
    expect(pinned.summary).toContain(`checked by promtool ${version}`);

    github.calls.splice(0);
    expect((await preview({ 'promtool-sha256': sha256 })).code).toBe(0);
    expect(github.calls).toEqual([]);
  });
});

describe('Node 24', { timeout: 180_000 }, () => {
  it('runs it as the runner will', async (context) => {
    const node = process.env['RULEWRIGHT_NODE24'] ?? '';
    if (!existsSync(node)) context.skip('skipped: RULEWRIGHT_NODE24 names no Node 24');
    const github = await startGitHub();
    const here = await checkout();
    const { event, merge } = pullRequest(here, {
      'groups/production.yaml': 'match: { env: prod }\nthresholds: { Cpu: 95 }\n',
    });
    const inputs = { command: 'preview', dist: 'published' };
    const around = { github, workspace: here.workspace, inputs, eventName: 'pull_request', event, sha: merge, node };
    const ran = await runStep({ bundle: action, ...around });
    expect([ran.code, github.comments.length]).toEqual([0, 1]);
    expect(ran.log).not.toMatch(/deprecat|warning/i);
  });
});

it('says outside of a job where it belongs', () => {
  const env = { PATH: process.env['PATH'] ?? '' };
  writeFileSync(join(home, 'empty'), '');
  expect(() => execFileSync(process.execPath, [action], { env, stdio: 'pipe', encoding: 'utf8' })).toThrow(
    /This is no job of GitHub Actions[\s\S]*rulewright diff/,
  );
});
