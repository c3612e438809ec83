import { placedIn } from '../core/ground/paste.ts';
import { style } from '../report/color.ts';
import { visible } from '../report/visible.ts';
import {
  type Call,
  directoryOf,
  EXIT,
  type ExitCode,
  type Failure,
  failureJson,
  type Globals,
  type Io,
  useColor,
  writeJson,
} from './context.ts';

/** What must be known of a call to tell that it failed; there may be no repository yet. */
export interface Failed {
  readonly globals: Pick<Globals, 'format' | 'color'> & Partial<Pick<Globals, 'root'>>;
  readonly empty: Call['empty'];
}

/** Tells of a failure in the command's own form, and gives exit code 2. */
export function fail(failure: Failure, { globals, empty }: Failed, io: Io): ExitCode {
  const { root } = globals;
  const caller = { directory: root === undefined ? undefined : directoryOf({ root }, io) };
  const { message, help } = failure;
  const failed = {
    ...failure,
    message: placedIn(message, caller),
    ...(help !== undefined && { help: placedIn(help, caller) }),
  };
  if (globals.format === 'json') {
    writeJson(io, { ...empty, errors: [failureJson(failed)] });
  } else {
    const styles = style(useColor({ ...PLAIN, ...globals }, io, io.stderr));
    const lines = [`${styles.error('error')}${styles.bold(`: ${shown(failed.message)}`)}`];
    if (failed.help !== undefined) lines.push(`${styles.help('help')}: ${shown(failed.help)}`);
    io.stderr.write(`${lines.join('\n')}\n`);
  }
  return EXIT.broken;
}

const PLAIN: Globals = { root: '', format: 'text', quiet: false, strict: false, color: 'auto' };

/** A stack has lines; each is made safe on its own. */
function shown(text: string): string {
  return text.split('\n').map(visible).join('\n');
}
