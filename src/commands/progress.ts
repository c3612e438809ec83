import { visible } from '../report/visible.ts';
import type { Globals, Io } from './context.ts';

/** One line of a terminal that tells what is going on, and is gone when that is over. */
export interface Progress {
  show(text: string): void;
  clear(): void;
}

/** Only a person at a terminal who asked for text sees progress; logs and pipes stay clean. */
export function progressOf(globals: Globals, io: Io): Progress {
  if (!io.stderr.isTTY || globals.quiet || globals.format === 'json' || io.env['TERM'] === 'dumb') {
    return { show: () => undefined, clear: () => undefined };
  }
  let shown = false;
  return {
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
