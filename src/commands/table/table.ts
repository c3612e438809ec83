import { COMPILE_COMMANDS } from './compile.ts';
import { DEPLOY_COMMANDS } from './deploy.ts';
import { REPOSITORY_COMMANDS } from './repository.ts';
import type { CommandRow, OptionRow } from './row.ts';
import { SERVER_COMMANDS } from './servers.ts';
import { TARGET_COMMANDS } from './targets.ts';

/** Options of every command. */
export const GLOBAL_OPTIONS: Readonly<Record<string, OptionRow>> = {
  root: { value: 'DIR', short: 'C', help: 'the repository (default: here)' },
  format: { value: 'text|json', help: 'text for people, or one JSON document on standard output' },
  quiet: { short: 'q', help: 'say nothing but errors' },
  strict: { help: 'warnings fail, as errors do' },
  color: { value: 'auto|always|never', help: 'colours (default: auto; NO_COLOR and FORCE_COLOR are heeded)' },
  'no-color': { help: 'the same as --color never' },
  help: { short: 'h', help: 'show help' },
  version: { short: 'V', help: 'show the version' },
};

/** Every command by its name, in the order of the help. */
export const COMMANDS: Readonly<Record<string, CommandRow>> = {
  ...COMPILE_COMMANDS,
  ...TARGET_COMMANDS,
  ...DEPLOY_COMMANDS,
  ...SERVER_COMMANDS,
  ...REPOSITORY_COMMANDS,
};
