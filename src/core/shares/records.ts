import type { VectorSelector } from '../../promql/ast.ts';
import type { LabelsOfSelector } from '../../promql/kept.ts';
import { hasLabel } from '../../promql/label-names.ts';
import { boxOf, inBox, regionsApart } from '../../promql/region.ts';
import type { GroupCell } from '../cascade/partition.ts';
import { memo } from '../ground/memo.ts';
import type { Instance } from '../instance/instantiate.ts';
import { instanceTexts } from '../instance/labels.ts';
import { recordsRead } from '../instance/metrics.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';
import { forEachPlace } from '../instance/program.ts';
import { ROOT_ID } from '../lookup/groups.ts';
import type { Finding, Reader } from './expression.ts';
import { sharesOf } from './expression.ts';
import type { Share } from './share.ts';
import { seenBy, shareIn, splitLabels, UNSPLIT } from './share.ts';

/** What our own recording rules write, share by share. */
export interface Records {
  /** Labels that a split may have put on what some rule reads; none for most. */
  labelsReadBy(resolved: ResolvedRule): readonly string[];
  /** How an instance of a rule reads; what it finds wrong is told to `found`. */
  reader(resolved: ResolvedRule, instance: Instance, label: string, found: (finding: Finding) => void): Reader;
  /** How a query reads that no region confines. */
  readerOfAll(labelsOf: LabelsOfSelector, label: string, found: (finding: Finding) => void): Reader;
  /** Whether a selector reads series of which some carry the label. */
  isSplitBy(selector: VectorSelector, label: string): boolean;
  /** How many shares the largest of the metrics has that a rule reads. */
  mostRead(resolved: ResolvedRule, label: string): number;
}

const NOTHING_FOUND = (): void => {};

/** Whether a recording rule has instances whose series carry a label of the split. */
const isSplit = ({ rule, cascade, samples }: ResolvedRule): boolean =>
  rule.kind === 'record' &&
  (cascade.partition.cells.some(({ owner }) => owner !== ROOT_ID) || samples.some((i) => i.cell.caseId !== undefined));

/**
 * The shares of all that is recorded; undefined where no recording rule is split. `settle` gives a rule as it is
 * compiled in the end.
 */
export function recordsOf(
  program: Program,
  settle: (resolved: ResolvedRule) => ResolvedRule = (resolved) => resolved,
): Records | undefined {
  const splits = program.rules.filter(isSplit);
  if (splits.length === 0) return undefined;
  const makers = new Map<string, ResolvedRule[]>();
  for (const resolved of program.rules) {
    if (resolved.rule.kind === 'record') memo(makers, resolved.rule.name.value, () => []).push(resolved);
  }
  const byCases = splits.flatMap(({ cascade }) => cascade.speaking.flatMap((d) => d.case?.labels ?? []));
  // Two jobs may have an instance in common.
  const ofSeries = new Set(['job', ...byCases]);
  const known = new Map<string, Map<ResolvedRule, readonly Share[]>>();
  const open = new Set<ResolvedRule>();

  const sharesOfRule = (maker: ResolvedRule, label: string): readonly Share[] => {
    // What a rule reads of itself adds nothing to what it writes.
    if (open.has(maker)) return [];
    const own = memo(known, label, () => new Map<ResolvedRule, readonly Share[]>());
    return memo(own, maker, () => {
      open.add(maker);
      const shares = written(settle(maker), label);
      open.delete(maker);
      return shares;
    });
  };

  const written = (maker: ResolvedRule, label: string): Share[] => {
    const { rule, samples, cascade, copies } = maker;
    const { partition } = cascade;
    const metric = rule.name.value;
    const shares: Share[] = [];
    forEachPlace(maker, (_, { owner, region }: GroupCell, instance) => {
      const own = instance ? instanceTexts(instance, program).labels.get(label) : valueOfCopy(owner, label);
      const cell = { partition, region };
      if (own !== undefined) {
        shares.push({ value: own, region, metric, rule, cell });
        return;
      }
      const like = instance ?? copies?.sample ?? samples[0];
      if (!like) return;
      for (const read of sharesOf(like.shape.expr, reader(maker, like, label))) {
        const share = shareIn(read, region);
        if (share) shares.push(read === UNSPLIT ? { ...share, metric, cell } : { ...share, metric });
      }
    });
    return shares;
  };
  const valueOfCopy = (owner: string, label: string): string | undefined =>
    label === program.config.groupLabel && owner !== ROOT_ID ? owner : undefined;

  const ofSelector = (selector: VectorSelector, label: string): readonly Share[] => {
    const { metrics, others } = recordsRead(selector, makers);
    const lists = metrics.flatMap(({ rules }) => rules.map((maker) => sharesOfRule(maker, label)));
    const [first = []] = lists;
    const shares = lists.length > 1 ? lists.flat() : first;
    return others ? [...shares, UNSPLIT] : shares;
  };

  const reader = (
    resolved: ResolvedRule,
    instance: Instance,
    label: string,
    found: Reader['found'] = NOTHING_FOUND,
  ): Reader => ({
    label,
    labelsOf: resolved.context.labelsOf,
    ofSeries,
    found,
    sharesOf: (selector) => {
      const placed = instance.placed.get(selector)?.region;
      if (!placed) return [];
      const asked = boxOf(selector.matchers.filter((m) => m.label === label));
      const { kept } = resolved.context.labelsOf(selector);
      const tells = (name: string): boolean => hasLabel(kept, name);
      const here = seenBy(placed, tells);
      return ofSelector(selector, label).flatMap((share) => {
        if (asked && !inBox(new Map([[label, share.value]]), asked)) return [];
        // Of a reader that is split as the record is, each instance reads the series of its own cell.
        const { cell } = share;
        if (cell?.partition === resolved.cascade.partition && [...cell.partition.labels].every(tells))
          return cell.region === instance.cell.region ? [share] : [];
        if (regionsApart(seenBy(share.region, tells), here)) return [];
        return shareIn(share, here) ?? [];
      });
    },
  });

  const readsOf = (resolved: ResolvedRule): VectorSelector[] => [
    ...new Set(resolved.samples.flatMap(({ shape }) => shape.selectors)),
  ];
  return {
    labelsReadBy: (resolved) => {
      const selectors = readsOf(resolved).filter((s) => recordsRead(s, makers).metrics.length > 0);
      if (selectors.length === 0) return [];
      return splitLabels(program.config).filter((label) =>
        selectors.some((s) => ofSelector(s, label).some(({ value }) => value !== '')),
      );
    },
    reader,
    readerOfAll: (labelsOf, label, found) => ({
      label,
      labelsOf,
      ofSeries,
      found,
      sharesOf: (selector) => {
        const asked = boxOf(selector.matchers.filter((m) => m.label === label));
        const { kept } = labelsOf(selector);
        const tells = (name: string): boolean => hasLabel(kept, name);
        const base = boxOf(selector.matchers.filter((m) => m.label !== label && tells(m.label)));
        return ofSelector(selector, label).flatMap((share) => {
          if (asked && !inBox(new Map([[label, share.value]]), asked)) return [];
          return (
            shareIn({ ...share, region: seenBy(share.region, tells) }, { base: base ?? new Map(), minus: [] }) ?? []
          );
        });
      },
    }),
    isSplitBy: (selector, label) => ofSelector(selector, label).some(({ value }) => value !== ''),
    mostRead: (resolved, label) =>
      readsOf(resolved).reduce((most, s) => Math.max(most, ofSelector(s, label).length), 0),
  };
}
