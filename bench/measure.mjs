/** Runs programs and says what they took. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * @typedef {object} Took
 * @property {number} wall seconds
 * @property {number} cpu seconds of all its threads, user and system
 * @property {number} rss bytes at the most; 0 where the program is not ours
 * @property {string} stderr
 * @property {number} code
 */

const folder = mkdtempSync(join(tmpdir(), 'rw-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
/** Told at a program's end, for a parent sees no memory of its children. */
const hook = join(folder, 'hook.mjs');
writeFileSync(
  hook,
  `import { writeFileSync } from 'node:fs';\nprocess.on('exit', () => writeFileSync(process.env.BENCH_RSS, String(process.resourceUsage().maxRSS * 1024)));\n`,
);

/** Runs a program once. `quiet` leaves the hook out, where each millisecond counts. */
export function run(command, args, { cwd = folder, env = {}, quiet = false, allow = [0] } = {}) {
  const rssFile = join(folder, 'rss');
  writeFileSync(rssFile, '0');
  const isNode = command === process.execPath && !quiet;
  const own = isNode ? ['--import', pathToFileURL(hook).href, ...args] : args;
  const script = 'TIMEFORMAT="%R %U %S"; time "$0" "$@" >/dev/null 2>"$BENCH_ERR"';
  const ran = spawnSync('bash', ['-c', script, command, ...own], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env, BENCH_RSS: rssFile, BENCH_ERR: join(folder, 'err') },
  });
  const stderr = readFileSync(join(folder, 'err'), 'utf8');
  if (!allow.includes(ran.status)) throw new Error(`${command} ${args.join(' ')} ended with ${ran.status}: ${stderr}`);
  const [wall, user, system] = ran.stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return { wall, cpu: user + system, rss: Number(readFileSync(rssFile, 'utf8')), stderr, code: ran.status };
}

/** The quickest of some runs, by CPU time and by the clock each; `before` each of them something is made ready. */
export function best(times, once, before = () => undefined) {
  const all = Array.from({ length: times }, (_, index) => {
    before(index);
    return once();
  });
  const least = (key) => Math.min(...all.map((one) => one[key]));
  return { ...all[0], wall: least('wall'), cpu: least('cpu'), rss: Math.max(...all.map((one) => one.rss)) };
}
