import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { projectRoot, temporaryFolder } from '../support/paths.ts';
import type { GitHubServer } from './github-server.ts';

/** Bundles the Action as `npm run action` does, into a folder that looks like a checkout of it; gives the bundle's path. */
export function bundle(home: string): string {
  const made = spawnSync(process.execPath, [join(projectRoot, 'action/bundle.mjs'), join(home, 'action')], {
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(made.stderr);
  copyFileSync(join(projectRoot, 'package.json'), join(home, 'package.json'));
  return join(home, 'action/index.mjs');
}

export interface Step {
  readonly bundle: string;
  readonly github: GitHubServer;
  readonly workspace: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly eventName: string;
  readonly event: object;
  readonly sha: string;
  readonly ref?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly node?: string;
}

export interface Ran {
  readonly code: number | null;
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** As the runner reads them: `level file:line title: message`. */
  readonly annotations: readonly string[];
}

/** Runs the Action as the runner does: a process, its inputs in the environment, its files beside. */
export async function runStep(step: Step): Promise<Ran> {
  const temporary = temporaryFolder();
  const file = (name: string, text = ''): string => {
    writeFileSync(join(temporary, name), text);
    return join(temporary, name);
  };
  const output = file('output');
  const summary = file('summary');
  mkdirSync(join(temporary, 'home'));
  const inputs = { token: 'the-token', ...step.inputs };
  const env: Record<string, string> = {
    // The tests have a promtool of their own where they want one.
    PATH: process.env['PATH'] ?? '',
    HOME: join(temporary, 'home'),
    GITHUB_ACTIONS: 'true',
    GITHUB_API_URL: step.github.url,
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'o/r',
    GITHUB_WORKSPACE: step.workspace,
    GITHUB_EVENT_NAME: step.eventName,
    GITHUB_EVENT_PATH: file('event.json', JSON.stringify({ repository: { default_branch: 'main' }, ...step.event })),
    GITHUB_SHA: step.sha,
    GITHUB_REF: step.ref ?? 'refs/heads/main',
    GITHUB_RUN_ID: '77',
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: summary,
    RUNNER_TEMP: temporary,
    RUNNER_TOOL_CACHE: join(temporary, 'tools'),
    ...Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value]),
    ),
    ...step.env,
  };
  const child = spawn(step.node ?? process.execPath, [step.bundle], { env, cwd: step.workspace });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (log += text));
  const code = await new Promise<number | null>((done) => child.on('close', done));
  // Whatever happens, the token is in nothing that anybody can read.
  const said = log.replaceAll(/^::add-mask::.*$/gm, '');
  expect(said + readFileSync(output, 'utf8') + readFileSync(summary, 'utf8')).not.toContain('the-token');
  expect(step.github.faults).toEqual([]);
  return {
    code,
    log: said,
    outputs: readOutputs(readFileSync(output, 'utf8')),
    summary: readFileSync(summary, 'utf8'),
    annotations: said.split('\n').flatMap(readAnnotation),
  };
}

/** `name<<delimiter`, lines, `delimiter`. */
function readOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const match of text.matchAll(/^([\w-]+)<<(ghadelimiter_[\w-]+)\n([\s\S]*?)\n\2$/gm)) {
    outputs[match[1] as string] = match[3] as string;
  }
  return outputs;
}

function readAnnotation(line: string): string[] {
  const match = /^::(error|warning|notice)(?: ([^:]*))?::(.*)$/.exec(line);
  if (!match) return [];
  const [, level, properties = '', message = ''] = match;
  const of = Object.fromEntries(properties.split(',').map((pair) => pair.split('=').map(unescaped)));
  const place = of['file'] === undefined ? '' : `${of['file']}${of['line'] === undefined ? '' : `:${of['line']}`} `;
  return [`${level} ${place}${of['title']}: ${unescaped(message)}`];
}

function unescaped(text = ''): string {
  return text.replace(/%(25|0A|0D|3A|2C)/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
