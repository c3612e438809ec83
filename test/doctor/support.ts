import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { cliJson } from '../cli/support.ts';
import { deploy } from '../deploy/support.ts';
import { freePort } from '../support/prometheus.ts';

/** A real server whose configuration the test writes, again and again. */
export interface Patient {
  readonly url: string;
  /** Writes another configuration; `reload` makes it true. */
  configure(config: object): void;
  /** The status of the reload. */
  reload(): Promise<number>;
  stop(): Promise<void>;
}

interface PatientOptions {
  readonly flags?: readonly string[];
  /** Whether it stops with the test; else the caller stops it. */
  readonly owned?: boolean;
  /** Else it is enough that it answers at all. */
  readonly untilReady?: boolean;
}

/** Starts a server and waits until it answers, whatever it answers.  */
export async function startPatient(
  program: string,
  folder: string,
  config: object,
  { flags = ['--web.enable-lifecycle'], owned = true, untilReady = true }: PatientOptions = {},
): Promise<Patient> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'prometheus.yml');
  const configure = (next: object): void =>
    writeFileSync(file, JSON.stringify({ global: { evaluation_interval: '1s' }, ...next }));
  configure(config);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const own = [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = spawn(program, [...own, ...flags], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    process.off('exit', kill);
    kill();
    await exited;
  };
  if (owned) onTestFinished(stop);
  for (const deadline = Date.now() + 30_000; Date.now() < deadline && child.exitCode === null; await sleep(50)) {
    const answer = await fetch(`${url}/-/ready`).catch(() => undefined);
    if (answer && !(untilReady && answer.status === 503)) break;
  }
  return { url, configure, stop, reload: async () => (await fetch(`${url}/-/reload`, { method: 'POST' })).status };
}

export interface Finding {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly help: string;
  readonly remedy: readonly string[];
  readonly details: readonly string[];
}

export interface Told {
  readonly code: number;
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  readonly codes: readonly string[];
  readonly fine: readonly string[];
  /** The remedy of a finding as one text; "" where it was not found. */
  remedy(code: string): string;
  finding(code: string): Finding | undefined;
}

/** What doctor says of the repository in a folder, by the clock of this machine. */
export async function examine(
  cwd: string,
  env: Readonly<Record<string, string>> = {},
  now: () => number = Date.now,
): Promise<Told> {
  const { code, json } = await cliJson(['doctor'], { cwd, env, now });
  const findings = json['findings'] as Finding[];
  const checked = json['checked'] as { code: string }[];
  const finding = (wanted: string): Finding | undefined => findings.find((f) => f.code === wanted);
  return {
    code,
    ok: json['ok'] as boolean,
    findings,
    codes: findings.map((f) => f.code),
    fine: checked.map((c) => c.code),
    finding,
    remedy: (wanted) => finding(wanted)?.remedy.join('\n') ?? '',
  };
}

/** Builds the repository, puts its release into its rule path without asking a server, and gives the place of the release. */
export async function release(cwd: string, rulePath: string): Promise<string> {
  await cliJson(['build'], { cwd });
  mkdirSync(rulePath, { recursive: true });
  await deploy(rulePath, join(cwd, 'dist'));
  return join(cwd, 'dist');
}
