import { type Call, EXIT, type ExitCode, type Failure, type Io } from '../context.ts';
import { fail } from '../fail.ts';

/** The exit code of something that was asked for and isn't there: nothing is wrong with the machine. */
export function notThere(failure: Failure, call: Call, io: Io): ExitCode {
  fail(failure, call, io);
  return EXIT.failed;
}
