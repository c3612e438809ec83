import { placedIn } from '../core/ground/paste.ts';
import { readArgs } from './args.ts';
import { directoryOf, EXIT, type ExitCode, type Failure, type Globals, type Io } from './context.ts';
import { fail } from './fail.ts';

/**
 * Runs what the arguments (behind the program's name) ask for, and gives the exit code. Never throws:
 * a fault of ours is told as such.
 */
export async function main(argv: readonly string[], io: Io, version: () => string): Promise<ExitCode> {
  const request = readArgs(argv, io.cwd);
  switch (request.kind) {
    case 'version':
      io.stdout.write(`${version()}\n`);
      return EXIT.ok;
    case 'help':
      io.stdout.write((await import('./help.ts')).helpText(request.name));
      return EXIT.ok;
    case 'wrong':
      return fail(request.failure, { globals: { format: request.format, color: 'auto' }, empty: request.empty }, io);
    case 'run':
      try {
        (await import('../io/optimise-later.ts')).optimiseLater();
        const run = await request.row.load();
        return await run(request.call, withPlacedCommands(request.call.globals, io));
      } catch (error) {
        return fail(failureOf(error, version, io), request.call, io);
      }
  }
}

/** What is told to people names the repository in each command that they are to type, where we were called elsewhere. */
function withPlacedCommands(globals: Globals, io: Io): Io {
  const directory = directoryOf(globals, io);
  if (directory === undefined) return io;
  const { stderr } = io;
  return {
    ...io,
    stderr: {
      write: (text) => stderr.write(placedIn(text, { directory })),
      isTTY: stderr.isTTY,
      get columns() {
        return stderr.columns;
      },
    },
  };
}

function failureOf(error: unknown, version: () => string, io: Io): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const stack = io.env['RULEWRIGHT_DEBUG'] && error instanceof Error ? `\n${error.stack}` : '';
  return {
    code: 'bug',
    message: `rulewright ${version()} met a fault of its own: ${message}. It says nothing about your rules, and nothing was proven about them.${stack}`,
    help: 'Please report it to the project with the command you ran, this message, and, with RULEWRIGHT_DEBUG=1 in the environment, the stack.',
  };
}
