/**
 * The programs out of the projects' own releases, for machines without Debian's packages. Each archive is pinned by
 * its SHA-256; to move to another version, add its row, with sums from somewhere else than beside the archive.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolsDir } from './places.mjs';
import { run } from './run-quietly.mjs';

const releases = {
  old: [
    {
      project: 'prometheus',
      version: '2.42.0',
      programs: ['prometheus', 'promtool'],
      sha256: {
        'linux-amd64': '422dab055ed9c7bcaff52b718705f9192c6fac0de6b7e78dd278e70ee2663dcc',
        'darwin-amd64': '384549a78a1d19d21e072a1aee2bd4aa9130446d5134587046141cc0928684c7',
        'darwin-arm64': 'c72ebc0419e77e920b7cfb1742e85d3dd406ac0fe62e65936cc7119c98110d3b',
      },
    },
    {
      project: 'alertmanager',
      version: '0.25.0',
      programs: ['alertmanager', 'amtool'],
      sha256: {
        'linux-amd64': '206cf787c01921574ca171220bb9b48b043c3ad6e744017030fed586eb48e04b',
        'linux-arm64': '20db5e4e12bcce8e2e419cc4c2bc35062ddbc14d2aacb77e4d5684c0eab7f0fe',
      },
    },
  ],
  new: [
    {
      project: 'prometheus',
      version: '3.4.1',
      programs: ['prometheus', 'promtool'],
      sha256: {
        'linux-amd64': '09203151c132f36b004615de1a3dea22117ad17e6d7a59962e34f3abf328f312',
        'linux-arm64': '2a85be1dff46238c0d799674e856c8629c8526168dd26c3de2cecfbfc6f9a0a2',
      },
    },
  ],
};

/** The releases of that age ("old" or "new") for this machine: some 100 MB each. Throws where one cannot be had. */
export async function release(age) {
  const machine = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  mkdirSync(join(toolsDir, age), { recursive: true });
  const failures = [];
  for (const row of releases[age]) {
    try {
      await fetchRelease(age, row, machine);
    } catch (error) {
      failures.push(`${row.project} ${row.version}: ${error.cause?.message ?? error.message}`);
    }
  }
  if (failures.length > 0) throw new Error(failures.join('; '));
}

async function fetchRelease(age, { project, version, programs, sha256 }, machine) {
  const sum = sha256[machine];
  if (sum === undefined) throw new Error(`no checksum is pinned for ${machine}`);
  const name = `${project}-${version}.${machine}`;
  const address = `https://github.com/prometheus/${project}/releases/download/v${version}/${name}.tar.gz`;
  const answer = await fetch(address, { signal: AbortSignal.timeout(180_000) });
  if (!answer.ok) throw new Error(`the download answers ${answer.status}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sum) throw new Error(`the archive's SHA-256 is ${found}, not the pinned ${sum}`);

  const folder = mkdtempSync(join(toolsDir, 'release-'));
  try {
    writeFileSync(join(folder, 'archive.tar.gz'), bytes);
    run('tar', ['-xzf', 'archive.tar.gz', ...programs.map((program) => `${name}/${program}`)], { cwd: folder });
    for (const program of programs) renameSync(join(folder, name, program), join(toolsDir, age, program));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
