/** A pull request chooses the files of a work tree: none of them makes git start a program, or speak for another history. */

import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { cliJson } from '../cli/support.ts';
import { arm, commit, copyScene, env, HOSTILE, makeScene, rules, type Scene, started, write } from './hostile.ts';

let first: Scene;
beforeAll(() => {
  first = makeScene(join(realpathSync(mkdtempSync(join(tmpdir(), 'rw-hostile-'))), 'scene'));
});
afterAll(() => rmSync(join(first.home, '..'), { recursive: true, force: true }));

/** The pull request (55) with what is hostile, and a work tree that goes on (40), as the forged history says. */
function sceneOf({ make, tracked }: (typeof HOSTILE)[number]): Scene {
  const scene = copyScene(first, join(first.home, '..', `copy-${Math.random().toString(36).slice(2)}`));
  onTestFinished(() => rmSync(scene.home, { recursive: true, force: true }));
  write(scene.alerts, rules(55));
  arm(scene);
  if (tracked) make(scene);
  commit(scene.ws);
  if (!tracked) make(scene);
  write(scene.alerts, rules(40));
  return scene;
}

describe.each(HOSTILE)('$name', (hostile) => {
  test('starts nothing, and diff tells the truth', { timeout: 120_000 }, async () => {
    const scene = sceneOf(hostile);
    const around = { env, cwd: scene.alerts };
    for (const [what, old] of [
      [[], '90'],
      [['main'], '90'],
      [['HEAD'], '55'],
      [[scene.base], '90'],
    ] as const) {
      const { json, stderr } = await cliJson(['-C', scene.alerts, 'diff', ...what], around);
      expect(started(scene)).toBe('');
      expect(json['changes'], `diff ${what}: ${stderr}`).toMatchObject([{ field: 'param:threshold', old, new: '40' }]);
    }
  });
});
