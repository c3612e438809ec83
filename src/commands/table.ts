import type { Command } from './context.ts';
import { DEPLOY_COMMANDS } from './table-deploy.ts';
import { LIVE_OPTIONS, SERVER_COMMANDS } from './table-servers.ts';

/** An option of a command; `value` names what it takes, without it the option is a switch. */
export interface OptionRow {
  readonly value?: string;
  readonly short?: string;
  readonly multiple?: boolean;
  readonly help: string;
}

/** A command as the help shows it and the parser reads it. `load` imports it only when it is called. */
export interface CommandRow {
  readonly summary: string;
  readonly usage: string;
  readonly about: string;
  readonly options: Readonly<Record<string, OptionRow>>;
  /** The most arguments it takes beside its options. */
  readonly args: number;
  readonly examples: readonly (readonly [command: string, meaning: string])[];
  /** The keys of its JSON where it could not begin: `errors` is put beside them. */
  readonly empty: Readonly<Record<string, unknown>>;
  readonly load: () => Promise<Command>;
}

const server: OptionRow = { value: 'NAME', help: 'of several servers (prometheus.servers) this one' };
const timings: OptionRow = { help: 'say at the end where the time went' };
const out: OptionRow = { value: 'DIR', help: 'the output directory (default: dist)' };

export const GLOBAL_OPTIONS: Readonly<Record<string, OptionRow>> = {
  root: { value: 'DIR', short: 'C', help: 'the repository (default: here)' },
  format: { value: 'text|json', help: 'text for people, or one JSON document on standard output' },
  quiet: { short: 'q', help: 'say nothing but errors' },
  strict: { help: 'warnings fail, as errors do' },
  color: { value: 'auto|always|never', help: 'colours (default: auto; NO_COLOR and FORCE_COLOR are heeded)' },
  'no-color': { help: 'the same as --color never' },
  help: { short: 'h', help: 'show help' },
  version: { short: 'V', help: 'show the version' },
};

