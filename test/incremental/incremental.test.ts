import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { cliJson } from '../cli/support.ts';
import { edited, type Files, randomOf, someRepository } from './edits.ts';

/**
 * A build that remembers gives what one that does not gives: after each random edit of random repositories, in
 * `dist/` and in every word that is said. `INCREMENTAL` repositories, each edited some times.
 */
const REPOSITORIES = Number(process.env['INCREMENTAL'] ?? 8);
const EDITS = 10;

const home = mkdtempSync(join(tmpdir(), 'rw-incremental-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

it(`${REPOSITORIES} repositories, ${EDITS} edits each`, { timeout: 60_000 + REPOSITORIES * 10_000 }, async () => {
  const ways = { whole: 0, part: 0, nothing: 0, refused: 0 };
  for (let seed = 0; seed < REPOSITORIES; seed++) {
    const random = randomOf(seed * 7919 + Number(process.env['SEED'] ?? 0));
    const root = join(home, String(seed));
    const around = { cwd: root, env: { RULEWRIGHT_CACHE: join(home, 'cache') }, now: Date.now };
    let files = someRepository(random);
    for (let edit = 0; edit <= EDITS; edit++) {
      const before = files;
      if (edit > 0) files = edited(files, random);
      await write(root, files);
      // Now and then something happens to what was written.
      if (random(6) === 0) await damage(join(root, 'dist/rules'), random);
      const ran = await cliJson(['build', '--timings'], around);
      const clean = await cliJson(['build', '--out', '../clean'], { cwd: root, env: { RULEWRIGHT_CACHE: 'off' } });
      const where = `seed ${seed}, edit ${edit}: ${ran.stderr}`;
      expect(words(ran.json), where).toEqual(words(clean.json));
      expect(ran.code, where).toBe(clean.code);
      // What is refused is taken back, as people do; a repository that is refused at first is made anew.
      if (ran.code !== 0) files = edit > 0 ? before : someRepository(random);
      if (ran.code !== 0 && edit === 0) edit--;
      if (ran.code === 0) expect(tree(join(root, 'dist')), where).toEqual(tree(join(home, 'clean')));
      if (edit === 0 && ran.code === 0)
        expect((await cliJson(['build', '--timings'], around)).stderr).not.toContain('parsing');
      ways[
        ran.code !== 0
          ? 'refused'
          : ran.stderr.includes('parsing')
            ? 'whole'
            : ran.json['files_generated'] === 0
              ? 'nothing'
              : 'part'
      ]++;
    }
    await rm(root, { recursive: true });
    await rm(join(home, 'clean'), { recursive: true, force: true });
  }
  console.log(`incremental builds: ${JSON.stringify(ways)}`);
  expect(ways.part).toBeGreaterThan(REPOSITORIES / 4);
});

/** All that a build says, but for what was written this time and how long it took. */
function words(json: Record<string, unknown>): object {
  const { duration, groups_affected, files_generated, files_unchanged, files_removed, files, ...rest } = json;
  return { ...rest, files: (files as { changed: boolean }[]).map(({ changed, ...file }) => file) };
}

async function write(root: string, files: Files): Promise<void> {
  for (const folder of ['rules', 'groups', 'templates']) {
    const there = await readdir(join(root, folder)).catch(() => []);
    for (const name of there) if (!files.has(`${folder}/${name}`)) await rm(join(root, folder, name));
  }
  for (const [path, text] of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

async function damage(rules: string, random: (below: number) => number): Promise<void> {
  const names = await readdir(rules).catch(() => []);
  const name = names[random(Math.max(1, names.length))];
  if (name === undefined) return;
  if (random(2) === 0) await rm(join(rules, name));
  else await writeFile(join(rules, name), `${readFileSync(join(rules, name), 'utf8')}# by hand\n`);
}

function tree(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.sort().map((path) => [path.slice(folder.length), readFileSync(path, 'utf8')]));
}
