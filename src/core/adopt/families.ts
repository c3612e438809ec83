import type { Box } from '../../promql/region.ts';
import { boxesApart, boxKey } from '../../promql/region.ts';
import { allLabels } from '../model/plain.ts';
import type { CompiledRule, CompiledRuleGroup } from '../model/ruleset.ts';
import { groupMeaning } from './compare.ts';
import type { Copy } from './copy.ts';
import type { Family } from './family.ts';
import { familyOf } from './family.ts';
import { liftables } from './holes.ts';
import { readsOf } from './names.ts';
import { boxesOf, regionIn, shapeKey, varyingLabels } from './regions.ts';

/** Where a rule stands among what is taken over. */
export interface Place {
  readonly item: number;
  readonly group: number;
  readonly rule: number;
}

/** Why rules that look like copies of one another stay as they are. */
export interface Kept {
  readonly rule: string;
  readonly places: readonly Place[];
  readonly reason: string;
}

export interface Families {
  readonly families: readonly Family[];
  readonly kept: readonly Kept[];
}

/** Finds alerts that are copies of one another but for matchers, labels and numbers, and makes each family one rule. */
export function findFamilies(items: readonly (readonly CompiledRuleGroup[])[], allParams: boolean): Families {
  const families: Family[] = [];
  const kept: Kept[] = [];
  for (const copies of buckets(items).values()) {
    if (copies.length < 2) continue;
    const found = familiesIn(copies, allParams);
    families.push(...found.families);
    kept.push(...found.kept);
  }
  return { families, kept };
}

function buckets(items: readonly (readonly CompiledRuleGroup[])[]): Map<string, Copy[]> {
  const found = new Map<string, Copy[]>();
  items.forEach((groups, item) => {
    groups.forEach((group, g) => {
      const recorded = new Set(group.rules.flatMap((r) => (r.kind === 'record' ? [r.name] : [])));
      group.rules.forEach((rule, r) => {
        const copy = rule.kind === 'alert' ? copyOf(group, rule, { item, group: g, rule: r }, recorded) : undefined;
        if (!copy) return;
        const key = JSON.stringify([rule.name, shapeKey(rule.expr), groupMeaning(group)]);
        found.set(key, [...(found.get(key) ?? []), copy]);
      });
    });
  });
  return found;
}

function copyOf(
  group: CompiledRuleGroup,
  rule: CompiledRule,
  place: Place,
  recorded: ReadonlySet<string>,
): Copy | undefined {
  const boxes = boxesOf(rule.expr);
  if (!boxes) return undefined;
  const [reads] = readsOf(rule, recorded);
  return {
    place,
    group,
    rule,
    boxes,
    labels: allLabels(group, rule),
    places: liftables(rule.expr),
    ...(reads && { reads }),
  };
}

/** The families in one bucket: one, or one for each severity where these don't go together. */
function familiesIn(copies: readonly Copy[], allParams: boolean): Families {
  const whole = attempt(copies, allParams);
  if (typeof whole !== 'string') return { families: [whole], kept: [] };
  const bySeverity = new Map<string, Copy[]>();
  for (const copy of copies) {
    const severity = copy.labels.get('severity') ?? '';
    bySeverity.set(severity, [...(bySeverity.get(severity) ?? []), copy]);
  }
  if (bySeverity.size > 1) {
    const parts = [...bySeverity.values()].map((part) => (part.length > 1 ? attempt(part, allParams) : ''));
    const families = parts.filter((part) => typeof part !== 'string');
    if (families.length > 0) return { families, kept: [] };
  }
  const name = copies[0]?.rule.name ?? '';
  return { families: [], kept: [{ rule: name, places: copies.map((c) => c.place), reason: whole }] };
}

/** The family of these copies, or why they are none. */
function attempt(copies: readonly Copy[], allParams: boolean): Family | string {
  const reader = copies.find((c) => c.reads !== undefined);
  if (reader) {
    return `it reads ${reader.reads}, which its own rule group records: in another one it would be evaluated out of order`;
  }
  const labels = varyingLabels(copies.map((c) => c.boxes));
  const regions = new Map<string, { region: Box; copies: Copy[] }>();
  for (const copy of copies) {
    const region = regionIn(copy.boxes, labels);
    if (!region) {
      return `the matchers on ${labels.join(' and ')} that tell the copies apart are not in every selector of each copy`;
    }
    const known = regions.get(boxKey(region));
    if (known) known.copies.push(copy);
    else regions.set(boxKey(region), { region, copies: [copy] });
  }
  const all = [...regions.values()];
  for (const [i, a] of all.entries()) {
    const other = all.slice(i + 1).find((b) => !boxesApart(a.region, b.region));
    if (other) {
      return `two copies fire for the same series (${shownRegion(a.region)} and ${shownRegion(other.region)}): one rule would fire once`;
    }
  }
  return familyOf(all, labels, allParams);
}

const shownRegion = (region: Box): string => (region.size === 0 ? 'everything' : boxKey(region));
