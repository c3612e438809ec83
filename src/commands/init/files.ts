/** The small repository that `init` writes: it compiles, and each file says in a comment what it is for. */

const modeline = (path: string): string => `# yaml-language-server: $schema=${path}\n`;

const SETTINGS = `${modeline('schema/rulewright.schema.json')}# Settings of this repository. Everything but \`version\` may be left out.
version: 1
prometheus:
  version: ">=2.42"        # the servers that must be able to load dist/
`;

const RULES = `${modeline('../schema/rules.schema.json')}# What to watch. \`<< threshold >>\` takes a param, which groups may set; {{ }} is Prometheus' own.
rules:
  - alert: HighCPUUsage
    description: CPU is the first thing users notice.
    params:
      threshold: { type: number, default: 80, unit: percent, min: 0, max: 100 }
    expr: 100 * (1 - avg by (instance, env) (rate(node_cpu_seconds_total{mode="idle"}[5m]))) > << threshold >>
    for: 5m
    labels: { severity: warning }
    annotations:
      summary: "{{ $labels.instance }}: CPU at {{ $value | humanize }}%, over << threshold >>%"

  - alert: NodeDown
    description: The exporter of a machine does not answer.
    expr: up{job="node"} == 0
    for: 2m
    labels: { severity: critical }
    annotations:
      summary: "{{ $labels.instance }} is down"
`;

const GROUP = `${modeline('../schema/group.schema.json')}# Who, and with which thresholds. What no group says stays as the rule has it.
id: production
name: Production
match: { env: prod }
thresholds:
  HighCPUUsage: 90
`;

const TARGETS = `[
  { "targets": ["web-1:9100", "web-2:9100"], "labels": { "job": "node", "env": "prod" } },
  { "targets": ["test-1:9100"], "labels": { "job": "node", "env": "dev" } }
]
`;

/** Lines that a file of git's gets, where it is new; where it exists they are asked for. */
export const GIT_FILES: Readonly<Record<string, readonly string[]>> = {
  '.gitattributes': ['dist/** linguist-generated -merge text eol=lf'],
  '.gitignore': ['dist/effective/'],
};

/** Path and text of every file of the example, without the schemas. */
export const EXAMPLE: Readonly<Record<string, string>> = {
  'rulewright.yaml': SETTINGS,
  'rules/node.yaml': RULES,
  'groups/production.yaml': GROUP,
  'groups/targets/nodes.json': TARGETS,
};

/** The same of a repository without samples: its settings, and folders that git would not keep if they held nothing. */
export const EMPTY: Readonly<Record<string, string>> = {
  'rulewright.yaml': SETTINGS,
  'rules/.gitkeep': '',
  'groups/targets/.gitkeep': '',
};
