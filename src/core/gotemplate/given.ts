import type { Run } from './frame.ts';
import { plainly } from './frame.ts';
import type { Command, Operand, Pipeline } from './tree.ts';

/** What a condition proves of what it asks for. */

/** What is there where a condition holds, as written: `if query "up"`, `if and $x (query "up")`, `if gt (len $x) 0`. */
export function asked(run: Run, pipeline: Pipeline): readonly string[] {
  const found = [plainly(run.text.slice(pipeline.from, pipeline.to))];
  const [command, ...others] = pipeline.commands;
  if (!command || others.length > 0) return found;
  for (const { term, fields } of provenBy(command)) {
    if (fields.length > 0) continue;
    if (term.kind === 'parentheses') found.push(...asked(run, term.pipeline));
    if (term.kind === 'variable') found.push(term.name);
  }
  return found;
}

/** The arguments that can't be empty or zero where a call gives something true. */
function provenBy({ first, args }: Command): readonly Operand[] {
  if (first.term.kind !== 'function') return [];
  const [one, bound] = args;
  const number = bound?.term.kind === 'number' ? Number(bound.term.text) : Number.NaN;
  switch (first.term.name) {
    case 'and':
    case 'len':
      return args;
    case 'gt':
      return one && number >= 0 ? [one] : [];
    case 'ge':
      return one && number > 0 ? [one] : [];
    case 'ne':
      return one && number === 0 ? [one] : [];
    default:
      return [];
  }
}

/** The name of the variable that a pipeline is, where it is nothing else. */
export function loneVariable({ commands: [command, ...others] }: Pipeline): string | undefined {
  if (!command || others.length > 0 || command.args.length > 0 || command.first.fields.length > 0) return undefined;
  return command.first.term.kind === 'variable' ? command.first.term.name : undefined;
}

/** A template that is called with just what the caller was given. */
export function passesOn({ commands: [command, ...others] }: Pipeline): boolean {
  if (!command || others.length > 0 || command.args.length > 0 || command.first.fields.length > 0) return false;
  const { term } = command.first;
  return term.kind === 'dot' || (term.kind === 'variable' && term.name === '$');
}
