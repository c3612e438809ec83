import { spawnSync } from 'node:child_process';

/**
 * Runs a program and gives what it printed; throws with the last lines of its complaint where it fails.
 * `timeout` is in seconds.
 */
export function run(program, args, { cwd, env, timeout = 120 } = {}) {
  const done = spawnSync(program, args, {
    cwd,
    env: { ...process.env, LC_ALL: 'C', ...env },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024, // bytes
    timeout: timeout * 1000, // milliseconds
  });
  if (done.error?.code === 'ETIMEDOUT') throw new Error(`${program} ${args[0]}: not done after ${timeout} s`);
  if (done.error) throw new Error(`${program}: ${done.error.message}`);
  if (done.status !== 0) {
    const said = `${done.stderr}${done.stdout}`.trim().split('\n').slice(-3).join(' | ');
    throw new Error(`${program} ${args[0]} ended with ${done.status ?? done.signal}: ${said.slice(0, 400)}`);
  }
  return done.stdout;
}
