import { type CommandRow, type OptionRow, SERVERS } from './row.ts';

/** What a rollback takes too, for it goes the way of a deploy. */
const TURN: Readonly<Record<string, OptionRow>> = {
  'dry-run': { short: 'n', help: 'change nothing, only say what would be done' },
  diff: { help: 'the same, with a unified diff of the rule files on standard output' },
  server: SERVERS,
  'all-or-nothing': { help: 'of several servers: if one fails, take all of them back' },
  to: { value: 'DIR', help: 'where a rule path that is a link is meant to lead, once it leads elsewhere than before' },
  offline: { help: 'place the files without asking the server; it loads them when it starts or reloads' },
  'no-promtool': { help: 'without promtool: the checks in process and the server alone judge the release' },
  wait: {
    value: 'DURATION',
    help: 'for the first evaluation of the rules (default: 90s; 0: do not look at evaluations)',
  },
  metrics: { value: 'FILE', help: 'write what happened for the textfile collector of the node exporter' },
};

/** The commands that put rules before a server. */
export const DEPLOY_COMMANDS: Readonly<Record<string, CommandRow>> = {
  deploy: {
    summary: 'release dist/ to the servers, prove it, or take it back',
    usage: 'rulewright deploy [--dry-run | --diff] [--server NAME]... [--all-or-nothing] [--metrics FILE]',
    about:
      'Puts the compiled rules into the rule path, all at one instant, reloads the server, and reads back that it holds\nexactly them. Whatever fails is undone, and the server reloaded again. Safe to run at any time, in a timer too.',
    options: {
      ...TURN,
      again: { help: 'deploy even a release that was rolled back, or that failed' },
      keep: { value: 'N', help: 'how many old releases to keep for rollback (default: 10)' },
      from: { value: 'DIR', help: 'what was compiled (default: dist)' },
    },
    args: 0,
    examples: [
      ['rulewright deploy --dry-run', 'what would change, and which alerts would lose their state'],
      ['rulewright deploy', 'release, reload, read back'],
      ['rulewright deploy --quiet --metrics /var/lib/node_exporter/rulewright.prom', 'in a timer'],
      ['rulewright deploy --server seoul --diff', 'one server, with a diff of its files'],
    ],
    empty: { status: 'error', servers: [], errors: [], duration: 0 },
    load: async () => (await import('../deploy.ts')).deploy,
  },
  rollback: {
    summary: 'go back to a release of before',
    usage: 'rulewright rollback [N | --list] [--dry-run | --diff] [--server NAME]...',
    about:
      'Goes back to the N-th release before the current one (default: 1), by the same way as a deploy: checked, switched,\nreloaded, read back. What it goes away from is held back until another release comes, or deploy --again.',
    options: {
      list: { short: 'l', help: 'show the releases that are kept' },
      ...TURN,
    },
    args: 1,
    examples: [
      ['rulewright rollback --list', 'which releases there are'],
      ['rulewright rollback', 'to the one before the current'],
      ['rulewright rollback 3 --dry-run', 'what going back three releases would change'],
    ],
    empty: { status: 'error', servers: [], errors: [], duration: 0 },
    load: async () => (await import('../rollback.ts')).rollback,
  },
};
