/**
 * The programs out of Debian's packages, unpacked and not installed, so that any user may do it. Signatures are
 * apt's business. The addresses are those that this machine's apt is set up with.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onPath, toolsDir, wanted } from './places.mjs';
import { run } from './run-quietly.mjs';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Prometheus 2.x from the suites that the machine has: about 2 s, 30 MB. */
export function debianOld() {
  needApt();
  unpackInto('old', (folder) => {
    const packages = ['prometheus', 'prometheus-alertmanager'];
    try {
      run('apt-get', ['download', ...packages], { cwd: folder });
    } catch {
      // Containers often come without package lists, and only root may fetch those: keep our own.
      const options = ownState(folder);
      run('apt-get', [...options, 'update']);
      run('apt-get', [...options, 'download', ...packages], { cwd: folder });
    }
  });
}

/** Prometheus 3.x from Debian's unstable suite, by the machine's own mirror: about 8 s, 47 MB. */
export function debianNew() {
  needApt();
  unpackInto('new', (folder) => {
    const signed = existsSync(keyring) ? `[signed-by=${keyring}] ` : '';
    const list = join(folder, 'sources.list');
    writeFileSync(list, `deb ${signed}${debianMirror()} unstable main\n`);
    const options = [
      ...ownState(folder),
      '-o',
      `Dir::Etc::sourcelist=${list}`,
      '-o',
      'Dir::Etc::sourceparts=/dev/null',
    ];
    run('apt-get', [...options, 'update']);
    run('apt-get', [...options, 'download', 'prometheus', 'promtool'], { cwd: folder });
  });
}

function needApt() {
  for (const program of ['apt-get', 'dpkg']) {
    if (onPath(program) === undefined) throw new Error(`there is no ${program} here`);
  }
}

/** The address of the Debian archive in the machine's own set-up; not that of the security archive. */
function debianMirror() {
  const said = run('apt-get', ['indextargets', '--format', '$(REPO_URI) $(COMPONENT)', 'Created-By: Packages']);
  const addresses = said
    .split('\n')
    .flatMap((line) => (line.endsWith(' main') ? [line.slice(0, -' main'.length)] : []));
  const mirror = addresses.find((address) => /\/debian\/?$/.test(address));
  if (mirror === undefined) throw new Error("apt here isn't set up with a Debian archive");
  return mirror;
}

/** apt's options for a state of our own: no root, no lock, none of the machine's lists touched. */
function ownState(folder) {
  for (const name of ['state/lists/partial', 'cache/archives/partial'])
    mkdirSync(join(folder, name), { recursive: true });
  const settings = [
    `Dir::State=${folder}/state`,
    `Dir::State::lists=${folder}/state/lists`,
    'Dir::State::status=/var/lib/dpkg/status',
    `Dir::Cache=${folder}/cache`,
    'Debug::NoLocking=1',
    'Acquire::Languages=none',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false',
    'Acquire::IndexTargets::deb-src::Sources::DefaultEnabled=false',
    'Acquire::Retries=1',
    'Acquire::http::Timeout=20',
    'Acquire::https::Timeout=20',
  ];
  return settings.flatMap((setting) => ['-o', setting]);
}

/** Downloads into a folder of its own, unpacks, and moves each program into place by one rename, so that two runs don't meet. */
function unpackInto(age, download) {
  mkdirSync(join(toolsDir, age), { recursive: true });
  const folder = mkdtempSync(join(toolsDir, 'debian-'));
  try {
    download(folder);
    const packages = readdirSync(folder).filter((name) => name.endsWith('.deb'));
    for (const name of packages) run('dpkg', ['-x', join(folder, name), join(folder, 'files')]);
    for (const name of wanted[age]) {
      // Debian calls alertmanager prometheus-alertmanager.
      for (const theirs of [name, `prometheus-${name}`]) {
        const unpacked = join(folder, 'files/usr/bin', theirs);
        if (existsSync(unpacked)) renameSync(unpacked, join(toolsDir, age, name));
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
