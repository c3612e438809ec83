import { join } from 'node:path';
import { expect } from 'vitest';
import { type Dist, readDist } from '../../src/io/dist/dist.ts';
import { planRelease, type ReleasePlan } from '../../src/io/dist/plan.ts';
import type { ReleaseFile } from '../../src/io/dist/stage.ts';
import { applyPlan } from '../../src/io/dist/write.ts';
import { manifest } from '../../src/outputs/manifest.ts';

export const HEADER = '# Compiled by rulewright: do not edit.\n';
/** A process number that no process has. */
export const OPTIONS = { pid: 4_000_000, now: Date.now() };

/** A compiled file with these alerts, each with a number that tells its versions apart. */
export function file(groupId: string, alerts: Readonly<Record<string, number>>): ReleaseFile {
  const rules = Object.entries(alerts).map(([name, n]) => `      - alert: ${name}\n        expr: up > ${n}\n`);
  const parts = [HEADER, `groups:\n  - name: ${groupId}/a\n    rules:\n`, ...rules];
  return { fileName: `group-${groupId}.yml`, groupId, ruleCount: rules.length, parts: () => parts };
}

/** What is in `<root>/dist`. */
export async function distAt(root: string): Promise<Dist> {
  const result = await readDist(root, join(root, 'dist'), false);
  if ('message' in result) throw new Error(result.message);
  return result;
}

/** What a release of these files would do there. */
export async function planAt(root: string, files: readonly ReleaseFile[]): Promise<ReleasePlan> {
  const result = await planRelease(await distAt(root), files, manifest);
  if ('message' in result) throw new Error(result.message);
  return result;
}

/** The release of these files, carried out. */
export async function releaseAt(root: string, files: readonly ReleaseFile[]): Promise<ReleasePlan> {
  const result = await planAt(root, files);
  expect(await applyPlan(result, OPTIONS)).toBeUndefined();
  return result;
}
