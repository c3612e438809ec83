import { type Call, type ExitCode, type Failure, type Io, isProblem } from './context.ts';
import { effectiveRemembered } from './effective/remembered.ts';
import { fail } from './fail.ts';
import { loadRepository } from './repository.ts';

/** Shows the rules in effect for a target, a described machine or a group. Looks at the sources alone, writes nothing. */
export async function effective(call: Call, io: Io): Promise<ExitCode> {
  const { globals } = call;
  const wrong = wrongUsage(call);
  if (wrong) return fail(wrong, call, io);
  const sources = await loadRepository(globals, io);
  if (isProblem(sources)) return fail(sources, call, io);
  const remembered = await effectiveRemembered(sources, call, io);
  if (remembered !== undefined) return remembered;
  const { effectiveCompiled } = await import('./effective/compiled.ts');
  return effectiveCompiled(sources, call, io);
}

function wrongUsage(call: Call): Failure | undefined {
  const ways = ['labels', 'group', 'all'].filter((name) => call.options[name] !== undefined).map((name) => `--${name}`);
  if (call.args.length > 0) ways.unshift('a target');
  const usage = (message: string, help: string): Failure => ({ code: 'usage', message, help });
  if (ways.length === 0) {
    return usage('Nobody is named.', "Name a target, or say --labels 'env=prod', --group ID or --all.");
  }
  if (ways.length > 1) return usage(`${ways.join(' and ')} are given; one of them is enough.`, 'Leave the others out.');
  if (call.options['why'] !== undefined && (call.options['rule'] !== undefined || call.options['all'] === true)) {
    return usage('--why is about one rule and one target (or group).', 'Leave out --rule and --all.');
  }
  return undefined;
}
