import { visible } from '../report/visible.ts';
import type { Globals, Io } from './context.ts';

/** One line of a terminal that tells what is going on, and is gone when that is over. */
export interface Progress {
  show(text: string): void;
  clear(): void;
  /** Told once, where no line on a terminal tells it: that something takes long. */
  note(text: string): void;
}

/** Only a person at a terminal who asked for text sees progress; a log gets a line where something takes long. */
export function progressOf(globals: Globals, io: Io): Progress {
  const silent = globals.quiet || globals.format === 'json';
  if (!io.stderr.isTTY || silent || io.env['TERM'] === 'dumb') {
    const note = (text: string): void => void (silent || io.stderr.write(`${visible(text)}\n`));
    return { show: () => undefined, clear: () => undefined, note };
  }
  let shown = false;
  return {
    note: () => undefined,
    show: (text) => {
      const width = Math.max(20, (io.stderr.columns || 80) - 1);
      io.stderr.write(`\r\u001b[K${visible(text).slice(0, width)}`);
      shown = true;
    },
    clear: () => {
      if (shown) io.stderr.write('\r\u001b[K');
      shown = false;
    },
  };
}
