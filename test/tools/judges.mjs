/**
 * `npm run judges`: builds the newest Prometheus that we know where it is missing (minutes, by Go), gets the sources of
 * all releases that tests judge by, then holds our grammar and our reading of servers against all of them.
 * `TODAY=3.17.0 npm run judges` asks another release: what it has and we refuse is listed.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureTools } from './ensure.mjs';
import { goSources, goToday } from './go.mjs';
import { inventory, root, TODAY, versionOf } from './places.mjs';

const say = (line) => console.error(line);
const found = await ensureTools(say);
const built = found.prometheus.today;
if (built === undefined || versionOf(built) !== TODAY) {
  say(`judges: building Prometheus ${TODAY}, which takes minutes …`);
  goToday();
}
const servers = Object.values(inventory().prometheus).flatMap((path) => (path ? [versionOf(path)] : []));
goSources(servers.filter((version) => version !== undefined));
const tests = ['test/promql/grammar.test.ts', 'test/promql/agree.test.ts', 'test/judge/printers.test.ts'];
const done = spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...tests], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    PRINTERS: 'all',
    AGREE: process.env.AGREE ?? '20000',
    RULEWRIGHT_TOOLS: JSON.stringify(inventory()),
  },
});
process.exitCode = done.status ?? 1;
