import { ASKED, type CommandRow } from './row.ts';

/** The commands that ask servers how they are, and change no file. */
export const SERVER_COMMANDS: Readonly<Record<string, CommandRow>> = {
  status: {
    summary: 'how the server is: version, last reload, rules, alerts',
    usage: 'rulewright status [--url URL] [--server NAME]...',
    about:
      'Shows whether a server is up and ready, how its last reload went, how many rules and alerts it has, and which release\nlies in its rule path. Exits with 1 where it is not well, 2 where it can not be asked.',
    options: ASKED,
    args: 0,
    examples: [
      ['rulewright status', 'every server of rulewright.yaml'],
      ['rulewright status --url http://localhost:9090', 'a server by its address'],
      ['PROMETHEUS_USERNAME=me PROMETHEUS_PASSWORD_FILE=~/.pw rulewright status', 'one that asks for a password'],
    ],
    empty: { status: 'unreachable', url: null, ready: null, healthy: null, servers: [], errors: [] },
    load: async () => (await import('../status.ts')).status,
  },
  reload: {
    summary: 'let the server read its rules anew, and wait until it has',
    usage: 'rulewright reload [--anyway] [--url URL] [--server NAME]...',
    about:
      'Asks a server to read its files anew (it must run with --web.enable-lifecycle) and waits until it has, up to\nprometheus.reload_timeout. Nothing is reloaded where somebody damaged what was deployed here: deploy puts that right.\nExits with 1 where the server refuses its files, 2 where it can not be asked.',
    options: { anyway: { help: 'reload even where somebody changed what was deployed' }, ...ASKED },
    args: 0,
    examples: [
      ['rulewright reload', 'every server of rulewright.yaml'],
      ['PROMETHEUS_RELOAD_TIMEOUT=2m rulewright reload', 'one that loads very many rules'],
    ],
    empty: { status: 'error', message: null, servers: [], errors: [] },
    load: async () => (await import('../reload.ts')).reload,
  },
  drift: {
    summary: "does dist/ lie in the rule path, and in the server's memory?",
    usage: 'rulewright drift [--memory] [--url URL] [--server NAME]... [--out DIR]',
    about:
      "Holds dist/, the rule path and the server's memory against one another, rule by rule, says which differs from which,\nand what to do. Changes nothing. Exits with 1 where they differ.",
    options: {
      memory: { help: "dist/ and the server's memory alone, from a machine that does not see the rule path" },
      ...ASKED,
      out: { value: 'DIR', help: 'what was compiled (default: dist)' },
    },
    args: 0,
    examples: [
      ['rulewright drift', 'on the machine of the server'],
      ['rulewright drift --memory --quiet', 'in a scheduled pipeline: says something only where they differ'],
    ],
    empty: { status: 'error', drift: null, servers: [], errors: [] },
    load: async () => (await import('../drift.ts')).drift,
  },
  doctor: {
    summary: 'why are the rules not where they should be? causes, each with its remedy',
    usage: 'rulewright doctor [--url URL] [--server NAME]... [--out DIR] [--verbose]',
    about:
      'Looks at the whole way of the rules, from the sources over dist/ and the rule path to the server: permissions, disk,\nmounts, rule_files, reloads, versions, clocks. Says what is wrong, the most likely cause first, each with a remedy to\npaste. Changes nothing. Exits with 1 where something is wrong.',
    options: {
      ...ASKED,
      out: { value: 'DIR', help: 'what was compiled (default: dist)' },
      verbose: { short: 'v', help: 'also say what was looked at and is fine' },
    },
    args: 0,
    examples: [
      ['rulewright doctor', 'on the machine that deploys'],
      ['rulewright doctor --format json', 'for a program: findings, and what was looked at'],
    ],
    empty: { ok: false, findings: [], checked: [], unchecked: [], errors: [] },
    load: async () => (await import('../doctor.ts')).doctor,
  },
};
