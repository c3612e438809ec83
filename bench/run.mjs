/**
 * Measures what bench/README.md promises, each row as a ratio within this run, and writes bench/results.json.
 * Usage: npm run bench -- [PART…] [--small], with PART one of: start usual overlap effective diff promtool linear
 * million jsonnet. Without parts all of them. `--small` divides the million by ten, for a first look.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PARTS } from './parts.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '..');
const asked = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const small = process.argv.includes('--small');
const unknown = asked.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(', ')}; the parts are: ${Object.keys(PARTS).join(' ')}.`);
  process.exit(2);
}

const home = mkdtempSync(join(tmpdir(), 'rw-bench-repositories-'));
process.on('exit', () => rmSync(home, { recursive: true, force: true }));
process.on('SIGINT', () => process.exit(130));

// The program as it is published, and nothing that an earlier run remembers.
const program = join(home, 'program/build/cli.js');
const compiled = spawnSync(process.execPath, [join(root, 'scripts/compile.mjs'), dirname(program)], {
  encoding: 'utf8',
});
if (compiled.status !== 0) throw new Error(compiled.stderr);
writeFileSync(join(home, 'program/package.json'), readFileSync(join(root, 'package.json')));

const promtool = [join(root, '.tools/old/promtool'), '/usr/bin/promtool'].find(existsSync);
const context = { root, home, program, promtool, small, env: { RULEWRIGHT_CACHE: join(home, 'cache') } };

const rows = [];
for (const [name, part] of Object.entries(PARTS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.error(`${name} …`);
  for (const row of await part(context)) {
    rows.push({ part: name, ...row });
    console.log(`${row.work}\n    ${row.measured}    (reach: ${row.reach}) ${row.met ? 'reached' : 'NOT REACHED'}`);
  }
}
const [cpu] = cpus();
const machine = `${cpus().length} × ${cpu.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, ${process.platform}`;
// What programs said is of no use later.
for (const { data } of rows)
  for (const one of Object.values(data)) if (one && typeof one === 'object') delete one.stderr;
const results = { machine, at: new Date().toISOString(), small, rows };
if (asked.length === 0) writeFileSync(join(here, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
console.log(`\nOn ${machine}${small ? ', a tenth of the size' : ''}.`);
