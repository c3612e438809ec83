import { takeLock } from '../../src/io/deploy/lock.ts';
import { planSwitch } from '../../src/io/deploy/plan.ts';
import { recover } from '../../src/io/deploy/recover.ts';
import { readRelease } from '../../src/io/deploy/release.ts';
import { inspect } from '../../src/io/deploy/rule-path.ts';
import { openSwitch } from '../../src/io/deploy/switch.ts';
import type { Layout } from '../../src/io/deploy/types.ts';

/**
 * A deploy without a server, small enough to be killed hundreds of times: the arguments are the rule path, a `dist/`, the
 * layout, how many releases are kept, and how it ends (`confirm`, `undo`,
 * or `recover`: after it has mended what another one left). It is bundled into one
 * file by the test that runs it. What goes wrong is printed; the status is 0, or 1 where there was a problem.
 */
async function main([rulePath = '', dist = '', layout = 'files', keep = '1', end = 'confirm']: readonly string[]) {
  const options = { pid: process.pid, now: Date.now() };
  const lock = await takeLock(rulePath, options);
  if ('code' in lock) return lock;
  try {
    const found = await inspect(rulePath);
    if ('code' in found) return found;
    const mended = await recover(found);
    if ('code' in mended) return mended;
    if (end === 'recover') return undefined;
    const release = await readRelease(dist);
    if ('code' in release) return release;
    const plan = await planSwitch(mended.deployed, release, layout as Layout);
    if ('code' in plan) return plan;
    const open = await openSwitch(plan, { ...options, keep: Number(keep) });
    if ('code' in open) return open;
    return end === 'undo' ? await open.undo() : await open.confirm();
  } finally {
    await lock.release();
  }
}

const problem = await main(process.argv.slice(2));
if (problem) {
  process.stdout.write(`${problem.message}\n${problem.help ?? ''}\n`);
  process.exitCode = 1;
}
