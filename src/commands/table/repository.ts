import { type CommandRow, SERVER } from './row.ts';

/** The commands that set up a repository, and keep what stands around its rules. */
export const REPOSITORY_COMMANDS: Readonly<Record<string, CommandRow>> = {
  init: {
    summary: 'start a repository of rules',
    usage: 'rulewright init [DIR] [--empty]',
    about:
      'Writes a small repository that compiles, with comments that explain it, and makes it a git repository where it lies in\nnone. A file that exists is never touched.',
    options: { empty: { help: 'settings and folders alone, no samples: for rules that exist already' } },
    args: 1,
    examples: [
      ['rulewright init', 'in this directory'],
      ['rulewright init alerts', 'in a new directory'],
      ['rulewright init --empty alerts', 'to adopt rules into'],
    ],
    empty: { root: null, created: [], conflicts: [], git: null, errors: [] },
    load: async () => (await import('../init.ts')).init,
  },
  adopt: {
    summary: 'take over rule files and PrometheusRule manifests',
    usage: 'rulewright adopt [FILE|DIR]... [--url URL] [--params] [--groups] [--out DIR]',
    about:
      'Writes sources for existing rules, and proves that they compile to the same, rule by rule: as they are, or with\n--params and --groups in our own format. What cannot be proven equal stays as it is, with the reason.',
    options: {
      url: { value: 'URL', help: 'take over what this Prometheus has loaded' },
      server: SERVER,
      params: { help: 'lift thresholds and ranges of alerts into params that groups can set' },
      groups: {
        help: 'make alerts that are copies for several environments, sites, ... one rule with groups and tiers',
      },
      out: { value: 'DIR', help: 'where to (default: rules)' },
      interactive: { short: 'i', help: 'show each file and ask' },
      'dry-run': { short: 'n', help: 'write nothing, only say what would be written' },
      force: { help: 'overwrite files that exist' },
      'remove-samples': { help: 'take away the samples of `init` that nobody has touched' },
    },
    args: 100_000,
    examples: [
      ['rulewright adopt /etc/prometheus/rules', 'every rule file below this directory, as it is'],
      ['rulewright adopt --params --groups --dry-run rules.yml', 'what of it could be params, groups and tiers'],
      ['rulewright adopt manifests/prometheusRule.yaml', 'a manifest of the Prometheus Operator'],
      ['rulewright adopt --url http://localhost:9090', 'what a server has loaded'],
    ],
    empty: { adopted: 0, files: [], written: [], refused: [], stayed: [], differences: [], errors: [] },
    load: async () => (await import('../adopt.ts')).adopt,
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
    load: async () => (await import('../owners.ts')).owners,
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
    load: async () => (await import('../schema.ts')).schema,
  },
};
