/** The judge of Go templates: a small program around Prometheus' own template package, built where Go is. */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { onPath, root, toolsDir } from './places.mjs';
import { run } from './run-quietly.mjs';

const source = join(root, 'test/tools/expand');

/** Its path, by the version of what it is made of; undefined where it has not been built. */
export function expander() {
  return existsSync(place()) ? place() : undefined;
}

function place() {
  const hash = createHash('sha256');
  for (const name of ['go.mod', 'main.go']) hash.update(readFileSync(join(source, name)));
  return join(toolsDir, `expand-${hash.digest('hex').slice(0, 12)}`);
}

/** Builds it: a minute where nothing is cached. Throws where there is no Go, or where it can't build. */
export function buildExpander() {
  if (onPath('go') === undefined) throw new Error('there is no go here');
  mkdirSync(toolsDir, { recursive: true });
  const folder = mkdtempSync(join(toolsDir, 'go-'));
  try {
    for (const name of ['go.mod', 'main.go']) copyFileSync(join(source, name), join(folder, name));
    run('go', ['build', '-o', 'expand', '.'], {
      cwd: folder,
      env: { GOFLAGS: '-mod=mod', GOWORK: 'off', CGO_ENABLED: '0' },
      timeout: 300,
    });
    renameSync(join(folder, 'expand'), place());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
