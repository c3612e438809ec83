import type { Constraint } from '../../promql/constraint.ts';
import { ANYTHING, satisfies } from '../../promql/constraint.ts';
import type { Box, Region } from '../../promql/region.ts';
import { boxKey, inRegion } from '../../promql/region.ts';
import { conditionText } from '../effective/effective.ts';
import { memo } from '../ground/memo.ts';
import type { Span } from '../ground/source.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';
import type { Target } from '../model/inventory.ts';

/** Label sets that stand for regions: what can be said where the inventory has no target, or isn't there. */
export interface Witnesses {
  readonly targets: readonly Target[];
  /** Labels that groups test; labels of cases are the series' own. */
  readonly known: ReadonlySet<string>;
}

const MOST = 5000; // witnesses
const TRIES = 400; // label sets tried for one region

/** One label set for each cell of some rules, on either side; none for cells in which no label set was found. */
export function witnesses(programs: readonly Program[], rules: readonly ResolvedRule[]): Witnesses {
  const known = new Set<string>();
  const literals = new Map<string, Set<string>>();
  const note = (box: Box): void => {
    for (const [label, c] of box) for (const value of literalsOf(c)) memo(literals, label, () => new Set()).add(value);
  };
  for (const { tree } of programs) {
    for (const { box } of tree.groups) {
      note(box);
      for (const label of box.keys()) known.add(label);
    }
  }
  const regions = new Map<string, Region>();
  for (const { cascade } of rules) {
    for (const { region } of cascade.cells) {
      if (regions.size >= MOST) break;
      const own = withoutUnknown(region, known);
      note(own.base);
      regions.set([own.base, ...own.minus].map(boxKey).join(' '), own);
    }
  }
  const targets = new Map<string, Target>();
  for (const region of regions.values()) {
    const labels = labelSetIn(region, literals);
    if (!labels) continue;
    const id = conditionText(region) ?? '{}';
    if (!targets.has(id)) targets.set(id, { id, hostname: '', labels, span: NOWHERE });
  }
  return { targets: [...targets.values()], known };
}

const NOWHERE: Span = { file: { path: '', text: '' }, start: 0, end: 0 };

function withoutUnknown({ base, minus }: Region, known: ReadonlySet<string>): Region {
  return {
    base: new Map([...base].filter(([label]) => known.has(label))),
    minus: minus.filter((box) => [...box.keys()].every((label) => known.has(label))),
  };
}

/** A label set in a region, found by trying the values that matchers name. */
function labelSetIn(
  region: Region,
  literals: ReadonlyMap<string, ReadonlySet<string>>,
): Map<string, string> | undefined {
  const labels = [...new Set([region.base, ...region.minus].flatMap((box) => [...box.keys()]))];
  const choices = labels.map((label) =>
    choicesOf(region.base.get(label) ?? ANYTHING, literals.get(label) ?? new Set()),
  );
  let tries = 0;
  const chosen = new Map<string, string>();
  const choose = (at: number): boolean => {
    if (at === labels.length) {
      tries++;
      return inRegion(chosen, region);
    }
    for (const value of choices[at] as readonly string[]) {
      if (tries > TRIES) return false;
      if (value === '') chosen.delete(labels[at] as string);
      else chosen.set(labels[at] as string, value);
      if (choose(at + 1)) return true;
    }
    return false;
  };
  return choose(0) ? chosen : undefined;
}

/** Values that satisfy a constraint: the odd one out first, so that a region's own part is found before its overlaps. */
function choicesOf(c: Constraint, literals: ReadonlySet<string>): string[] {
  if (c.kind === 'in') return [...c.values].slice(0, 8);
  const all = [...c.like.flatMap(samplesOf), 'other', '', ...literals];
  return [...new Set(all)].filter((value) => satisfies(value, c)).slice(0, 8);
}

function literalsOf(c: Constraint): string[] {
  return c.kind === 'in' ? [...c.values] : [...c.values, ...[...c.like, ...c.unlike].flatMap(samplesOf)];
}

/** Some texts that a simple regex may match; whoever asks tries them. */
function samplesOf(regex: string): string[] {
  return regex.split('|').flatMap((part) => {
    const plain = part
      .replace(/\\d/g, '0')
      .replace(/\\(.)/g, '$1')
      .replace(/\[(.)[^\]]*\]/g, '$1')
      .replace(/[()^$]/g, '');
    return [
      plain
        .replace(/\.[*?]/g, '')
        .replace(/\.\+?/g, 'x')
        .replace(/[*+?]|\{[^}]*\}/g, ''),
    ];
  });
}
