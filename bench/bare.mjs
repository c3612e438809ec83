/**
 * The floor: a program that knows nothing and writes the same bytes as a build of generate.mjs's repository, from the
 * same numbers. It reads the group files, for their numbers, digests what it writes, and writes the manifest.
 * Usage: node bare.mjs ROOT OUT GROUPS RULES SHARE
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { declares } from './generate.mjs';

const [root, out, groupsText, rulesText, shareText] = process.argv.slice(2);
const shape = { groups: Number(groupsText), rules: Number(rulesText), share: Number(shareText) };

const header = (sources) =>
  '# Compiled by rulewright: do not edit, the next build would undo it.\n' +
  `# To change these rules, change their sources and run \`rulewright build\`:\n${sources.map((s) => `#   ${s}\n`).join('')}groups:\n`;

function ruleText(rule, matcher, setBy, label, value) {
  return (
    `      # rules/bench.yaml${setBy}\n      - alert: Rule${rule}\n` +
    `        expr: avg by (instance, cluster) (rate(node_metric_${rule}_seconds_total{job="node",${matcher}}[5m])) > ${value}\n` +
    `        for: 5m\n        labels:\n${label}          severity: warning\n        annotations:\n` +
    `          summary: "{{ $labels.instance }} spends {{ $value | humanize }} in state ${rule}, over ${value}"\n`
  );
}

const rows = [];
function write(id, text, count) {
  const bytes = Buffer.from(text);
  const file = `rules/group-${id}.yml`;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  rows.push({ file, group_id: id, rule_count: count, size_bytes: bytes.length, sha256 });
  writeFileSync(join(out, file), bytes);
}

mkdirSync(join(out, 'rules'), { recursive: true });
/** For each rule the groups that declare it: the root's instance leaves them out. */
const declaring = Array.from({ length: shape.rules }, () => []);
for (let group = 0; group < shape.groups; group++) {
  const numbers = new Map();
  for (const line of readFileSync(join(root, `groups/g${group}.yaml`), 'latin1').split('\n')) {
    if (line.startsWith('  Rule'))
      numbers.set(Number(line.slice(6, line.indexOf(':'))), line.slice(line.indexOf(':') + 2));
  }
  let text = `${header([`groups/g${group}.yaml`, 'rules/bench.yaml'])}  - name: g${group}/bench\n    rules:\n`;
  let count = 0;
  for (let rule = 0; rule < shape.rules; rule++) {
    if (!declares(shape, group, rule)) continue;
    declaring[rule].push(`c${group}`);
    const label = `          group_id: g${group}\n`;
    text +=
      (count++ > 0 ? '\n' : '') + ruleText(rule, `cluster="c${group}"`, `; set by g${group}`, label, numbers.get(rule));
  }
  if (count > 0) write(`g${group}`, text, count);
}
let text = `${header(['rules/bench.yaml'])}  - name: default/bench\n    rules:\n`;
for (let rule = 0; rule < shape.rules; rule++) {
  const values = declaring[rule].sort();
  const matcher = values.length === 1 ? `cluster!="${values[0]}"` : `cluster!~"${values.join('|')}"`;
  text += (rule > 0 ? '\n' : '') + ruleText(rule, matcher, '', '', 80);
}
write('default', text, shape.rules);
rows.sort((a, b) => (a.file < b.file ? -1 : 1));
const files = rows.map((row) => JSON.stringify(row)).join(',\n    ');
writeFileSync(join(out, 'manifest.json'), `{\n  "version": 1,\n  "files": [\n    ${files}\n  ]\n}\n`);
