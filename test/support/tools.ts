import type { TestContext } from 'vitest';
import { describe } from 'vitest';
import type { Tools } from '../tools/places.d.mts';
import { inventory } from '../tools/places.mjs';

/** promtool, Prometheus and Alertmanager as `npm test` found them; where vitest runs alone, those in `.tools` and on PATH. */
export const tools: Tools = process.env.RULEWRIGHT_TOOLS ? JSON.parse(process.env.RULEWRIGHT_TOOLS) : inventory();

/** "old" is a Prometheus 2.x (as old as we support, where Debian stable is), "new" a 3.x. */
export type Age = 'old' | 'new';
export const AGES: readonly Age[] = ['old', 'new'];

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
): void {
  for (const age of AGES) {
    const path = tools[program][age];
    if (path === undefined) describe.skip(`${name} (${missing(program, age)})`, () => body('', age));
    else describe(`${name} (${program} ${age === 'old' ? '2.x' : '3.x'})`, () => body(path, age));
  }
}

function missing(name: string, age: Age): string {
  return `skipped: there is no ${name} ${age === 'old' ? '2.x' : '3.x'} here; \`npm test\` gets it`;
}
