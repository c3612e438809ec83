/** Gets what is missing, by the first way that works. A machine where none works still runs the other tests. */
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debianNew, debianOld } from './debian.mjs';
import { buildExpander, expander } from './expander.mjs';
import { release } from './github.mjs';
import { goPromtool, goSources } from './go.mjs';
import { inventory, missing, onPath, sourcesOf, toolsDir, versionOf } from './places.mjs';

const ways = {
  old: [
    { name: "Debian's packages", get: debianOld },
    { name: 'the releases', get: () => release('old') },
  ],
  new: [
    { name: "Debian's packages", get: debianNew },
    { name: 'the releases', get: () => release('new') },
    { name: 'building it with Go', get: goPromtool },
  ],
};

/** A way that failed is tried again after a day, so that a machine without a network doesn't wait at each run. */
const patience = 24 * 60 * 60 * 1000; // milliseconds

/** The programs' paths, after having got those that were missing; `say` takes lines for people. */
export async function ensureTools(say) {
  for (const age of ['old', 'new']) {
    if (missing(age).length > 0 && !failedLately(age)) await get(age, say);
  }
  getSources(say);
  if (expander() === undefined && onPath('go') !== undefined && !failedLately('expand')) getExpander(say);
  const found = inventory();
  say(`tools: ${describe(found)}`);
  return found;
}

async function get(age, say) {
  const failures = [];
  for (const way of ways[age]) {
    if (missing(age).length === 0) break;
    say(`tools: getting ${missing(age).join(', ')} (${age}) from ${way.name} …`);
    const start = performance.now();
    try {
      await way.get();
      say(`tools: done in ${((performance.now() - start) / 1000).toFixed(1)} s`);
    } catch (error) {
      failures.push(`${way.name}: ${error.message}`);
      say(`tools: that failed: ${error.message}`);
    }
  }
  const marker = failureMarker(age);
  if (missing(age).length === 0) {
    rmSync(marker, { force: true });
  } else {
    mkdirSync(toolsDir, { recursive: true });
    writeFileSync(marker, `${failures.join('\n')}\n`);
    say(
      `tools: without ${missing(age).join(', ')} (${age}), tests that need them are skipped; remove ${marker} to try again`,
    );
  }
}

/** The sources of the servers' releases, whose tests are judges of ours; only where Go is, and some 2 s each the first time. */
function getSources(say) {
  if (onPath('go') === undefined || failedLately('sources')) return;
  const servers = Object.values(inventory().prometheus).filter((path) => path !== undefined);
  const missingOnes = servers.flatMap((path) => {
    const version = versionOf(path);
    return version === undefined || sourcesOf(version) !== undefined ? [] : [version];
  });
  if (missingOnes.length === 0) return;
  say(`tools: getting the sources of Prometheus ${missingOnes.join(', ')} by Go …`);
  try {
    goSources(missingOnes);
  } catch (error) {
    say(`tools: that failed: ${error.message}`);
    mkdirSync(toolsDir, { recursive: true });
    writeFileSync(failureMarker('sources'), `${error.message}\n`);
  }
}

function getExpander(say) {
  say('tools: building the judge of Go templates …');
  try {
    buildExpander();
  } catch (error) {
    writeFileSync(failureMarker('expand'), `${error.message}\n`);
    say(`tools: that failed: ${error.message}; remove ${failureMarker('expand')} to try again`);
  }
}

function failureMarker(age) {
  return join(toolsDir, `${age}.failed`);
}

function failedLately(age) {
  const marker = failureMarker(age);
  return existsSync(marker) && Date.now() - statSync(marker).mtimeMs < patience;
}

function describe(found) {
  const one = (name, path) =>
    `${name} ${path === undefined ? 'missing' : (versionOf(path) ?? 'of an unknown version')}`;
  return [
    one('promtool', found.promtool.old),
    one('promtool', found.promtool.new),
    one('prometheus', found.prometheus.old),
    one('prometheus', found.prometheus.new),
    one('alertmanager', found.alertmanager),
  ].join(', ');
}
