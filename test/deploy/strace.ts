import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What changes a disk, as node asks the kernel for it. */
const CALLS = [
  ...['rename', 'symlink', 'link', 'unlink', 'mkdir', 'rmdir'],
  ...['openat', 'write', 'pwrite64', 'fsync', 'fchmod', 'fchown', 'lchown'],
];

/** One operation of a run: the n-th call of its kind by the main thread. */
export interface Operation {
  readonly call: string;
  /** 1-based, among all calls of that kind. */
  readonly nth: number;
  /** What it is about, with what differs between runs blanked. */
  readonly what: string;
}

export interface Run {
  readonly killed: boolean;
  readonly status: number | null;
  readonly stdout: string;
  /** Those that touch the rule path, in order. */
  readonly operations: readonly Operation[];
  /** The last one that was begun. */
  readonly last: Operation | undefined;
}

export function hasStrace(): boolean {
  return spawnSync('strace', ['-V']).status === 0;
}

/**
 * Runs node under strace, of which only the main thread is traced: a deploy does all it does there. (With --seccomp-bpf,
 * which would be faster, no signal arrives.) `inject` as strace takes it. The log is written to `log`.
 */
export async function traced(
  log: string,
  inject: readonly string[],
  args: readonly string[],
  rulePath: string,
): Promise<Run> {
  const injected = inject.flatMap((one) => ['-e', `inject=${one}`]);
  const trace = `-y -s 0 -o ${log} -e signal=none -e trace=${CALLS.join(',')}`.split(' ');
  const child = spawn('strace', [...trace, ...injected, process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  // strace ends as its child did, by the same signal.
  const [status, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on('close', (code, by) => resolve([code, by])),
  );
  return { ...readLog(readFileSync(log, 'utf8'), rulePath), killed: signal === 'SIGKILL', status, stdout };
}

function readLog(text: string, rulePath: string): Pick<Run, 'operations' | 'last'> {
  const counts = new Map<string, number>();
  const operations: Operation[] = [];
  // Where root works as the owner of the rule path, that is called by its open descriptor.
  for (const line of text.replaceAll(/\/proc\/self\/fd\/\d+/g, rulePath).split('\n')) {
    const [, call, rest = ''] = /^(\w+)\((.*)$/.exec(line) ?? [];
    if (call === undefined) continue;
    const nth = (counts.get(call) ?? 0) + 1;
    counts.set(call, nth);
    if (!rest.includes(rulePath) || (call === 'openat' && !rest.includes('O_CREAT'))) continue;
    operations.push({ call, nth, what: blank(rest, rulePath) });
  }
  return { operations, last: operations.at(-1) };
}

function blank(rest: string, rulePath: string): string {
  const paths = [...rest.replaceAll(rulePath, '@').matchAll(/@[^">]*/g)].map(([path]) => path);
  return paths.join(' ').replace(/lock\.[^ ]*/g, 'lock');
}
