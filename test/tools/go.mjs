/** Programs of Prometheus built from source where Go is, which takes minutes, and the sources themselves. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { moduleVersion, onPath, TODAY, toolsDir } from './places.mjs';
import { run } from './run-quietly.mjs';

/**
 * promtool of a 3.x: the last resort. `prometheus` itself is left out: it takes as long again, and the old one runs all
 * tests that need a server.
 */
export const goPromtool = () => build('new', '3.11.0', ['promtool']);

/** Server and promtool of the newest release that we know. */
export const goToday = () => build('today', TODAY, ['promtool', 'prometheus']);

/** Builds into `.tools/<age>`. Throws where there is no Go, or where it can't build. */
function build(age, version, programs) {
  inModule([version], (folder, env) => {
    mkdirSync(join(toolsDir, age), { recursive: true });
    for (const program of programs) {
      // Service discovery brings in every cloud's library, and nothing here discovers.
      const flags = [
        '-tags',
        'remove_all_sd',
        '-ldflags',
        `-X github.com/prometheus/common/version.Version=${version}`,
      ];
      const what = `github.com/prometheus/prometheus/cmd/${program}`;
      run('go', ['build', ...flags, '-o', program, what], { cwd: folder, env, timeout: 1800 });
      renameSync(join(folder, program), join(toolsDir, age, program));
    }
  });
}

/** Gets the sources of releases, whose tests are judges of ours, into Go's own cache. */
export function goSources(versions) {
  const modules = versions.map((version) => `github.com/prometheus/prometheus@${moduleVersion(version)}`);
  inModule([], (folder, env) => run('go', ['mod', 'download', ...modules], { cwd: folder, env, timeout: 600 }));
}

/** Gives a module of our own that requires some release, and removes it in the end. */
function inModule(versions, use) {
  if (onPath('go') === undefined) throw new Error('there is no go here');
  mkdirSync(toolsDir, { recursive: true });
  const folder = mkdtempSync(join(toolsDir, 'go-'));
  const required = versions.map((version) => `require github.com/prometheus/prometheus ${moduleVersion(version)}\n`);
  try {
    writeFileSync(join(folder, 'go.mod'), `module tools\n\ngo 1.25\n\n${required.join('')}`);
    use(folder, { GOFLAGS: '-mod=mod', GOWORK: 'off', CGO_ENABLED: '0' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
