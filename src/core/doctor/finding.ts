import type { DoctorFacts } from './facts.ts';

/** Something that is wrong, with what mends it. */
export interface Found {
  /** error: the rules are not, or will not get, where they should be. warning: they are, but. */
  readonly severity: 'error' | 'warning';
  /** One or two sentences: what is wrong, and why it matters. */
  readonly message: string;
  /** What to do, in words. */
  readonly help: string;
  /** Lines to paste: commands, or lines of a configuration. */
  readonly remedy: readonly string[];
  /** The evidence, a line each. */
  readonly details?: readonly string[];
}

/** Something that was looked at and is as it should be, in a few words. */
export interface Fine {
  readonly fine: string;
}

/** One question. Undefined: it can't be answered by what is known. */
export interface Check {
  readonly code: string;
  look(facts: DoctorFacts): Found | Fine | undefined;
}

export const fine = (what: string): Fine => ({ fine: what });

export { quoted } from '../ground/paste.ts';
export { reloadLine, settingLines } from './paste.ts';

/** `a, b and 3 more`. */
export function some(names: readonly string[], most = 3): string {
  if (names.length <= most) return names.join(', ');
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}

/** How long something is, for people: `45 s`, `3 min`, `2 h`. Milliseconds. */
export function span(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
