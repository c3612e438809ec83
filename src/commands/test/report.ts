import type { Diagnostic } from '../../core/ground/diagnostic.ts';
import { lineRef } from '../../core/ground/source.ts';
import type { CompiledRule } from '../../core/model/ruleset.ts';
import type { UnitCheck } from '../../core/unit-tests/unit-tests.ts';
import type { TestFailure, TestResult } from '../../io/promtool/promtool-test.ts';
import { style } from '../../report/color.ts';
import { diagnosticsJson } from '../../report/json.ts';
import type { JunitSuite } from '../../report/junit.ts';
import { plural } from '../../report/text.ts';
import { visible } from '../../report/visible.ts';
import { type Call, type Io, useColor } from '../context.ts';
import { say } from '../say.ts';
import type { Run } from './fleet.ts';

/** How the unit tests of a file went, for people and for machines. */
export interface Reported extends Omit<TestResult, 'failures'>, Pick<Run, 'file' | 'on' | 'ruleFiles'> {
  /** Those that say something of the servers. */
  readonly failures: readonly TestFailure[];
  /** Expectations of what this promtool can't run: it says nothing of them, whether they failed or not. */
  readonly unjudged: readonly UnitCheck[];
}

/** A test file for people: where there are several servers, with those it ran for. */
const nameOf = ({ file, on }: Reported): string => file.file.path + (on.name === '' ? '' : ` (${on.name})`);

/** Where a failure is expected otherwise, and where its rule is from. */
function placesOf({ file, on, ruleFiles }: Reported, failure: TestFailure): { test: string; rule?: string } {
  const own = file.tests.filter((t) => failure.test === undefined || t.name === failure.test);
  const checks = (own.length > 0 ? own : file.tests).flatMap((t) => t.checks);
  const same = checks.filter((c) => c.kind === failure.kind && c.what === failure.what);
  const at = same.find((c) => c.time === failure.time) ?? same[0];
  const rule = failure.kind === 'alert' ? ruleOf(failure, on.files, ruleFiles) : undefined;
  return { test: at ? lineRef(at.span) : file.file.path, ...(rule && { rule: lineRef(rule.span) }) };
}

/** The rule that fires as this alert, among those of the files that the test loads; of several the one whose labels are told. */
function ruleOf(
  { what, text }: TestFailure,
  files: Reported['on']['files'],
  loaded: readonly string[],
): CompiledRule | undefined {
  const meant = files.filter(({ fileName }) => loaded.includes(fileName));
  const named = meant
    .flatMap((file) => [...file.ruleGroups()].flatMap(({ rules }) => rules))
    .filter(({ kind, name }) => kind === 'alert' && name === what);
  const told = ({ labels }: CompiledRule): boolean =>
    [...labels].every(([name, value]) => value.includes('{{') || text.includes(`${name}=${JSON.stringify(value)}`));
  return named.find((rule) => told(rule) && rule.labels.size > 0) ?? named.find(told) ?? named[0];
}

function titleOf({ kind, what, time, test }: TestFailure): string {
  const name = test === undefined ? '' : ` (${test})`;
  return kind === 'other'
    ? 'promtool could not run it'
    : `${kind === 'alert' ? what : `\`${what}\``} at ${time}${name}`;
}

export function sayReport(report: readonly Reported[], call: Call, io: Io): void {
  const { globals } = call;
  const styles = style(useColor(globals, io, io.stderr));
  for (const one of report) {
    const name = visible(nameOf(one));
    if (one.failures.length === 0) {
      const open = one.unjudged.length === 0 ? '' : `, ${plural(one.unjudged.length, 'expectation')} not judged`;
      const how = plural(one.file.tests.length, 'test') + (one.remembered ? ', as before' : '') + open;
      say(`${styles.added('ok')}     ${name}  ${styles.dim(how)}`, globals, io);
      continue;
    }
    io.stderr.write(`${styles.error('FAILED')} ${name}\n`);
    for (const failure of one.failures) {
      const { test, rule } = placesOf(one, failure);
      const lines = failure.text.split('\n').map((line) => `    ${visible(line)}`);
      io.stderr.write(`  ${visible(titleOf(failure))}\n${lines.join('\n')}\n`);
      const from = rule === undefined ? '' : `, the rule at ${visible(rule)}`;
      io.stderr.write(styles.dim(`    expected at ${visible(test)}${from}\n`));
    }
  }
  const failed = report.filter((r) => r.failures.length > 0).length;
  const open = report.reduce((sum, r) => sum + r.unjudged.length, 0);
  const tests = report.reduce((sum, r) => sum + r.file.tests.length, 0);
  say(
    `${plural(tests, 'test')} in ${plural(report.length, 'file')}, ${failed === 0 ? 'all passed' : `${failed} failed`}${open === 0 ? '' : `, ${plural(open, 'expectation')} not judged`}`,
    globals,
    io,
  );
}

export function testJson(report: readonly Reported[], said: readonly Diagnostic[], version: string): object {
  return {
    ok: report.every((r) => r.failures.length === 0),
    files: report.map((one) => ({
      ...(one.on.name !== '' && { server: one.on.name }),
      file: one.file.file.path,
      tests: one.file.tests.length,
      seconds: one.seconds,
      remembered: one.remembered,
      not_judged: one.unjudged.map(({ kind, what, time, span }) => ({ kind, what, time, expected_at: lineRef(span) })),
      failures: one.failures.map((f) => ({ ...f, test: f.test ?? null, ...renamed(placesOf(one, f)) })),
    })),
    validated_by: `promtool ${version}`,
    errors: [],
    warnings: diagnosticsJson(said, 'warning'),
    notes: diagnosticsJson(said, 'note'),
  };
}

const renamed = ({ test, rule }: { test: string; rule?: string }): object => ({
  expected_at: test,
  rule_at: rule ?? null,
});

/** A test file as a suite: a case for each test; what can't be told to belong to one is a case of its own. */
export function suiteOf(one: Reported): JunitSuite {
  const { file, failures, seconds } = one;
  const left = new Set(failures);
  const cases = file.tests.map((test, index) => {
    const own = [...left].filter((f) =>
      f.test !== undefined ? f.test === test.name : test.checks.some((c) => c.what === f.what && c.time === f.time),
    );
    for (const failure of own) left.delete(failure);
    return { name: test.name ?? `test ${index + 1}`, failures: own.map((f) => `${titleOf(f)}\n${f.text}`) };
  });
  const rest = [...left].map((f) => ({ name: titleOf(f), failures: [`${titleOf(f)}\n${f.text}`] }));
  return { name: nameOf(one), seconds, cases: [...cases, ...rest] };
}
