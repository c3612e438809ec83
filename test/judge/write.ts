import { stringify } from 'yaml';
import type { Sources } from '../../src/core/ground/sources.ts';
import type { Case, GroupModel, Matcher, Repository, RuleModel, Said } from './model.ts';
import { nameOf, present } from './model.ts';
import type { Selector } from './shape.ts';
import { shapeOf } from './shapes.ts';

/** The repository as the files that people would write, by path. */
export function filesOf(repository: Repository): Map<string, string> {
  const files = new Map<string, string>();
  const put = (path: string, value: unknown): void => void files.set(path, stringify(value, { lineWidth: 0 }));
  put('rulewright.yaml', {
    version: 1,
    prometheus: { version: repository.three ? '>=3.0' : '>=2.42' },
    metrics: { '.*_lack': { labels: ['instance', ...repository.carried] }, '.*_flag': { labels: [] } },
  });
  const byFile = new Map<string, unknown[]>();
  for (const written of writtenRules(repository)) {
    byFile.set(written.file, [...(byFile.get(written.file) ?? []), written.rule]);
  }
  for (const [name, rules] of byFile) put(`rules/${name}.yaml`, { name, rules });
  for (const group of repository.groups) put(`groups/${group.id}.yaml`, writtenGroup(group));
  if (repository.inventory.length > 0) {
    put(
      'groups/targets/all.yaml',
      repository.inventory.map((labels) => ({ targets: [nameOf(labels)], labels: present(labels) })),
    );
  }
  return files;
}

/** What `compile` takes, in the order of the files. */
export function sourcesOf(files: ReadonlyMap<string, string>): Sources {
  const all = [...files].map(([path, text]) => ({ path, text }));
  const config = all.find((f) => f.path === 'rulewright.yaml');
  const inFolder = (folder: string) => all.filter((f) => f.path.startsWith(folder));
  const inventory = inFolder('groups/targets/');
  return {
    ...(config && { config }),
    rules: inFolder('rules/'),
    groups: inFolder('groups/').filter((f) => !inventory.includes(f)),
    templates: [],
    macros: [],
    inventory: inventory.map((file) => ({ file, labels: {} })),
    problems: [],
  };
}

/** The name of a metric of a rule, by its letter in the shape. */
export function metricName(rule: RuleModel, letter: string): string {
  const shape = shapeOf(rule.shape);
  if (letter === 'r') return `${rule.name}:recorded`;
  if (letter === 'f') return `${rule.name}_flag`;
  if (letter === 'q') return `${rule.name}:recorded:again`;
  if (letter.startsWith('"')) return `"${rule.name}.${letter.slice(1, -1)}"`;
  return `${rule.name}_${letter}${shape.lacks || letter === 'k' ? '_lack' : ''}`;
}

/** The selectors of a rule's expression: its metrics, with the author's matchers. */
export function selectorOf(rule: RuleModel): Selector {
  return (metric, ...more) => {
    const matchers = [...more, ...rule.author.map(matcherText)];
    if (metric.startsWith('{}'))
      return `{${[`__name__="${metricName(rule, metric.slice(2))}"`, ...matchers].join(', ')}}`;
    const name = metricName(rule, metric);
    if (name.startsWith('"')) return `{${[name, ...matchers].join(',')}}`;
    return matchers.length > 0 ? `${name}{${matchers.join(', ')}}` : name;
  };
}

const matcherText = ({ label, op, value }: Matcher): string => `${label}${op}${JSON.stringify(value)}`;

function writtenRules({ rules }: Repository): { file: string; rule: unknown }[] {
  const done = new Set<string>();
  return rules.flatMap((rule, i) => {
    if (rule.tier && done.has(rule.name)) return [];
    done.add(rule.name);
    const shape = shapeOf(rule.shape);
    const record = rule.kind === 'record';
    const file = `file${[...rule.name].reduce((sum, c) => sum + c.charCodeAt(0), 0) % 2}`;
    const { tier, labels, threshold, for: time } = rule;
    const tiers = rules.slice(i).filter((r) => r.tier && r.name === rule.name);
    const { severity: _, ...own } = labels;
    return [
      {
        file,
        rule: {
          ...(record ? { record: metricName(rule, rule.second ? 'q' : 'r'), id: rule.id } : { alert: rule.name }),
          params: { threshold: { type: 'number', ...(!tier && { default: threshold }) } },
          ...(!rule.enabled && { enabled: false }),
          ...(rule.only && { only: [...rule.only] }),
          ...(rule.except.length > 0 && { except: [...rule.except] }),
          expr: (record ? (rule.second ? shape.record?.again : shape.record?.expr) : shape.expr)?.(selectorOf(rule)),
          ...(time !== undefined && !tier && { for: time }),
          ...(Object.keys(tier ? own : labels).length > 0 && { labels: tier ? own : labels }),
          ...(tier && {
            tiers: Object.fromEntries(
              tiers.map((t) => [t.tier, { threshold: t.threshold, ...(t.for !== undefined && { for: t.for }) }]),
            ),
          }),
          ...(!record && { annotations: { summary: 'It is {{ $value }}, over << threshold >>' } }),
        },
      },
    ];
  });
}

function writtenGroup(group: GroupModel): unknown {
  const { id, parent, match, priority, says, disabled, labels } = group;
  const under = (where: 'thresholds' | 'overrides') =>
    Object.fromEntries(
      says
        .filter((s) => s.under === where)
        .map((s) => [s.rule, { ...writtenSaid(s), ...(s.cases.length > 0 && { where: s.cases.map(writtenCase) }) }]),
    );
  const [thresholds, overrides] = [under('thresholds'), under('overrides')];
  return {
    id,
    ...(parent && { parent }),
    ...(match.length > 0 && { match: writtenMatch(match) }),
    ...(priority !== undefined && { priority }),
    ...(Object.keys(thresholds).length > 0 && { thresholds }),
    ...(Object.keys(overrides).length > 0 && { overrides }),
    ...(disabled.length > 0 && { disabled }),
    ...(Object.keys(labels).length > 0 && { labels }),
  };
}

const writtenSaid = ({ threshold, for: time, labels, enabled }: Said): object => ({
  ...(threshold !== undefined && { threshold }),
  ...(time !== undefined && { for: time }),
  ...(labels && { labels }),
  ...(enabled !== undefined && { enabled }),
});

const writtenCase = (c: Case): object => ({ id: c.id, match: writtenMatch(c.match), ...writtenSaid(c) });

function writtenMatch(match: readonly Matcher[]): unknown {
  const names = new Set(match.map((m) => m.label));
  if (names.size === match.length && match.every((m) => m.op === '='))
    return Object.fromEntries(match.map((m) => [m.label, m.value]));
  return `{${match.map(matcherText).join(',')}}`;
}
