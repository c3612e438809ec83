import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasNoRules } from '../../src/io/deploy/names.ts';
import { planSwitch } from '../../src/io/deploy/plan.ts';
import { readRelease } from '../../src/io/deploy/release.ts';
import { inspect } from '../../src/io/deploy/rule-path.ts';
import { openSwitch } from '../../src/io/deploy/switch.ts';
import type { Deployed, Layout, OpenSwitch, Release, SwitchPlan } from '../../src/io/deploy/types.ts';
import { digest } from '../../src/io/dist/dist.ts';
import type { Problem } from '../../src/io/problem.ts';
import { manifest } from '../../src/outputs/manifest.ts';
import { temporaryFolder } from '../support/paths.ts';

/** By group, the number that its one alert compares with: two releases with one number share the file. */
export type Rules = Readonly<Record<string, number>>;

/** The text of a group's file. The alert's name and a label tell which group and which number it is of. */
export function ruleText(group: string, number: number): string {
  return (
    '# Compiled by rulewright: do not edit, the next build would undo it.\n' +
    `groups:\n  - name: ${group}/a\n    rules:\n      - alert: Alert_${group}\n        expr: up > ${number}\n`
  );
}

/** Writes a `dist/` with these groups into a directory and gives it. Where it is there already, only groups that `changed` are written again. */
export function writeDist(directory: string, rules: Rules, changed?: ReadonlySet<string>): string {
  mkdirSync(join(directory, 'rules'), { recursive: true });
  const rows = Object.entries(rules).map(([group, number]) => {
    const text = ruleText(group, number);
    if (changed?.has(group) !== false) writeFileSync(join(directory, 'rules', `group-${group}.yml`), text);
    const { sha256, size } = digest([text]);
    return { file: `rules/group-${group}.yml`, group_id: group, rule_count: 1, size_bytes: size, sha256 };
  });
  writeFileSync(join(directory, 'manifest.json'), manifest(rows));
  return directory;
}

/** What it gives, or a failed test that says why not. */
export function good<T extends object>(value: T | Problem): T {
  if ('code' in value && 'message' in value) throw new Error(`${value.message}\n${value.help ?? ''}`);
  return value as T;
}

/** What it says, or a failed test where it is no problem. */
export function problemOf(value: object | undefined): Problem {
  if (value && 'code' in value && 'message' in value) return value as Problem;
  throw new Error(`no problem, but ${JSON.stringify(value)}`);
}

export async function look(rulePath: string): Promise<Deployed> {
  return good(await inspect(rulePath));
}

export async function releaseIn(dist: string): Promise<Release> {
  return good(await readRelease(dist));
}

export async function plan(rulePath: string, release: string | Release, layout: Layout = 'files'): Promise<SwitchPlan> {
  const read = typeof release === 'string' ? await releaseIn(release) : release;
  return good(await planSwitch(await look(rulePath), read, layout));
}

export const options = (keep = 1) => ({ pid: process.pid, now: Date.now(), keep });

export async function begin(
  rulePath: string,
  release: string | Release,
  layout: Layout = 'files',
  keep = 1,
): Promise<OpenSwitch> {
  return good(await openSwitch(await plan(rulePath, release, layout), options(keep)));
}

/** A whole deploy without a server. */
export async function deploy(
  rulePath: string,
  release: string | Release,
  layout: Layout = 'files',
  keep = 1,
): Promise<void> {
  const open = await begin(rulePath, release, layout, keep);
  const problem = await open.confirm();
  if (problem) throw new Error(problem.message);
}

/** What a server would read: the texts below a rule path that `*.yml` matches, but for those without rules. Throws where one can't be opened. */
export function seen(rulePath: string): Record<string, string> {
  const names = readdirSync(rulePath).filter((name) => name.endsWith('.yml'));
  const texts = names.map((name) => [name, readFileSync(join(rulePath, name), 'utf8')] as const);
  return Object.fromEntries(texts.filter(([, text]) => !hasNoRules(text)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What `seen` gives once these rules are deployed in layout `files`. */
export function filesOf(rules: Rules): Record<string, string> {
  const groups = Object.keys(rules).sort();
  return Object.fromEntries(groups.map((group) => [`group-${group}.yml`, ruleText(group, rules[group] as number)]));
}

/** The rules that can be seen, in either layout: by group, the number; and how often each group is there. */
export function rulesSeen(rulePath: string): { readonly rules: Rules; readonly twice: boolean } {
  const found = Object.values(seen(rulePath)).flatMap((text) => [
    ...text.matchAll(/alert: Alert_(\S+)\n\s+expr: up > (\d+)/g),
  ]);
  const rules = Object.fromEntries(found.map(([, group, number]) => [group, Number(number)]));
  return { rules, twice: found.length !== Object.keys(rules).length };
}

/** Two releases that follow one another: something stays, changes, goes and comes. */
export const A: Rules = { same: 1, changed: 1, gone: 1 };
export const B: Rules = { same: 1, changed: 2, fresh: 1 };

/** An empty rule path and the two releases, in a temporary folder. */
export function setUp() {
  const folder = temporaryFolder();
  const rulePath = join(folder, 'rules');
  mkdirSync(rulePath);
  return { folder, rulePath, a: writeDist(join(folder, 'a'), A), b: writeDist(join(folder, 'b'), B) };
}
