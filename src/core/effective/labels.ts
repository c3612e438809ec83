import { matcherText } from '../../promql/matcher.ts';
import type { LabelSet } from '../../promql/region.ts';
import { authorMatchers } from '../../promql/selector-region.ts';
import { memo } from '../ground/memo.ts';
import { suggest } from '../ground/suggest.ts';
import type { Program } from '../instance/program.ts';

/** Every machine has its own, so that a new value says nothing. */
const OWN = new Set(['instance', 'target_id']);

/** More values than these don't help anybody to find theirs. */
const MOST_VALUES = 8;
const MOST_LABELS = 20;

/**
 * What is odd about the labels of a machine that is only described: a label that no target has and that
 * nothing tests, or a value that no target has and that no group names. Sentences for people.
 */
export function labelRemarks(program: Program, given: LabelSet): string[] {
  const { inventory } = program;
  const values = knownValues(program);
  const tested = testedLabels(program);
  const labels = new Set([...values.keys(), ...tested]);
  return [...given].flatMap(([label, value]) => {
    if (!labels.has(label)) {
      const near = suggest(label, [...labels].sort());
      const others = labels.size === 0 ? ', nor any other' : `. The labels are: ${listed(labels, MOST_LABELS)}`;
      const meant = near ? `; did you mean ${near}?` : others;
      const who = inventory.targets.length === 0 ? 'No group tests' : 'No target has';
      return `${who} the label ${label}${meant}`;
    }
    const own = values.get(label);
    if (value === '' || OWN.has(label) || !inventory.known.has(label) || !own || own.has(value)) return [];
    return `No target has ${matcherText({ label, op: '=', value })}; ${valuesText(value, own)}`;
  });
}

function valuesText(value: string, known: ReadonlySet<string>): string {
  const near = known.size > MOST_VALUES ? suggest(value, [...known].sort()) : undefined;
  return near ? `did you mean ${near}?` : `known: ${listed(known, MOST_VALUES)}`;
}

function listed(all: ReadonlySet<string>, most: number): string {
  const more = all.size > most ? ` and ${all.size - most} more` : '';
  return `${[...all].sort().slice(0, most).join(', ')}${more}`;
}

/** The values of each label that some target has or some group or case names. */
function knownValues({ inventory, tree, rules, declared }: Program): Map<string, Set<string>> {
  const values = new Map<string, Set<string>>();
  const of = (label: string): Set<string> => memo(values, label, () => new Set());
  for (const target of inventory.targets) for (const [label, value] of target.labels) of(label).add(value);
  const cases = rules.flatMap(({ rule }) => declared.of(rule).filter((d) => d.case));
  for (const { box } of [...tree.groups, ...cases]) {
    for (const [label, c] of box) {
      const named = of(label);
      if (c.kind === 'in') for (const value of c.values) if (value !== '') named.add(value);
    }
  }
  return values;
}

/** Labels that the expression of some rule tests. */
function testedLabels({ rules }: Program): Set<string> {
  const tested = new Set<string>();
  for (const { instances } of rules) {
    const shape = instances[0]?.shape;
    for (const selector of shape?.selectors ?? []) {
      for (const { label } of authorMatchers(selector, shape?.holes ?? [])) tested.add(label);
    }
  }
  return tested;
}
