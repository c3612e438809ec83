import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { suggest } from '../core/ground/suggest.ts';
import type { Call, Failure, Globals } from './context.ts';
import type { CommandRow, OptionRow } from './table/row.ts';
import { COMMANDS, GLOBAL_OPTIONS } from './table/table.ts';

/** What the arguments ask for. `name` is set as soon as the command is known. */
export type Request =
  | { readonly kind: 'version' }
  | { readonly kind: 'help'; readonly name?: string }
  | { readonly kind: 'run'; readonly row: CommandRow; readonly call: Call }
  | {
      readonly kind: 'wrong';
      readonly empty: Call['empty'];
      readonly format: Globals['format'];
      readonly failure: Failure;
    };

/** Reads the arguments behind the program's name. Options may stand before or behind the command. */
export function readArgs(argv: readonly string[], cwd: string): Request {
  // Commands may differ in whether an option takes a value, so that the command must be known first.
  const first = tokensOf(argv, everyOption()).filter((token) => token.kind === 'positional');
  const tokens = tokensOf(argv, everyOption(first[first[0]?.value === 'help' ? 1 : 0]?.value));
  const words = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  const given = tokens.flatMap((token) => (token.kind === 'option' ? [token] : []));
  const last = (name: string): string | undefined => given.findLast((token) => token.name === name)?.value;
  const has = (name: string): boolean => given.some((token) => token.name === name);
  const format = last('format') === 'json' ? 'json' : 'text';

  if (has('version')) return { kind: 'version' };
  const [name, ...args] = words[0] === 'help' ? words.slice(1) : words;
  const row = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  const wrong = (message: string, help: string): Request => ({
    kind: 'wrong',
    empty: row?.empty ?? {},
    format,
    failure: { code: 'usage', message, help },
  });
  if (name === undefined) {
    if (words[0] === 'help' || has('help')) return { kind: 'help' };
    const unknown = given.find((token) => !Object.hasOwn(everyOption(), token.name));
    if (unknown) return wrong(...unknownOption(unknown.rawName, undefined, undefined));
    return wrong('No command is given.', '`rulewright --help` lists the commands.');
  }
  if (!row) {
    const near = suggest(name, Object.keys(COMMANDS));
    const hint = near ? `Did you mean \`rulewright ${near}\`? ` : '';
    return wrong(`There is no command ${JSON.stringify(name)}.`, `${hint}\`rulewright --help\` lists the commands.`);
  }
  if (words[0] === 'help' || has('help')) return { kind: 'help', name };

  const known: Readonly<Record<string, OptionRow>> = { ...GLOBAL_OPTIONS, ...row.options };
  for (const token of given) {
    const option = Object.hasOwn(known, token.name) ? known[token.name] : undefined;
    if (!option) return wrong(...unknownOption(token.rawName, name, known));
    if (option.value !== undefined && (token.value === undefined || token.value === '')) {
      return wrong(`${token.rawName} needs a value: ${token.rawName} ${option.value}.`, helpFor(name));
    }
    if (option.value !== undefined && !token.inlineValue && token.value?.startsWith('-')) {
      const message = `${token.rawName} needs a value, and ${token.value} looks like the next option.`;
      return wrong(message, `If it is the value, write ${token.rawName}=${token.value}.`);
    }
    if (option.value === undefined && token.value !== undefined) {
      return wrong(`${token.rawName} is a switch and takes no value.`, helpFor(name));
    }
    const choices = option.value?.includes('|') ? option.value.split('|') : undefined;
    if (choices && !choices.includes(token.value as string)) {
      const message = `${token.rawName} is ${choices.join(' or ')}, not ${JSON.stringify(token.value)}.`;
      return wrong(message, helpFor(name));
    }
  }
  if (args.length > row.args) {
    return wrong(`${name} takes no argument ${JSON.stringify(args[row.args])}.`, `Usage: ${row.usage}`);
  }
  const options: Record<string, string | boolean | readonly string[]> = {};
  for (const [key, option] of Object.entries(row.options)) {
    if (!has(key)) continue;
    const values = given.flatMap((token) => (token.name === key && token.value !== undefined ? [token.value] : []));
    options[key] = option.value === undefined ? true : option.multiple ? values : (values.at(-1) as string);
  }
  const color = has('no-color') ? 'never' : (last('color') as Globals['color'] | undefined);
  const globals: Globals = {
    root: resolve(cwd, last('root') ?? '.'),
    format,
    quiet: has('quiet'),
    strict: has('strict'),
    color: color ?? 'auto',
  };
  return { kind: 'run', row, call: { globals, options, args, empty: row.empty } };
}

type ParseOptions = Record<string, { type: 'string' | 'boolean'; short?: string; multiple?: boolean }>;

function tokensOf(argv: readonly string[], options: ParseOptions) {
  return parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

/**
 * Every command's options in one table, for options may come before the command that says which it has; those of the
 * command itself, once it is known, win.
 */
function everyOption(name?: string): ParseOptions {
  const own = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name]?.options : undefined;
  const rows = [GLOBAL_OPTIONS, ...Object.values(COMMANDS).map((command) => command.options), own ?? {}];
  const entries = rows.flatMap((options) => Object.entries(options));
  return Object.fromEntries(
    entries.map(([name, { value, short }]) => [
      name,
      { type: value === undefined ? 'boolean' : 'string', ...(short ? { short } : {}) },
    ]),
  );
}

function unknownOption(
  rawName: string,
  command: string | undefined,
  known: Readonly<Record<string, OptionRow>> | undefined,
): [message: string, help: string] {
  const options = Object.keys(known ?? GLOBAL_OPTIONS);
  const near = suggest(rawName.replace(/^-+/, ''), options);
  const hint = near ? `Did you mean --${near}? ` : '';
  return [`${command ?? 'rulewright'} has no option ${rawName}.`, `${hint}${helpFor(command)}`];
}

function helpFor(command: string | undefined): string {
  return command === undefined ? '`rulewright --help` lists the options.' : `See \`rulewright ${command} --help\`.`;
}
