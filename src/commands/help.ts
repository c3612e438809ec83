import type { OptionRow } from './table/row.ts';
import { COMMANDS, GLOBAL_OPTIONS } from './table/table.ts';

/** The help of one command, or the overview. Ends with a line break. */
export function helpText(name?: string): string {
  const row = name === undefined ? undefined : COMMANDS[name];
  return row === undefined ? overview() : commandHelp(row);
}

function overview(): string {
  return sections([
    [
      'rulewright compiles alerting rules that live in git into the rule files that Prometheus loads.\nOne target, one threshold: what groups say of a rule is proven to reach each target exactly once.',
    ],
    ['Usage: rulewright COMMAND [options]'],
    ['Commands:', rows(Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary]))],
    ['Options:', optionRows(GLOBAL_OPTIONS)],
    [
      'Examples:',
      rows([
        ['rulewright init alerts', 'start a repository that compiles'],
        ['rulewright -C alerts build', 'compile it'],
        ['rulewright check --strict', 'in a pipeline: sources, warnings, and that dist/ is up to date'],
        ['rulewright help build', 'all about one command'],
      ]),
    ],
    [
      'Exit codes: 0 fine; 1 the sources have errors, a check failed or dist/ is stale; 2 wrong usage or a broken environment.',
    ],
  ]);
}

function commandHelp(row: (typeof COMMANDS)[string]): string {
  const own = Object.keys(row.options).length > 0;
  return sections([
    [row.about],
    [`Usage: ${row.usage}`],
    ...(own ? [['Options:', optionRows(row.options)]] : []),
    ['Options of every command:', optionRows(GLOBAL_OPTIONS)],
    ['Examples:', rows(row.examples.map(([command, meaning]) => [command, meaning]))],
  ]);
}

function sections(parts: readonly (readonly string[])[]): string {
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function optionRows(options: Readonly<Record<string, OptionRow>>): string {
  return rows(
    Object.entries(options).map(([name, { value, short, help }]) => [
      `${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`,
      help,
    ]),
  );
}

function rows(pairs: readonly (readonly [left: string, right: string])[]): string {
  const width = Math.max(...pairs.map(([left]) => left.length));
  return pairs.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}
