import { mkdtemp, readFile, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { manifestRows } from '../../src/io/dist/dist.ts';
import { type ReleasePlan, restrictPlan, staleFiles } from '../../src/io/dist/plan.ts';
import type { ReleaseFile } from '../../src/io/dist/stage.ts';
import { applyPlan } from '../../src/io/dist/write.ts';
import { manifest } from '../../src/outputs/manifest.ts';
import { distAt, file, OPTIONS, planAt, releaseAt } from './release-support.ts';

let root: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'rw-restrict-')));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function restricted(files: readonly ReleaseFile[], ...groups: string[]): Promise<ReleasePlan> {
  const result = await restrictPlan(await distAt(root), await planAt(root, files), new Set(groups), manifest);
  if ('message' in result) throw new Error(result.message);
  return result;
}

/** Files that share rules: a and b by X, a and c by Y, c and d by Z. */
const old = [
  file('a', { X: 1, Y: 1 }),
  file('b', { X: 1 }),
  file('c', { Y: 1, Z: 1 }),
  file('d', { Z: 1 }),
  file('e', { E: 1 }),
];

describe('restrictPlan', () => {
  it('takes along every changed file that shares a rule, and those that share one with them', async () => {
    await releaseAt(root, old);
    const result = await restricted(
      [
        file('a', { X: 2, Y: 1 }),
        file('b', { X: 2 }),
        file('c', { Y: 2, Z: 2 }),
        file('d', { Z: 2 }),
        file('e', { E: 2 }),
      ],
      'b',
    );
    expect(staleFiles(result)).toEqual(['group-a.yml', 'group-b.yml', 'group-c.yml', 'group-d.yml', 'manifest.json']);
    expect(result.left).toEqual(['group-e.yml']);
    expect(await applyPlan(result, OPTIONS)).toBeUndefined();
    expect(await readFile(join(root, 'dist/rules/group-e.yml'), 'utf8')).toContain('up > 1');
    // The manifest tells of what is there, the old e among it.
    const { rows } = await distAt(root);
    expect([...rows.keys()]).toEqual(old.map((one) => one.fileName));
    for (const [name, row] of rows) expect((await stat(join(root, 'dist/rules', name))).size).toBe(row.size_bytes);
    expect(staleFiles(await planAt(root, [file('e', { E: 1 })]))).not.toContain('group-e.yml');
  });

  it('goes no further through files that did not change', async () => {
    await releaseAt(root, old);
    const result = await restricted(
      [
        file('a', { X: 2, Y: 1 }),
        file('b', { X: 1 }),
        file('c', { Y: 1, Z: 1 }),
        file('d', { Z: 2 }),
        file('f', { F: 1 }),
      ],
      'a',
    );
    expect(staleFiles(result)).toEqual(['group-a.yml', 'manifest.json']);
    expect(result.left).toEqual(['group-d.yml', 'group-e.yml', 'group-f.yml']);
    expect([...manifestRows(result.manifest.text).keys()]).toEqual(old.map((one) => one.fileName));
  });

  it('removes files that shared a rule, and writes those that come to share one', async () => {
    await releaseAt(root, old);
    const files = [
      file('a', { X: 1, Y: 1, Q: 1 }),
      file('c', { Y: 1, Z: 1 }),
      file('d', { Z: 1 }),
      file('q', { Q: 2 }),
    ];
    const result = await restricted(files, 'a');
    expect(staleFiles(result)).toEqual(['group-a.yml', 'group-b.yml', 'group-q.yml', 'manifest.json']);
    expect(result.left).toEqual(['group-e.yml']);
  });
});
