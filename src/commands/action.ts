import { openRunner } from '../io/github/runner.ts';
import type { Problem } from '../io/problem.ts';
import { type Inputs, readInputs } from './action/inputs.ts';
import { markPreviewStale } from './action/sticky.ts';
import { failAction, openWorld, type Surroundings, surroundings, type World, withPromtool } from './action/world.ts';
import { EXIT, type ExitCode, type Io, isProblem } from './context.ts';

type ActionRun = (world: World) => Promise<ExitCode | Problem>;

/** One row a command that looks at commits, imported when it is called. */
const RUNS: Readonly<Record<Exclude<Inputs['command'], 'deploy'>, () => Promise<ActionRun>>> = {
  preview: async () => (await import('./action/preview.ts')).preview,
  comment: async () => (await import('./action/comment.ts')).comment,
  publish: async () => (await import('./action/publish.ts')).publish,
};

/** Runs what the inputs ask for, and gives the exit code. Never throws: a fault of ours is told as such. */
export async function runAction(io: Io, version: string): Promise<ExitCode> {
  const runner = openRunner(io.env, (text) => io.stdout.write(text));
  if (isProblem(runner)) {
    io.stderr.write(`error: ${runner.message}\n${runner.help === undefined ? '' : `help: ${runner.help}\n`}`);
    return EXIT.broken;
  }
  const inputs = readInputs(runner, io.env);
  if (isProblem(inputs)) return failAction(runner, 'action', inputs);
  const log = { write: (text: string) => runner.log(text.replace(/\n$/, '')), isTTY: false };
  const around = surroundings(runner, inputs, { ...io, stdout: log, stderr: log }, version);
  const done = await guarded(around, version, () => run(around, version));
  if (typeof done === 'number') return done;
  if (inputs.command === 'preview') await guarded(around, version, () => markPreviewStale(around, done));
  return failAction(runner, inputs.command, done);
}

async function run(around: Surroundings, version: string): Promise<ExitCode | Problem> {
  const { command } = around.inputs;
  if (command === 'deploy') return (await import('./action/deploy.ts')).deploy(around);
  const ready = await withPromtool(around, version);
  if (isProblem(ready)) return ready;
  const world = await openWorld(ready);
  return isProblem(world) ? world : (await RUNS[command]())(world);
}

/** Whatever is thrown becomes a problem that says whose fault it is. */
async function guarded<T>({ runner, io }: Surroundings, version: string, work: () => Promise<T>): Promise<T | Problem> {
  try {
    return await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (io.env['RULEWRIGHT_DEBUG'] && error instanceof Error) runner.log(error.stack ?? '');
    return {
      code: 'environment',
      message: `rulewright ${version} met a fault of its own: ${message}. It says nothing about your rules, and nothing was proven about them.`,
      help: 'Please report it to the project with this message and, with RULEWRIGHT_DEBUG=1 in the environment, the stack.',
    };
  }
}
