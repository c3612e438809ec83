/**
 * `npm test`: gets promtool, Prometheus and Alertmanager where they are missing, then runs vitest with the arguments
 * given. `npm test -- test/cases.test.ts` runs one file.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureTools } from './ensure.mjs';
import { root } from './places.mjs';

const tools = process.env.RULEWRIGHT_TOOLS ?? JSON.stringify(await ensureTools((line) => console.error(line)));
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const done = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, RULEWRIGHT_TOOLS: tools },
});
process.exitCode = done.status ?? 1;
