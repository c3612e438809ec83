import { check } from '../../promql/check.ts';
import { selectorsOf } from '../../promql/selectors.ts';
import { literalQueries } from '../gotemplate/queries.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { subSpan } from '../ground/scalar-map.ts';
import type { Span } from '../ground/source.ts';
import { instanceTexts } from '../instance/labels.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';
import type { Setting } from '../model/rule.ts';
import type { Finding } from '../shares/expression.ts';
import { sharesOf } from '../shares/expression.ts';
import { insertionsOf } from '../shares/leave-out.ts';
import { type Records, recordsOf } from '../shares/records.ts';
import { splitLabels } from '../shares/share.ts';

/**
 * Queries in texts that read series of which a split put the group label on some, and find something else with it than
 * without. Expressions have it left out where they are compiled; a text is its author's, who is told what to write.
 */
export function checkGroupQueries(program: Program): Diagnostic[] {
  const records = recordsOf(program);
  if (!records) return [];
  return program.rules.flatMap((resolved) => {
    const seen = new Map<string, Diagnostic>();
    for (const instance of resolved.samples) {
      const { labels, annotations } = instanceTexts(instance, program);
      const texts = [
        ...[...annotations].map(([name, text]) => ['annotation', name, text] as const),
        ...[...labels].map(([name, text]) => ['label', name, text] as const),
      ];
      for (const [kind, name, text] of texts) {
        for (const query of literalQueries(text)) {
          const setting = instance.cell.settings.get(`${kind}:${name}`);
          const key = `${kind} ${name} ${setting?.span.file.path} ${setting?.span.start} ${query.text}`;
          if (!setting || seen.has(key)) continue;
          const found = findings(query.text, resolved, records, program);
          if (found) seen.set(key, describe(resolved, name, query.text, found, spanOf(setting, query.text)));
        }
      }
    }
    return [...seen.values()];
  });
}

interface Found {
  readonly label: string;
  readonly finding: Finding;
  /** The query as it finds what it found before the split; undefined where that is no matter of leaving a label out. */
  readonly instead?: string;
}

function findings(
  query: string,
  { context }: ResolvedRule,
  records: Records,
  { config, inventory, versions }: Program,
): Found | undefined {
  const { expr, problems } = check(query, versions);
  if (!expr || problems.length > 0) return undefined;
  const aggregates = new Map<string, Finding[]>();
  for (const label of splitLabels(config)) {
    // What targets carry themselves is theirs to keep apart.
    if (inventory.known.has(label) || !selectorsOf(expr).some((one) => records.isSplitBy(one, label))) continue;
    let other: Finding | undefined;
    const own: Finding[] = [];
    sharesOf(
      expr,
      records.readerOfAll(context.labelsOf, label, (finding) => {
        if (finding.kind === 'aggregate') own.push(finding);
        else other ??= finding;
      }),
    );
    if (other) return { label, finding: other };
    if (own.length > 0) aggregates.set(label, own);
  }
  const [[label, [finding]] = ['', []]] = aggregates;
  if (!finding) return undefined;
  return { label, finding, instead: withoutLabels(query, aggregates) };
}

/** The query with each label named in the `without (…)` that would keep it. */
function withoutLabels(query: string, findings: ReadonlyMap<string, readonly Finding[]>): string {
  const nodes = new Map<Finding['node'], Set<string>>();
  for (const [label, list] of findings)
    for (const { node } of list) nodes.set(node, (nodes.get(node) ?? new Set()).add(label));
  const insertions = [...nodes].flatMap(([node, labels]) =>
    node.kind === 'aggregate' ? insertionsOf(node, labels) : [],
  );
  return insertions
    .sort((a, b) => b.at - a.at)
    .reduce((text, { at, text: more }) => text.slice(0, at) + more + text.slice(at), query);
}

/** Where the query stands in what was written; the whole text where params made it. */
function spanOf({ value, span }: Setting, query: string): Span {
  const at = typeof value === 'string' ? value.indexOf(query) : -1;
  return typeof value === 'string' && at >= 0 ? subSpan({ value, span }, at, at + query.length) : span;
}

function describe({ rule }: ResolvedRule, name: string, query: string, found: Found, span: Span): Diagnostic {
  const { label, finding, instead } = found;
  const made = finding.pair.find((share) => share.value !== '' && share.rule) ?? finding.pair[0];
  const why =
    finding.kind === 'aggregate'
      ? `\`${finding.node.op} without (…)\` keeps apart what it combined before`
      : finding.kind === 'join'
        ? 'the join finds no partner for them'
        : 'there may be two where one is needed';
  const message = `The query \`${query}\` in ${name} of "${rule.id}" reads ${made.metric ?? 'series'}, some of which carry the label "${label}" since a group speaks of its recording rule: ${why}.`;
  const help =
    instead !== undefined
      ? `Write \`${instead}\`: expressions are compiled so, and texts are left as they are written.`
      : finding.kind === 'join'
        ? `Write ignoring (${label}) or on (…) without it in this join.`
        : `Combine them first (sum by (…) or max by (…), without "${label}").`;
  const there = rule.group.native
    ? ' A file that is not yours to edit is left alone: give the alert its text in the group `default`, under `overrides`.'
    : '';
  const notes = made.rule ? [{ message: 'the recording rule is here', span: made.rule.span }] : [];
  return diagnostic('group-label-query', span, message, { help: help + there, notes });
}
