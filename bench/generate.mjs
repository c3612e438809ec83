/**
 * Repositories of any size, the same for the same numbers: groups that each match one cluster, rules of one
 * metric each, and of every group a threshold for some of the rules. Nothing is random, so that the bare program of
 * bare.mjs can write what they compile to from the same numbers.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} Shape
 * @property {number} groups
 * @property {number} rules
 * @property {number} share of the rules that a group has a threshold for, 0 to 1
 * @property {number} [targets] in the inventory
 * @property {number} [overlaps] groups more, of other labels, that overlap with those of clusters
 * @property {boolean} [promtool] whether promtool judges too
 */

/** Whether a group has a threshold for a rule: the share is spread evenly, and differs from group to group. */
export function declares({ share }, group, rule) {
  return share === 1 || ((rule * 7919 + group * 104_729) % 1000) / 1000 < share;
}

export const threshold = (group, rule) => 81 + ((group + rule) % 10);

/** A rule's template: what stands between the metric's number and the threshold. */
export const ruleText = (rule) => `  - alert: Rule${rule}
    params: { threshold: 80 }
    expr: avg by (instance, cluster) (rate(node_metric_${rule}_seconds_total{job="node"}[5m])) > << threshold >>
    for: 5m
    labels: { severity: warning }
    annotations:
      summary: "{{ $labels.instance }} spends {{ $value | humanize }} in state ${rule}, over << threshold >>"
`;

export function groupText(shape, group) {
  const lines = [`id: g${group}`, `match: { cluster: c${group} }`, 'thresholds:'];
  for (let rule = 0; rule < shape.rules; rule++) {
    if (declares(shape, group, rule)) lines.push(`  Rule${rule}: ${threshold(group, rule)}`);
  }
  if (lines.length === 3) lines.pop();
  return `${lines.join('\n')}\n`;
}

/** A group across clusters, by one of five labels: it overlaps with every group of another label. */
const acrossText = (index) => {
  const label = ['env', 'tier', 'site', 'role', 'os'][index % 5];
  return `id: x${index}\nmatch: { ${label}: v${Math.floor(index / 5)} }\npriority: ${index}\nthresholds: { Rule${index}: 70 }\n`;
};

function targetsText(shape) {
  const entries = [];
  for (let target = 0; target < (shape.targets ?? 0); target++) {
    const cluster = target % Math.max(1, shape.groups);
    const labels = `"job":"node","cluster":"c${cluster}","rack":"r${target % 40}"`;
    entries.push(`{"targets":["node-${target}.example.com:9100"],"labels":{${labels}}}`);
  }
  return `[\n${entries.join(',\n')}\n]\n`;
}

/** Writes a repository of a shape into a new directory. */
export function generate(root, shape) {
  rmSync(root, { recursive: true, force: true });
  for (const folder of ['rules', 'groups/targets']) mkdirSync(join(root, folder), { recursive: true });
  const validate = shape.promtool ? 'auto' : 'false';
  writeFileSync(join(root, 'rulewright.yaml'), `version: 1\nprometheus: { validate_rules: ${validate} }\n`);
  let rules = 'name: bench\nrules:\n';
  for (let rule = 0; rule < shape.rules; rule++) rules += ruleText(rule);
  writeFileSync(join(root, 'rules/bench.yaml'), rules);
  for (let group = 0; group < shape.groups; group++) {
    writeFileSync(join(root, `groups/g${group}.yaml`), groupText(shape, group));
  }
  for (let index = 0; index < (shape.overlaps ?? 0); index++) {
    writeFileSync(join(root, `groups/x${index}.yaml`), acrossText(index));
  }
  if (shape.targets) writeFileSync(join(root, 'groups/targets/all.json'), targetsText(shape));
  return root;
}

/** Gives one group another threshold for one rule. */
export function editThreshold(root, shape, group, rule, value) {
  const old = `  Rule${rule}: ${threshold(group, rule)}\n`;
  writeFileSync(join(root, `groups/g${group}.yaml`), groupText(shape, group).replace(old, `  Rule${rule}: ${value}\n`));
}
