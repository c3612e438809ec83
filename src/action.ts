import { readFileSync } from 'node:fs';
import process from 'node:process';
import { runAction } from './commands/action.ts';
import { EXIT, type Io, type Stream } from './commands/context.ts';
import { main } from './commands/main.ts';

/**
 * The door from GitHub's runner: the process as `Io`, and the exit code. Bundled to `action/index.mjs`, which with
 * arguments is the whole command line in one file, for hooks and pipelines that install nothing.
 */

function stream(to: NodeJS.WriteStream): Stream {
  // A reader such as `head` may close its end before we are done.
  to.on('error', () => undefined);
  return {
    write: (text) => {
      to.write(text);
    },
    isTTY: to.isTTY === true,
    columns: to.columns,
  };
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A job that is cancelled gets some seconds to end: a deploy uses them to finish or to take back what it began. */
function onSignal(handler: (signal: string) => void): () => void {
  for (const signal of SIGNALS) process.on(signal, handler);
  return () => {
    for (const signal of SIGNALS) process.off(signal, handler);
  };
}

/** The version of the package that the bundle lies in. */
function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(text) as { version?: unknown }).version);
}

const io: Io = {
  cwd: process.cwd(),
  env: process.env,
  pid: process.pid,
  now: Date.now,
  stdout: stream(process.stdout),
  stderr: stream(process.stderr),
  onSignal,
};

const argv = process.argv.slice(2);
// The runner gives no arguments, and knows only success and failure: a fault of the environment fails the step as well.
if (argv.length > 0) process.exitCode = await main(argv, io, version);
else process.exitCode = (await runAction(io, version())) === EXIT.ok ? 0 : 1;
