/**
 * promtool of a 3.x built from source where Go is: the last resort, for it takes minutes. `prometheus` itself is left
 * out: it takes as long again, and the old one runs all tests that need a server.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onPath, toolsDir } from './places.mjs';
import { run } from './run-quietly.mjs';

/** Go's name for Prometheus 3.N is v0.3NN. */
const version = 'v0.311.0';

/** Builds promtool into `.tools/new`. Throws where there is no Go, or where it can't build. */
export function goPromtool() {
  if (onPath('go') === undefined) throw new Error('there is no go here');
  mkdirSync(join(toolsDir, 'new'), { recursive: true });
  const folder = mkdtempSync(join(toolsDir, 'go-'));
  try {
    writeFileSync(
      join(folder, 'go.mod'),
      `module tools\n\ngo 1.25\n\nrequire github.com/prometheus/prometheus ${version}\n`,
    );
    // Service discovery brings in every cloud's library and promtool's rule checks use none of them.
    const args = ['build', '-tags', 'remove_all_sd', '-o', 'promtool', 'github.com/prometheus/prometheus/cmd/promtool'];
    run('go', args, { cwd: folder, env: { GOFLAGS: '-mod=mod', GOWORK: 'off', CGO_ENABLED: '0' }, timeout: 600 });
    renameSync(join(folder, 'promtool'), join(toolsDir, 'new', 'promtool'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
