import { style } from '../report/color.ts';
import { visible } from '../report/visible.ts';
import {
  EXIT,
  type ExitCode,
  type Failure,
  failureJson,
  type Globals,
  type Io,
  useColor,
  writeJson,
} from './context.ts';
import { COMMANDS } from './table/table.ts';

/** Tells of a failure in the command's own form, and gives exit code 2. */
export function fail(
  failure: Failure,
  name: string | undefined,
  globals: Pick<Globals, 'format' | 'color'>,
  io: Io,
): ExitCode {
  if (globals.format === 'json') {
    const row = name === undefined ? undefined : COMMANDS[name];
    writeJson(io, { ...row?.empty, errors: [failureJson(failure)] });
  } else {
    const styles = style(useColor({ ...PLAIN, ...globals }, io, io.stderr));
    const lines = [`${styles.error('error')}${styles.bold(`: ${shown(failure.message)}`)}`];
    if (failure.help !== undefined) lines.push(`${styles.help('help')}: ${shown(failure.help)}`);
    io.stderr.write(`${lines.join('\n')}\n`);
  }
  return EXIT.broken;
}

const PLAIN: Globals = { root: '', format: 'text', quiet: false, strict: false, color: 'auto' };

/** A stack has lines; each is made safe on its own. */
function shown(text: string): string {
  return text.split('\n').map(visible).join('\n');
}
