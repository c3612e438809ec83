import type { Change, DiffReport, DiffSide } from '../../core/diff/report.ts';
import { positionAt } from '../../core/ground/source.ts';
import { headline } from './sections.ts';

/** Names of targets in one change; beyond, `targets_count` still counts all. */
const MOST_NAMES = 10_000;

/** The report for machines: docs/diff.md has the keys. Every key is always there. */
export function diffJson(report: DiffReport): object {
  return {
    summary: headline(report),
    consequences: report.changes.length > 0,
    compared: report.compared,
    base: sideJson(report.base),
    head: sideJson(report.head),
    owners: report.owners,
    changes: report.changes.map(changeJson),
    mended: report.mended,
    errors: [],
  };
}

function sideJson({ name, state, rules, evaluationsPerSecond, targets, errors }: DiffSide): object {
  return { name, state, rules, evaluations_per_second: evaluationsPerSecond, targets, errors };
}

function changeJson(change: Change): object {
  const { kind, severity, message, rules, affected, owners, place } = change;
  const at = place && positionAt(place.span.file, place.span.start);
  return {
    kind,
    severity,
    message,
    rules,
    group: change.group ?? null,
    field: change.field ?? null,
    old: change.old ?? null,
    new: change.new ?? null,
    why: change.why ?? null,
    condition: affected.condition ?? null,
    targets_count: affected.targets.length,
    targets: affected.targets.slice(0, MOST_NAMES),
    groups: affected.groups,
    regions: affected.regions,
    owners,
    server: change.server ?? null,
    file: place?.span.file.path ?? null,
    line: at?.line ?? null,
    col: at?.col ?? null,
    side: place?.side ?? null,
  };
}
