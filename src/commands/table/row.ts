import type { Command } from '../context.ts';

/** An option of a command; `value` names what it takes, without it the option is a switch. */
export interface OptionRow {
  readonly value?: string;
  readonly short?: string;
  readonly multiple?: boolean;
  readonly help: string;
}

/** A command as the help shows it and the parser reads it. `load` imports it only when it is called. */
export interface CommandRow {
  readonly summary: string;
  readonly usage: string;
  readonly about: string;
  readonly options: Readonly<Record<string, OptionRow>>;
  /** The most arguments it takes beside its options. */
  readonly args: number;
  readonly examples: readonly (readonly [command: string, meaning: string])[];
  /** The keys of its JSON where it could not begin: `errors` is put beside them. */
  readonly empty: Readonly<Record<string, unknown>>;
  readonly load: () => Promise<Command>;
}

/** Options that several commands have, each in one wording. */

export const OUT: OptionRow = { value: 'DIR', help: 'the output directory (default: dist)' };

export const TIMINGS: OptionRow = { help: 'say at the end where the time went' };

/** For a command that is about one server alone. */
export const SERVER: OptionRow = { value: 'NAME', help: 'of several servers (prometheus.servers) this one' };

/** For a command that is about every server, unless some are named. */
export const SERVERS: OptionRow = {
  value: 'NAME',
  multiple: true,
  help: 'of several servers (prometheus.servers) this one; may be repeated (default: all)',
};

export const URL_OF_SERVER: OptionRow = {
  value: 'URL',
  help: 'the server to ask (default: prometheus.url, or PROMETHEUS_URL)',
};

/** What a command that asks servers takes. */
export const ASKED: Readonly<Record<string, OptionRow>> = { url: URL_OF_SERVER, server: SERVERS };
