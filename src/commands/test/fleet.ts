import type { Compiled } from '../../core/compile.ts';
import type { Diagnostic } from '../../core/ground/diagnostic.ts';
import type { Located } from '../../core/ground/source.ts';
import type { Program } from '../../core/instance/program.ts';
import type { ServerConfig } from '../../core/model/config.ts';
import type { RuleFile } from '../../core/model/ruleset.ts';
import {
  alike,
  type Meant,
  meantFiles,
  type UnitTestFile,
  unmeant,
  withRuleFiles,
} from '../../core/unit-tests/unit-tests.ts';

/** Servers that get the same rules, and those rules. */
export interface Fleet {
  /** Joined by commas; "" for a repository's only server. */
  readonly name: string;
  /** The folders below `dist/`, such as `seoul/`. */
  readonly folders: readonly string[];
  readonly files: readonly RuleFile[];
  readonly program: Program;
}

/** A test against what some servers get. */
export interface Run {
  readonly file: UnitTestFile;
  readonly on: Fleet;
  readonly text: string;
  /** The names of the compiled files that it is about, sorted. */
  readonly ruleFiles: readonly string[];
}

/** The chosen servers, those that get the same rules as one. */
export function fleetOf(compiled: readonly Compiled[], chosen: readonly ServerConfig[]): Fleet[] {
  const own = compiled.filter(({ server }) => chosen.includes(server));
  return [...new Set(own.map(({ program }) => program))].map((program) => {
    const same = own.filter((one) => one.program === program);
    const names = same.map(({ server }) => server.name);
    const files = same[0]?.ruleSet?.files ?? [];
    return { name: names.join(', '), folders: names.map((n) => (n === '' ? '' : `${n}/`)), files, program };
  });
}

/** Which test runs against which servers: against each that has what it names. One that means nothing anywhere is an error. */
export function runsOf(
  tests: readonly UnitTestFile[],
  fleet: readonly Fleet[],
): { runs: Run[]; diagnostics: Diagnostic[] } {
  const runs: Run[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const file of tests) {
    const before = runs.length;
    for (const on of fleet) {
      const names = namesOn(file, on);
      if (!names) continue;
      // A test names its files one by one: a pattern would be promtool's business, not ours.
      const ruleFiles = [...names].sort();
      const paths = ruleFiles.map((name) => `rules/${name}`);
      runs.push({ file, on, ruleFiles, text: withRuleFiles(file, paths) });
    }
    if (runs.length > before) {
      diagnostics.push(...(file.ruleFiles ?? []).flatMap((entry) => alikeIn(entry, file, fleet)));
      continue;
    }
    const files = fleet.flatMap((on) => on.files);
    const unknown = (file.ruleFiles ?? []).filter((entry) =>
      fleet.every((on) => meantOn(entry, file, on).files.length === 0),
    );
    // Each entry means something, but no server has all of them: the first one is where to look.
    for (const entry of unknown.length > 0 ? unknown : (file.ruleFiles ?? []).slice(0, 1)) {
      diagnostics.push(unmeant(entry, files));
    }
  }
  return { runs, diagnostics };
}

/** Said once, however many servers have those sources. */
function alikeIn(entry: Located<string>, file: UnitTestFile, fleet: readonly Fleet[]): Diagnostic[] {
  const several = fleet.map((on) => meantOn(entry, file, on).alike).find((sources) => sources.length > 0);
  return several ? [alike(entry, several)] : [];
}

function meantOn(entry: Located<string>, test: UnitTestFile, { folders, files }: Fleet): Meant {
  const found = folders.map((folder) => meantFiles(entry.value, test.file.path, files, folder));
  return found.find((some) => some.files.length > 0) ?? { files: [], alike: [] };
}

/** The files that a test means on a server; undefined where it names one that the server has not. */
function namesOn(test: UnitTestFile, on: Fleet): Set<string> | undefined {
  if (!test.ruleFiles) return new Set(on.files.map((f) => f.fileName));
  const names = new Set<string>();
  for (const entry of test.ruleFiles) {
    const { files } = meantOn(entry, test, on);
    if (files.length === 0) return undefined;
    for (const { fileName } of files) names.add(fileName);
  }
  return names;
}
