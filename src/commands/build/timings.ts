import { textTable } from '../../report/table.ts';
import type { Call, Io } from '../context.ts';
import { progressOf } from '../progress.ts';

/** Where the time of a command goes: shown while it runs, to a person at a terminal, and told at its end with `--timings`. */
export interface Timings {
  /** A stage begins, and with it the one before ends. A stage that comes again goes on. */
  readonly mark: (stage: Stage) => void;
  /** So many of so many files of the stage are through. */
  readonly count: (done: number, all: number) => void;
  /** The command is through, and what it has to say may be written. */
  readonly end: () => void;
}

export type Stage = keyof typeof STAGES;

/** Every stage, in a person's words. */
const STAGES = {
  load: 'reading the sources',
  recall: 'looking whether anything changed',
  parse: 'parsing the sources',
  'look up': 'looking up names',
  resolve: 'resolving the cascade',
  check: 'checking the rules',
  plan: 'planning the files',
  render: 'rendering the files',
  promtool: 'promtool checks the files',
  write: 'putting the files in place',
  effective: 'writing what is in effect',
  remember: 'remembering this build',
} as const;

/** Milliseconds: what is over before that needs no word. */
const QUIET_FOR = 1000;
const EVERY = 100;

export function openTimings(call: Call, io: Io): Timings {
  const progress = progressOf(call.globals, io);
  const began = io.now();
  const spent = new Map<Stage, number>();
  let stage: Stage = 'load';
  let since = began;
  let shown = began;
  const close = (now: number): void => {
    spent.set(stage, (spent.get(stage) ?? 0) + now - since);
    since = now;
  };
  const show = (now: number, text: string): void => {
    if (now - began < QUIET_FOR || now - shown < EVERY) return;
    shown = now;
    progress.show(text);
  };
  return {
    mark: (next) => {
      const now = io.now();
      close(now);
      stage = next;
      show(now, `${STAGES[stage]} …`);
    },
    count: (done, all) => show(io.now(), `${STAGES[stage]}: ${done} of ${all} …`),
    end: () => {
      progress.clear();
      close(io.now());
      if (call.options['timings'] !== true) return;
      const all = io.now() - began;
      const rows = [...spent].map(([name, ms]) => [STAGES[name], seconds(ms), share(ms, all)]);
      io.stderr.write(textTable(['STAGE', 'SECONDS', 'SHARE'], [...rows, ['all', seconds(all), '']], new Set([1, 2])));
    },
  };
}

const seconds = (ms: number): string => (ms / 1000).toFixed(3);
const share = (ms: number, all: number): string => `${all === 0 ? 0 : Math.round((100 * ms) / all)} %`;
