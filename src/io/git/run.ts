import { environmentProblem, type Problem } from '../problem.ts';
import { type Git, startGit } from './door.ts';

/** What a call of git came to: exit code and output, as bytes are no text yet. */
export interface Ran {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

const TIMEOUT = 300_000; // milliseconds
const MAX_OUTPUT = 512 * 1024 * 1024; // bytes: a list of some million files

/** Runs a command of git to its end. A problem where git can't be run at all; that it fails is for the caller to judge. */
export function runGit(git: Git, args: readonly string[], input?: Iterable<string | Buffer>): Promise<Ran | Problem> {
  return new Promise((done) => {
    const child = startGit(git, args);
    const stdout: Buffer[] = [];
    let size = 0;
    let stderr = '';
    const stop = (message: string): void => {
      child.kill('SIGKILL');
      done(environmentProblem(message));
    };
    const timer = setTimeout(() => stop(`git did not answer within ${TIMEOUT / 1000} s.`), TIMEOUT);
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_OUTPUT) stop('git had more to say than anybody could read.');
      else stdout.push(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < MAX_SAID) stderr += text;
    });
    child.on('error', (error) => {
      clearTimeout(timer);
      done(environmentProblem(`git could not be run: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === null) done(environmentProblem(`git could not be run: it was ended by ${signal}.`));
      else done({ code, stdout: Buffer.concat(stdout), stderr: stderr.trim() });
    });
    // git may end before it has read all; what it says then is in its exit code.
    child.stdin.on('error', () => undefined);
    for (const part of input ?? []) child.stdin.write(part);
    child.stdin.end();
  });
}

const MAX_SAID = 1024 * 1024; // characters of complaints

/** The first line of what git said, as the end of a sentence. */
export const because = ({ stderr }: Pick<Ran, 'stderr'>): string => {
  const line = stderr.split('\n')[0]?.replace(/^(fatal|error): /, '') ?? '';
  return line === '' ? '' : `: ${line}`;
};

/** A value that git prints on one line; undefined where it fails. */
export async function gitLine(git: Git, args: readonly string[]): Promise<string | undefined | Problem> {
  const ran = await runGit(git, args);
  if ('message' in ran) return ran;
  return ran.code === 0 ? ran.stdout.toString('utf8').replace(/\n$/, '') : undefined;
}
