import { boxesApart, boxOf, regionsApart } from '../../promql/region.ts';
import { authorMatchers } from '../../promql/selector-region.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { memo } from '../ground/memo.ts';
import type { Instance } from '../instance/instantiate.ts';
import { instanceTexts } from '../instance/labels.ts';
import type { Program } from '../instance/program.ts';

/**
 * Two rules of equal name and static labels for one target: Prometheus would keep one state for two
 * alerts, Alertmanager would see one. Rules whose selectors find no common target are let be.
 */
export function checkIdentity(program: Program): Diagnostic[] {
  const byIdentity = new Map<string, Instance[]>();
  for (const { instances } of namesakes(program)) {
    for (const instance of instances) {
      const { labels } = instanceTexts(instance, program);
      memo(byIdentity, identity(instance, labels), () => []).push(instance);
    }
  }
  const reported = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  for (const same of byIdentity.values()) {
    for (const [i, a] of same.entries()) {
      for (const b of same.slice(i + 1)) {
        const pair = `${a.rule.id}\n${b.rule.id}`;
        // What a native file repeats is its author's business: Prometheus loads it.
        if (a.rule.group.native && b.rule.group.native) continue;
        if (
          a.rule === b.rule ||
          reported.has(pair) ||
          regionsApart(a.cell.region, b.cell.region) ||
          targetsApart(a, b, program)
        )
          continue;
        reported.add(pair);
        diagnostics.push(describe(a, b, program));
      }
    }
  }
  return diagnostics;
}

const identity = ({ rule }: Instance, labels: Iterable<readonly [string, string]>): string =>
  JSON.stringify([rule.kind, rule.name.value, [...labels]]);

/** Rules that may share name and labels with another, the group's label aside: only these are looked at closely. */
function namesakes(program: Program): Program['rules'] {
  const { rules, config } = program;
  const count = new Map<string, number>();
  for (const { rule } of rules) count.set(rule.name.value, (count.get(rule.name.value) ?? 0) + 1);
  const alike = new Map<string, Set<Program['rules'][number]>>();
  for (const resolved of rules) {
    if ((count.get(resolved.rule.name.value) ?? 0) < 2) continue;
    for (const sample of resolved.samples) {
      const labels = [...instanceTexts(sample, program).labels].filter(([name]) => name !== config.groupLabel);
      memo(alike, identity(sample, labels), () => new Set()).add(resolved);
    }
  }
  const several = new Set([...alike.values()].flatMap((some) => (some.size > 1 ? [...some] : [])));
  return rules.filter((resolved) => several.has(resolved));
}

/** Whether the selectors of two rules find different targets by labels that targets have, such as `job`. */
function targetsApart(a: Instance, b: Instance, { inventory, tree }: Program): boolean {
  const known = new Set([...inventory.known, 'job', 'instance', ...tree.groups.flatMap((g) => [...g.box.keys()])]);
  const boxes = (i: Instance) =>
    i.shape.selectors.map((s) => boxOf(authorMatchers(s, i.shape.holes).filter((m) => known.has(m.label))));
  const others = boxes(b);
  if (others.length === 0) return false;
  const own = boxes(a);
  return own.length > 0 && own.every((one) => others.every((other) => !one || !other || boxesApart(one, other)));
}

function describe(a: Instance, b: Instance, program: Program): Diagnostic {
  const labels =
    [...instanceTexts(b, program).labels].map(([k, v]) => `${k}=${JSON.stringify(v)}`).join(', ') || 'none';
  const madeSo = [...b.cell.settings, ...a.cell.settings].find(
    ([field, s]) => field.startsWith('label:') && (s.level.kind === 'group' || s.level.kind === 'case'),
  );
  const what =
    b.rule.kind === 'alert'
      ? 'Alertmanager could not tell their alerts apart, and Prometheus keeps one state for both'
      : 'both would write the same series';
  return diagnostic(
    'same-identity',
    madeSo?.[1].span ?? b.rule.span,
    `Rules "${a.rule.id}" and "${b.rule.id}" have the same name "${b.rule.name.value}" and the same static labels (${labels}) for one target in "${b.cell.owner}": ${what}.`,
    {
      help: 'give one of them another name or a label of its own; severities of one alert are `tiers`',
      notes: [
        { message: `"${a.rule.id}"`, span: a.rule.span },
        { message: `"${b.rule.id}"`, span: b.rule.span },
      ],
    },
  );
}
