import type { TestContext } from 'vitest';
import { describe } from 'vitest';
import type { Tools } from '../tools/places.d.mts';
import { inventory, TODAY } from '../tools/places.mjs';

/** promtool, Prometheus and Alertmanager as `npm test` found them; where vitest runs alone, those in `.tools` and on PATH. */
export const tools: Tools = process.env.RULEWRIGHT_TOOLS ? JSON.parse(process.env.RULEWRIGHT_TOOLS) : inventory();

/** "old" is a Prometheus 2.x (as old as we support, where Debian stable is), "new" a 3.x, "today" the newest, where `npm run judges` built it. */
export type Age = 'old' | 'new' | 'today';
export const AGES: readonly Age[] = ['old', 'new'];
export const ALL_AGES: readonly Age[] = [...AGES, 'today'];

const AGE_NAMES: Readonly<Record<Age, string>> = { old: '2.x', new: '3.x', today: TODAY };

/** The path of promtool, or the test is skipped and says why. */
export function promtoolOrSkip(context: TestContext, age: Age = 'old'): string {
  return toolOrSkip(context, 'promtool', age, tools.promtool[age]);
}

/** The path of the Prometheus server, or the test is skipped and says why. */
export function prometheusOrSkip(context: TestContext, age: Age = 'old'): string {
  return toolOrSkip(context, 'prometheus', age, tools.prometheus[age]);
}

/** The path of Alertmanager, or the test is skipped and says why. */
export function alertmanagerOrSkip(context: TestContext): string {
  return toolOrSkip(context, 'alertmanager', 'old', tools.alertmanager);
}

function toolOrSkip(context: TestContext, name: string, age: Age, path: string | undefined): string {
  if (path === undefined) context.skip(missing(name, age));
  return path as string;
}

/** A `describe` for each age of a program; one that isn't here is skipped under a name that says so. */
export function describeEach(
  name: string,
  program: 'promtool' | 'prometheus',
  body: (path: string, age: Age) => void,
  ages: readonly Age[] = AGES,
): void {
  for (const age of ages) {
    const path = tools[program][age];
    if (path === undefined) describe.skip(`${name} (${missing(program, age)})`, () => body('', age));
    else describe(`${name} (${program} ${AGE_NAMES[age]})`, () => body(path, age));
  }
}

function missing(name: string, age: Age): string {
  const way = age === 'today' ? '`npm run judges` builds it' : '`npm test` gets it';
  return `skipped: there is no ${name} ${AGE_NAMES[age]} here; ${way}`;
}
