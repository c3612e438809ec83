/** Random repositories that are written as people write them, and random edits of them; the same for the same seed. */

export type Files = ReadonlyMap<string, string>;
export type Random = (below: number) => number;

/** A generator of whole numbers below a limit (mulberry32). */
export function randomOf(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const pick = <T>(random: Random, from: readonly T[]): T => from[random(from.length)] as T;

const RULES: readonly ((name: string, random: Random) => string)[] = [
  (name) => `  - alert: ${name}
    params: { threshold: 5 }
    expr: ${name.toLowerCase()}_usage{job="node"} > << threshold >>
    labels: { severity: warning }
    annotations: { summary: "over << threshold >>" }
`,
  (name) => `  - alert: "${name}"
    params: { threshold: { type: number, default: 5, min: 0, max: 60 } }
    expr: avg by (instance, env, site, tier) (${name.toLowerCase()}_usage) > << threshold >>
    for: 5m
`,
  (name) => `  - alert: ${name}
    params: { threshold: 5 }
    expr: |
      <% if threshold > 30 %>sum(${name.toLowerCase()}_usage)<% else %>${name.toLowerCase()}_usage<% endif %>
        > << threshold >>
`,
  (name) => `  - alert: ${name}
    params: { threshold: 5 }
    expr: count(${name.toLowerCase()}_usage > 1) > << threshold >>
`,
  (name, random) => `  - alert: ${name}
    params: { threshold: 5 }
    only: [${pick(random, IDS.slice(0, 2))}]
    expr: ${name.toLowerCase()}_usage > << threshold >>
`,
  (name) => `  - record: ${name.toLowerCase()}:made
    expr: sum without (job) (${name.toLowerCase()}_usage)
  - alert: ${name}
    params: { threshold: 5 }
    expr: ${name.toLowerCase()}:made > << threshold >>
`,
  (name) => `  - alert: ${name}
    template: shared
    tiers:
      warning: { threshold: 20 }
      critical: { threshold: 50 }
`,
];

const NAMES = ['Alpha', 'Bravo', 'Charlie', 'Delta', 'Echo'] as const;
const IDS = ['a1', 'b2', 'c3', 'd4', 'e5', 'f6'] as const;
const MATCHES = [
  'env: prod',
  'env: dev',
  'site: a',
  'site: [a, b]',
  'tier: gpu',
  'env: prod, tier: gpu',
  'site: c',
] as const;

export function someRepository(random: Random): Files {
  const files = new Map<string, string>([
    ['rulewright.yaml', `version: 1\nprometheus: { validate_rules: false }\n`],
    [
      'templates/shared.yaml',
      'params: { threshold: 5 }\nexpr: shared_usage > << threshold >>\nannotations: { summary: "at << threshold >>" }\n',
    ],
  ]);
  const kinds = NAMES.map(() => pick(random, RULES));
  const half = 1 + random(NAMES.length - 1);
  const text = (from: number, to: number): string =>
    `rules:\n${NAMES.slice(from, to)
      .map((name, i) => (kinds[from + i] as (typeof RULES)[number])(name, random))
      .join(random(2) === 0 ? '\n' : '')}`;
  files.set('rules/one.yaml', text(0, half));
  files.set('rules/two.yaml', text(half, NAMES.length));
  if (random(3) === 0) files.set('groups/default.yaml', `id: default\nthresholds:\n  Alpha: ${random(60)}\n`);
  const count = 2 + random(IDS.length - 1);
  const tiered = NAMES.filter((_, i) => kinds[i] === RULES.at(-1));
  for (const [i, id] of IDS.slice(0, count).entries()) files.set(`groups/${id}.yaml`, someGroup(random, id, i, tiered));
  return files;
}

function someGroup(random: Random, id: string, index: number, tiered: readonly string[]): string {
  const lines = [`id: ${id}`, `match: { ${pick(random, MATCHES)} }`];
  if (random(8) > 0) lines.push(`priority: ${index + 1}`);
  if (index > 0 && random(6) === 0) lines.push(`parent: ${IDS[random(index)]}`);
  if (random(4) === 0) lines.push('labels: { team: x }');
  lines.push('thresholds:');
  for (const name of NAMES) {
    if (random(3) === 0) continue;
    const critical = random(2) * 30;
    const of = tiered.includes(name) ? `${name}.${critical > 0 ? 'critical' : 'warning'}` : name;
    const value = tiered.includes(name) ? critical + random(30) : random(60);
    lines.push(random(6) === 0 ? `  ${of}: { threshold: ${value} }` : `  ${of}: ${value}`);
  }
  if (lines.at(-1) === 'thresholds:') lines.pop();
  if (random(5) === 0 && !tiered.includes('Bravo')) lines.push('disabled: [Bravo]');
  if (random(5) === 0) lines.push('# rulewright: ignore no-effect: it is a test');
  return `${lines.join('\n')}\n`;
}

/** One edit, as a person, a merge or an accident makes it. Most are of numbers. */
export function edited(files: Files, random: Random): Files {
  const result = new Map(files);
  const path = pick(
    random,
    [...files.keys()].filter((one) => one.startsWith('groups/')),
  );
  const text = files.get(path) as string;
  const lines = text.split('\n');
  const numbers = lines.flatMap((line, i) => (/^ +[\w.]+: (?:\{ threshold: )?\d+/.test(line) ? [i] : []));
  const kind = random(12);
  if (kind < 8 && numbers.length > 0) {
    const at = pick(random, numbers);
    lines[at] = (lines[at] as string).replace(/\d+(?=( \})?$)/, String(random(kind === 0 ? 70 : 60)));
    result.set(path, lines.join('\n'));
  } else if (kind === 8) {
    lines.splice(random(lines.length), 1);
    result.set(path, lines.join('\n'));
  } else if (kind === 9) {
    result.set(path, text.replace(/match: .*/, `match: { ${pick(random, MATCHES)} }`));
  } else if (kind === 10 && files.size > 6) result.delete(path);
  else {
    const rules = pick(random, ['rules/one.yaml', 'rules/two.yaml']);
    result.set(rules, (files.get(rules) as string).replace(/5\b/, String(random(60))));
  }
  return result;
}
