import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Io } from '../../src/commands/context.ts';
import { main } from '../../src/commands/main.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly isTTY?: boolean;
  /** Milliseconds since 1970; by default a day of its own that goes on by a quarter of a second at each look. */
  readonly now?: () => number;
}

/** Runs the command line in this process. PATH is empty, so that no promtool is found unless `env` tells of one. */
export async function cli(
  argv: readonly string[],
  { cwd = tmpdir(), env = {}, isTTY = false, now: given }: Surroundings = {},
): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  let now = Date.UTC(2026, 10, 22);
  const io: Io = {
    cwd,
    env: { PATH: '', ...env },
    pid: process.pid,
    now: given ?? (() => (now += 250)),
    stdout: { write: (text) => (stdout += text), isTTY, columns: 100 },
    stderr: { write: (text) => (stderr += text), isTTY, columns: 100 },
  };
  const code = await main(argv, io, () => '1.2.3');
  return { code, stdout, stderr };
}

/** The one JSON document on standard output; a test fails where there is anything else. */
export async function cliJson(
  argv: readonly string[],
  around: Surroundings = {},
): Promise<Ran & { json: Record<string, unknown> }> {
  const ran = await cli([...argv, '--format', 'json'], around);
  return { ...ran, json: JSON.parse(ran.stdout) as Record<string, unknown> };
}

/** A new folder with these files, which goes when the test does. Only inside of a test. */
export async function folder(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'rw-cli-')));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  await put(root, files);
  return root;
}

export async function put(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

/** A rule file of one alert, whose threshold is 80. */
export const RULE = (name: string): string => `rules:
  - alert: ${name}
    params: { threshold: 80 }
    expr: ${name.toLowerCase()}_usage > << threshold >>
    labels: { severity: warning }
`;

/** Two rules and two groups that say something of the first, one of the second. */
export const REPOSITORY = {
  'rulewright.yaml': 'version: 1\nprometheus: { validate_rules: false }\n',
  'rules/cpu.yaml': RULE('Cpu'),
  'rules/disk.yaml': RULE('Disk'),
  'groups/production.yaml': 'match: { env: prod }\nthresholds: { Cpu: 90 }\n',
  'groups/development.yaml': 'match: { env: dev }\nthresholds: { Cpu: 95, Disk: 99 }\n',
  'groups/targets/t.json':
    '[{"targets":["a:1"],"labels":{"env":"prod"}},{"targets":["b:1"],"labels":{"env":"dev"}},{"targets":["c:1"],"labels":{"env":"x"}}]',
};
