import type { Call, Command, ExitCode, Failure, Io } from './context.ts';
import { fail } from './fail.ts';

/** The inventory: `pull` takes it from a live server, `list` shows it. */
export async function inventory(call: Call, io: Io): Promise<ExitCode> {
  const run = await chosen(call);
  return typeof run === 'function' ? run(call, io) : fail(run, call, io);
}

/** Options that only `pull` has. */
const PULL_ONLY = ['url', 'out', 'metrics', 'dry-run'];

async function chosen(call: Call): Promise<Command | Failure> {
  const usage = (message: string, help: string): Failure => ({ code: 'usage', message, help });
  const [what] = call.args;
  if (what === 'pull') return (await import('./inventory/pull.ts')).inventoryPull;
  if (what !== 'list') {
    const said =
      what === undefined
        ? 'What to do with the inventory is not said.'
        : `There is no inventory ${JSON.stringify(what)}.`;
    return usage(said, 'It is `rulewright inventory pull` or `rulewright inventory list`.');
  }
  const given = PULL_ONLY.find((name) => call.options[name] !== undefined);
  if (given !== undefined)
    return usage(`inventory list has no option --${given}.`, 'It belongs to `rulewright inventory pull`.');
  return (await import('./inventory/list.ts')).inventoryList;
}
