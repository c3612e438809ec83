import { type CommandRow, SERVER, URL_OF_SERVER } from './row.ts';

/** The commands that tell what reaches the targets. */
export const TARGET_COMMANDS: Readonly<Record<string, CommandRow>> = {
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
      server: SERVER,
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
    load: async () => (await import('../effective.ts')).effective,
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
    load: async () => (await import('../diff.ts')).diff,
  },
  inventory: {
    summary: 'pull targets from a live server, or list those of the inventory',
    usage: 'rulewright inventory (pull [--url URL] [--out FILE] [--metrics] [--dry-run] | list) [--job JOB]...',
    about:
      'pull writes the active targets of a Prometheus to a file_sd file, to be committed, and says what changed.\nlist shows the targets of the inventory with the groups that they are in.',
    options: {
      url: URL_OF_SERVER,
      server: SERVER,
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
    load: async () => (await import('../inventory.ts')).inventory,
  },
};
