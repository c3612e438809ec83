import { expect } from 'vitest';
import { type AdoptPlan, planAdoption } from '../../src/commands/adopt/plan.ts';
import { type ReadRules, readRules } from '../../src/commands/adopt/read.ts';
import { parseConfig } from '../../src/core/parse/config.ts';
import { TODAY } from '../support/compile.ts';

const context = { env: {}, today: TODAY };

/** What is proposed for some files, by path, and what stays native and why. */
export function propose(
  files: Readonly<Record<string, string>>,
  modes: { params?: boolean; groups?: boolean } = {},
): { read: ReadRules; plan: AdoptPlan; texts: Record<string, string> } {
  const inputs = Object.entries(files).map(([path, text]) => {
    return { file: { path, text }, name: path.replace(/\.\w+$/, ''), explicit: true };
  });
  const read = readRules(inputs, parseConfig(undefined, {}).config, context);
  const plan = planAdoption(read.items, {
    ...context,
    params: modes.params ?? false,
    groups: modes.groups ?? false,
    takenIds: new Set(),
    takenGroups: new Set(),
  });
  expect(plan.flaws).toEqual([]);
  return { read, plan, texts: Object.fromEntries(plan.proposals.map((p) => [p.path, p.text])) };
}
