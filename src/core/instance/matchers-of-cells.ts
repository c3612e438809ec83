import type { VectorSelector } from '../../promql/ast.ts';
import { matchersText } from '../../promql/inject.ts';
import type { Labels } from '../../promql/label-names.ts';
import { hasLabel } from '../../promql/label-names.ts';
import type { Box, Region } from '../../promql/region.ts';
import { boxOf } from '../../promql/region.ts';
import { authorMatchers, placeRegion } from '../../promql/selector-region.ts';
import { memo } from '../ground/memo.ts';
import type { GroupTree } from '../lookup/groups.ts';

/** What a region puts into a selector, where that is plain matchers (or nothing, "") and the selector still finds something. */
export type MatchersOfRegion = (region: Region) => string | undefined;

/**
 * The matchers of regions by what selectors have to say about them: a thousand rules whose selectors test none of the labels
 * that groups match on get the same texts, each made once. The same function comes back for selectors that are
 * alike; undefined for a selector that finds nothing anywhere.
 */
export interface Matchers {
  /** Labels that groups match on: of others nothing is known here. */
  readonly tested: ReadonlySet<string>;
  of(
    selector: VectorSelector,
    unknown: readonly { from: number; to: number }[],
    kept: Labels,
  ): MatchersOfRegion | undefined;
}

/** Text that can stand between any two others of its kind without changing how YAML writes them. */
const QUIET = /^(?!.*(?:: | #))[!-~](?:[ -~]*[!-9;-~])?$/;

export function matchersOf(tree: GroupTree): Matchers {
  const labels = [...new Set(tree.groups.flatMap((g) => [...g.box.keys()]))].sort();
  const tested = new Set(labels);
  const known = new Map<string, MatchersOfRegion>();
  return {
    tested,
    of(selector, unknown, kept) {
      const all = authorMatchers(selector, unknown);
      if (!boxOf(all)) return undefined;
      // What it says of other labels changes nothing of what a region adds.
      const own = all.filter((m) => tested.has(m.label)).map(({ label, op, value }) => ({ label, op, value }));
      const key = JSON.stringify([own, labels.filter((label) => hasLabel(kept, label))]);
      return memo(known, key, () => {
        const texts = new WeakMap<Box, { text: string | undefined }>();
        return (region) => {
          if (region.minus.length > 0) return undefined;
          return memo(texts, region.base, () => {
            const { region: left, add, minus } = placeRegion(region, own, kept);
            const text = matchersText(add);
            return { text: left && minus.length === 0 && (text === '' || QUIET.test(text)) ? text : undefined };
          }).text;
        };
      });
    },
  };
}
