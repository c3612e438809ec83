import type { Io } from './context.ts';

/** A wish to stop, to be heeded where a command can stop cleanly. */
export interface Interrupt {
  /** The signal that asked to stop; undefined: nobody did. */
  readonly signal: string | undefined;
  /** Waits so many milliseconds, or until somebody asks to stop. */
  sleep(ms: number): Promise<void>;
  /** Waits to the end, whoever asks to stop: for what must be brought to its end. */
  sleepOn(ms: number): Promise<void>;
  /** From here on signals do again what they always do. */
  close(): void;
}

/** Listens for signals; `onFirst` hears of the first of them. */
export function listen(io: Io, onFirst: (signal: string) => void): Interrupt {
  let signal: string | undefined;
  const waiting = new Set<() => void>();
  const close = io.onSignal?.((name) => {
    if (signal === undefined) onFirst(name);
    signal ??= name;
    for (const wake of waiting) wake();
  });
  const pause = (ms: number, wakes: boolean): Promise<void> => {
    if (wakes && signal !== undefined) return Promise.resolve();
    return new Promise((done) => {
      const wake = (): void => {
        clearTimeout(timer);
        waiting.delete(wake);
        done();
      };
      const timer = setTimeout(wake, ms);
      if (wakes) waiting.add(wake);
    });
  };
  return {
    get signal() {
      return signal;
    },
    sleep: (ms) => pause(ms, true),
    sleepOn: (ms) => pause(ms, false),
    close: () => close?.(),
  };
}
