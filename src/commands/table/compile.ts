import { ASKED, type CommandRow, OUT, SERVERS, TIMINGS } from './row.ts';

/** The commands that compile, and those that look at what was compiled. */
export const COMPILE_COMMANDS: Readonly<Record<string, CommandRow>> = {
  build: {
    summary: 'compile rules, groups and templates to dist/',
    usage: 'rulewright build [--group ID]... [--out DIR]',
    about:
      'Compiles the sources, checks the result (with promtool too where it is found), and writes the files that changed.\nFiles of ours that are no longer compiled are removed. If anything is wrong, nothing is written.',
    options: {
      group: {
        value: 'ID',
        short: 'g',
        multiple: true,
        help: "write this group's file and every other that its change touches; may be repeated",
      },
      out: OUT,
      timings: TIMINGS,
    },
    args: 0,
    examples: [
      ['rulewright build', 'compile the repository in this directory'],
      ['rulewright build --group production', "write production's file, and those whose regions it changed"],
      ['rulewright build --strict --format json', 'in a pipeline: warnings fail, and the result is JSON'],
      ['rulewright -C ../alerts build --out /tmp/release', 'another repository, written elsewhere'],
    ],
    empty: {
      groups_affected: 0,
      files_generated: 0,
      files_unchanged: 0,
      files_removed: 0,
      rules_count: 0,
      targets_count: 0,
      files: [],
      errors: [],
      warnings: [],
      notes: [],
      validated_by: null,
      duration: 0,
    },
    load: async () => (await import('../build.ts')).build,
  },
  check: {
    summary: 'check the sources, and that dist/ is up to date',
    usage: 'rulewright check [--sources] [--live [--url URL] [--server NAME]...] [--out DIR]',
    about: 'Checks all that build checks, and that dist/ holds exactly what the sources compile to. Writes nothing.',
    options: {
      sources: { help: 'check the sources alone, not whether dist/ is up to date' },
      live: { help: 'ask the server too: does it have the metrics, with the labels that instances demand?' },
      ...ASKED,
      out: OUT,
      timings: TIMINGS,
    },
    args: 0,
    examples: [
      ['rulewright check', 'fails if the sources have errors or dist/ is stale'],
      ['rulewright check --sources', 'before a commit, while dist/ is still the old one'],
      ['rulewright check --live', 'also hold the rules against what the server has'],
    ],
    empty: { ok: false, errors: [], warnings: [], stale: [], validated_by: null, notes: [], live: null },
    load: async () => (await import('../check.ts')).check,
  },
  watch: {
    summary: 'build again whenever a source changes, and say what the change does',
    usage: 'rulewright watch [--out DIR]',
    about:
      'Builds, then watches the sources and builds again after each change: only what the change can be about.\nSays what the change does and to whom. Errors are told, and it goes on; Ctrl-C ends it.',
    options: { out: OUT, timings: TIMINGS },
    args: 0,
    examples: [
      ['rulewright watch', 'the repository in this directory'],
      ['rulewright watch --out /tmp/preview', 'leave dist/ alone'],
    ],
    empty: { errors: [] },
    load: async () => (await import('../watch.ts')).watch,
  },
  files: {
    summary: 'list what is in dist/',
    usage: 'rulewright files [--live [--url URL] [--server NAME]...] [--out DIR]',
    about:
      'Lists the compiled rule files with their group, number of rules, size and time. Looks at dist/ alone, not at the sources.',
    options: {
      live: { help: 'with what the server has loaded of each; fails where that is not the same' },
      ...ASKED,
      out: OUT,
    },
    args: 0,
    examples: [
      ['rulewright files', 'a table'],
      ['rulewright files --live', 'which of them the server has loaded'],
      ['rulewright files --format json', 'the same for a program'],
    ],
    empty: { files: [], total: 0, errors: [] },
    load: async () => (await import('../files.ts')).files,
  },
  test: {
    summary: "run promtool's unit tests against what is compiled",
    usage: 'rulewright test [FILE]... [--server NAME]... [--junit FILE]',
    about:
      'Compiles the sources in memory and runs the unit tests in tests/ against the result, by promtool.\nTheir rule_files name sources (rules/node.yaml), compiled files, or "*" for all.',
    options: {
      junit: { value: 'FILE', help: 'also write a report in the format of JUnit' },
      server: SERVERS,
    },
    args: 100_000,
    examples: [
      ['rulewright test', 'every test in tests/'],
      ['rulewright test tests/node.yml', 'one file'],
      ['rulewright test --junit report.xml', 'in a pipeline'],
    ],
    empty: { ok: false, files: [], validated_by: null, errors: [], warnings: [], notes: [] },
    load: async () => (await import('../test.ts')).test,
  },
};