export const COMMANDS: Readonly<Record<string, CommandRow>> = {
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
      out,
      timings,
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
    load: async () => (await import('./build.ts')).build,
  },
  check: {
    summary: 'check the sources, and that dist/ is up to date',
    usage: 'rulewright check [--sources] [--live [--url URL] [--server NAME]...] [--out DIR]',
    about: 'Checks all that build checks, and that dist/ holds exactly what the sources compile to. Writes nothing.',
    options: {
      sources: { help: 'check the sources alone, not whether dist/ is up to date' },
      live: { help: 'ask the server too: does it have the metrics, with the labels that instances demand?' },
      url: { value: 'URL', help: 'the server to ask (default: prometheus.url, or PROMETHEUS_URL)' },
      server: { ...server, multiple: true, help: 'of several servers ask this one; may be repeated (default: all)' },
      out,
      timings,
    },
    args: 0,
    examples: [
      ['rulewright check', 'fails if the sources have errors or dist/ is stale'],
      ['rulewright check --sources', 'before a commit, while dist/ is still the old one'],
      ['rulewright check --live', 'also hold the rules against what the server has'],
    ],
    empty: { ok: false, errors: [], warnings: [], stale: [], validated_by: null, live: null },
    load: async () => (await import('./check.ts')).check,
  },
  files: {
    summary: 'list what is in dist/',
    usage: 'rulewright files [--live [--url URL] [--server NAME]...] [--out DIR]',
    about:
      'Lists the compiled rule files with their group, number of rules, size and time. Looks at dist/ alone, not at the sources.',
    options: { ...LIVE_OPTIONS, out },
    args: 0,
    examples: [
      ['rulewright files', 'a table'],
      ['rulewright files --live', 'which of them the server has loaded'],
      ['rulewright files --format json', 'the same for a program'],
    ],
    empty: { files: [], total: 0, errors: [] },
    load: async () => (await import('./files.ts')).files,
  },
  effective: {
    summary: 'show which rules watch a target, with which numbers, and who said so',
    usage:
      'rulewright effective (TARGET | --labels LABELS | --group ID | --all) [--rule ID]... [--why RULE | --all-rules] [--server NAME]',
    about:
      'Shows the rules in effect for a target (by id, address or host), for a machine that does not exist yet, or for a group.\nCompiles the sources in memory: the answer is what they say now, whatever is in dist/.',
    options: {
      labels: { value: 'LABELS', short: 'l', help: "a machine by its labels: 'env=prod,tier=gpu' or '{env=\"prod\"}'" },
      group: { value: 'ID', short: 'g', help: "a group: its own region's settings" },
      all: { short: 'a', help: 'every target of the inventory, one by one' },
      rule: { value: 'ID', short: 'r', multiple: true, help: 'these rules alone, by id or name; may be repeated' },
      why: { value: 'RULE', short: 'w', help: 'the whole cascade of one rule: who set what, and what overrode it' },
      'all-rules': { help: 'also the rules that are not in effect, with the reason' },
      server,
    },
    args: 1,
    examples: [
      ['rulewright effective db-1.example.com', 'all that watches this host'],
      ['rulewright effective node/db-1.example.com:9100 --why HighCPUUsage', 'who set its threshold'],
      ["rulewright effective --labels 'env=prod,tier=gpu'", 'a machine that does not exist yet'],
      ['rulewright effective --group production --rule DiskFilling', 'what a group makes of a rule'],
      ['rulewright effective --all --format json', 'everything, for a program'],
    ],
    empty: { target_id: null, hostname: null, labels: {}, rules: [], total: 0, errors: [] },
    load: async () => (await import('./effective.ts')).effective,
  },
  inventory: {
    summary: 'pull targets from a live server, or list those of the inventory',
    usage: 'rulewright inventory (pull [--url URL] [--out FILE] [--metrics] [--dry-run] | list) [--job JOB]...',
    about:
      'pull writes the active targets of a Prometheus to a file_sd file, to be committed, and says what changed.\nlist shows the targets of the inventory with the groups that they are in.',
    options: {
      url: { value: 'URL', help: 'the server (default: prometheus.url, or PROMETHEUS_URL)' },
      out: { value: 'FILE', help: 'the file (default: groups/targets/pulled.json)' },
      job: { value: 'JOB', short: 'j', multiple: true, help: 'targets of this job alone; may be repeated' },
      metrics: { help: 'also find which labels of their target the metrics lack, for `metrics:` of rulewright.yaml' },
      'dry-run': { short: 'n', help: 'write nothing, only say what would change' },
    },
    args: 1,
    examples: [
      ['rulewright inventory pull', 'write groups/targets/pulled.json'],
      ['rulewright inventory pull --job node --out groups/targets/node.json', 'one job, in a file of its own'],
      ['rulewright inventory pull --metrics --dry-run', 'only print what belongs under metrics: in rulewright.yaml'],
      ['rulewright inventory list --job node', 'who is there, in which groups'],
    ],
    empty: { targets: [], total: 0, errors: [] },
    load: async () => (await import('./inventory.ts')).inventory,
  },
  diff: {
    summary: 'show what a change does: who loses cover, which numbers change, which alerts start anew',
    usage: 'rulewright diff [REF | REF... | A..B | A...B | DIR [DIR]] [--format text|md|json] [--exit-code]',
    about:
      'Compiles the sources as they were and as they are, in memory, and tells the consequences, most important first.\nCompares the work tree with the commit at which it left the main branch, with another commit, or two directories.',
    options: {
      format: { value: 'text|md|json', help: 'text for people, Markdown for a pull request, or JSON' },
      'exit-code': { help: 'exit with 1 where there are consequences, as git diff does' },
      limit: { value: 'CHARS', help: 'the most characters of Markdown (default: 65536, a comment on GitHub)' },
    },
    args: 2,
    examples: [
      ['rulewright diff', 'what this branch does, the work tree included'],
      ['rulewright diff HEAD', 'what is not committed yet'],
      ['rulewright diff v1.4', 'everything since a release'],
      ['rulewright diff --format md', 'for a pull request'],
      ['rulewright diff ../before .', 'two directories, without git'],
    ],
    empty: {
      summary: null,
      consequences: false,
      compared: false,
      base: null,
      head: null,
      owners: [],
      changes: [],
      mended: [],
      errors: [],
    },
    load: async () => (await import('./diff.ts')).diff,
  },
  adopt: {
    summary: 'take over rule files and PrometheusRule manifests',
    usage: 'rulewright adopt [FILE|DIR]... [--url URL] [--params] [--groups] [--out DIR]',
    about:
      'Writes sources for existing rules, and proves that they compile to the same, rule by rule: as they are, or with\n--params and --groups in our own format. What cannot be proven equal stays as it is, with the reason.',
    options: {
      url: { value: 'URL', help: 'take over what this Prometheus has loaded' },
      params: { help: 'lift thresholds and ranges of alerts into params that groups can set' },
      groups: {
        help: 'make alerts that are copies for several environments, sites, ... one rule with groups and tiers',
      },
      out: { value: 'DIR', help: 'where to (default: rules)' },
      interactive: { short: 'i', help: 'show each file and ask' },
      'dry-run': { short: 'n', help: 'write nothing, only say what would be written' },
      force: { help: 'overwrite files that exist' },
    },
    args: 100_000,
    examples: [
      ['rulewright adopt /etc/prometheus/rules', 'every rule file below this directory, as it is'],
      ['rulewright adopt --params --groups --dry-run rules.yml', 'what of it could be params, groups and tiers'],
      ['rulewright adopt manifests/prometheusRule.yaml', 'a manifest of the Prometheus Operator'],
      ['rulewright adopt --url http://localhost:9090', 'what a server has loaded'],
    ],
    empty: { adopted: 0, files: [], written: [], refused: [], stayed: [], differences: [], errors: [] },
    load: async () => (await import('./adopt.ts')).adopt,
  },
  test: {
    summary: "run promtool's unit tests against what is compiled",
    usage: 'rulewright test [FILE]... [--server NAME]... [--junit FILE]',
    about:
      'Compiles the sources in memory and runs the unit tests in tests/ against the result, by promtool.\nTheir rule_files name sources (rules/node.yaml), compiled files, or "*" for all.',
    options: {
      junit: { value: 'FILE', help: 'also write a report in the format of JUnit' },
      server: { ...server, multiple: true, help: 'of several servers this one; may be repeated (default: all)' },
    },
    args: 100_000,
    examples: [
      ['rulewright test', 'every test in tests/'],
      ['rulewright test tests/node.yml', 'one file'],
      ['rulewright test --junit report.xml', 'in a pipeline'],
    ],
    empty: { ok: false, files: [], validated_by: null, errors: [] },
    load: async () => (await import('./test.ts')).test,
  },
  ...DEPLOY_COMMANDS,
  ...SERVER_COMMANDS,
  init: {
    summary: 'start a repository of rules',
    usage: 'rulewright init [DIR]',
    about:
      'Writes a small repository that compiles, with comments that explain it. A file that exists is never touched.',
    options: {},
    args: 1,
    examples: [
      ['rulewright init', 'in this directory'],
      ['rulewright init alerts', 'in a new directory'],
    ],
    empty: { root: null, created: [], conflicts: [], errors: [] },
    load: async () => (await import('./init.ts')).init,
  },
  owners: {
    summary: 'check or write CODEOWNERS from the owners of rules and groups',
    usage: 'rulewright owners [FILE] [--check | --write]',
    about:
      'Shows the lines of a CODEOWNERS file that the owners of rules and groups come to, or checks or writes them there. `owners:` in\nrulewright.yaml says what GitHub calls an owner. Only the block between our two marks is ever touched.',
    options: {
      check: { help: 'write nothing; fail where the file is not as the owners say' },
      write: { help: 'write the block into the file (default: the one that GitHub reads, else .github/CODEOWNERS)' },
    },
    args: 1,
    examples: [
      ['rulewright owners', 'print the block'],
      ['rulewright owners --write', 'write it'],
      ['rulewright owners --check', 'in a pipeline'],
    ],
    empty: { ok: false, file: null, stale: false, files: [], unknown: [], unnamed: [], errors: [] },
    load: async () => (await import('./owners.ts')).owners,
  },
  schema: {
    summary: 'write the JSON Schemas that editors use',
    usage: 'rulewright schema [--out DIR | --check]',
    about: 'Writes a JSON Schema for each kind of source file, for completion and hints in editors.',
    options: {
      out: { value: 'DIR', help: 'where to (default: schema)' },
      check: { help: 'write nothing; fail if the files are missing or out of date' },
    },
    args: 0,
    examples: [
      ['rulewright schema', 'write schema/*.schema.json'],
      ['rulewright schema --check', 'in a pipeline'],
    ],
    empty: { ok: false, files: [], stale: [], errors: [] },
    load: async () => (await import('./schema.ts')).schema,
  },
};
