#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { EXIT, type Io, type Stream } from './commands/context.ts';
import { main } from './commands/main.ts';
import { keepCompiled } from './io/memory/compile-cache.ts';

/** The door from a shell: the process as `Io`, and the exit code. Nothing heavy is imported until a command is known. */

/** Set where standard output took not all of what was written. */
let broken = false;

function stream(to: NodeJS.WriteStream): Stream {
  to.on('error', (error: NodeJS.ErrnoException) => {
    // A reader such as `head` may close its end before we are done: that is its right, and no failure.
    if (error.code === 'EPIPE' || broken) return;
    broken = true;
    // The error may come when the command is through already.
    process.exitCode = EXIT.broken;
    if (to !== process.stdout) return;
    process.stderr.write(`error: Not all could be written to standard output: ${error.message}.\n`);
  });
  return {
    write: (text) => {
      to.write(text);
    },
    isTTY: to.isTTY === true,
    columns: to.columns,
  };
}

/** Asks on standard error, for standard output belongs to the result. The end of the input is an empty answer. */
async function ask(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await Promise.race([
      lines.question(question),
      new Promise<string>((done) => lines.once('close', () => done(''))),
    ]);
  } finally {
    lines.close();
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function onSignal(handler: (signal: string) => void): () => void {
  for (const signal of SIGNALS) process.on(signal, handler);
  return () => {
    for (const signal of SIGNALS) process.off(signal, handler);
  };
}

/** The version of this package. */
function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(text) as { version?: unknown }).version);
}

keepCompiled(process.env);

const io: Io = {
  cwd: process.cwd(),
  env: process.env,
  pid: process.pid,
  now: Date.now,
  stdout: stream(process.stdout),
  stderr: stream(process.stderr),
  onSignal,
  ...(process.stdin.isTTY && process.stderr.isTTY ? { ask } : {}),
};

const code = await main(process.argv.slice(2), io, version);
process.exitCode = broken ? EXIT.broken : code;
