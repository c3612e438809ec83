/**
 * The programs that the tests judge by, where they are kept, and which of them are here already.
 *
 * "old" is a Prometheus 2.x, as old as we support; "new" is a 3.x. Both matter: what one accepts the
 * other may refuse. They live in `.tools/old` and `.tools/new`, which git ignores.
 */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const toolsDir = join(root, '.tools');

/** What is wanted in each folder. */
export const wanted = {
  old: ['promtool', 'prometheus', 'alertmanager', 'amtool'],
  new: ['promtool', 'prometheus'],
};

/** Whether a path is a file that may be run. */
export function executable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The first program of that name on PATH, or undefined. */
export function onPath(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder !== '' && executable(join(folder, name))) return join(folder, name);
  }
  return undefined;
}

/** The version that a program tells, such as "2.42.0", or undefined where it tells none (or doesn't run here). */
export function versionOf(path) {
  try {
    const said = execFileSync(path, ['--version'], { encoding: 'utf8', stdio: 'pipe', timeout: 20_000 });
    return /version (\d+\.\d+\.\d+)/.exec(said)?.[1];
  } catch (error) {
    // Old alertmanagers print their version to standard error; the others fail for good.
    return /version (\d+\.\d+\.\d+)/.exec(String(error.stderr ?? ''))?.[1];
  }
}

/** The path of a program of that age ("old" or "new"): from `.tools`, else from PATH where its version fits; else undefined. */
export function present(age, name) {
  const ours = join(toolsDir, age, name);
  if (executable(ours)) return ours;
  const theirs = onPath(name);
  if (theirs === undefined) return undefined;
  if (name === 'alertmanager' || name === 'amtool') return theirs;
  const version = versionOf(theirs);
  if (version === undefined) return undefined;
  return (Number.parseInt(version, 10) >= 3 ? 'new' : 'old') === age ? theirs : undefined;
}

/** The names of that age that are neither in `.tools` nor on PATH. */
export function missing(age) {
  return wanted[age].filter((name) => present(age, name) === undefined);
}

/**
 * The newest release that we know the grammar of. Building it takes minutes, so that only `npm run judges` does, into
 * `.tools/today`; where it is, tests hold us against it.
 */
export const TODAY = process.env.TODAY ?? '3.16.0';

/** Go's name for a version of Prometheus: 2.42.0 is v0.42.0, 3.5.3 is v0.305.3. */
export function moduleVersion(version) {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return `v0.${major >= 3 ? major * 100 + minor : minor}.${patch}`;
}

/** Where Go keeps the sources of a release, once it has them; undefined without either. */
export function sourcesOf(version) {
  if (onPath('go') === undefined) return undefined;
  try {
    const cache = execFileSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8', stdio: 'pipe' }).trim();
    const folder = join(cache, `github.com/prometheus/prometheus@${moduleVersion(version)}`);
    return existsSync(join(folder, 'promql')) ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** A program of today's release; undefined where nobody built it. */
function today(name) {
  const path = join(toolsDir, 'today', name);
  return executable(path) ? path : undefined;
}

/** Everything that is here, in the form that the tests read from RULEWRIGHT_TOOLS. */
export function inventory() {
  const ages = (name) => ({ old: present('old', name), new: present('new', name), today: today(name) });
  return {
    promtool: ages('promtool'),
    prometheus: ages('prometheus'),
    alertmanager: present('old', 'alertmanager'),
    amtool: present('old', 'amtool'),
  };
}
