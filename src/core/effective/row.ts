import { memo } from '../ground/memo.ts';
import { lineRef } from '../ground/source.ts';
import type { Instance } from '../instance/instantiate.ts';
import { CASE_LABEL } from '../instance/labels.ts';
import type { Program } from '../instance/program.ts';
import { ROOT_ID } from '../lookup/groups.ts';
import type { CompiledRule } from '../model/ruleset.ts';
import { valueJson } from '../model/value.ts';
import { compiledRule } from '../plan/plan.ts';
import type { Effective } from './effective.ts';

/** A rule in effect, as JSON gives it. */
export interface EffectiveRow {
  readonly id: string;
  /** The alert's or the record's name. */
  readonly name: string;
  /** The static label `severity`; recording rules have none. */
  readonly severity: string | null;
  readonly query: string;
  /** "0s" where there is none. */
  readonly for_duration: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, ConfigValue>>;
  readonly source: 'group' | 'default' | 'static';
  readonly source_id: string;
  readonly source_name: string;
  /** `file:line` of who said it, by field: expr, for, keep_firing_for, param:x, label:x, annotation:x. */
  readonly origin: Readonly<Record<string, string>>;
  readonly condition: string | null;
}

export type ConfigValue = number | string | boolean | readonly string[];

/** Makes rows, each instance's texts once. */
export type RowMaker = (effective: Effective) => EffectiveRow;

export function rowMaker(program: Program): RowMaker {
  const known = new WeakMap<Instance, Map<string | null, EffectiveRow>>();
  return ({ instance, condition }) => {
    const rows = memo(known, instance, () => new Map());
    return memo(rows, condition, () => ({
      ...(rows.values().next().value ?? instanceRow(instance, program)),
      condition,
    }));
  };
}

/** The row of an instance, without a condition. */
export function instanceRow(instance: Instance, program: Program): EffectiveRow {
  return rowOf(instance, compiledRule(instance, program), program);
}

/** The same of an instance whose texts are made already. */
export function rowOf(instance: Instance, compiled: CompiledRule, program: Program): EffectiveRow {
  const { rule, cell, values } = instance;
  const origin = new Map(compiled.origin);
  const last = cell.declarations.at(-1);
  const { groupLabel } = program.config;
  if (groupLabel !== false && cell.owner !== ROOT_ID && last) origin.set(`label:${groupLabel}`, last.group.span);
  const ofCase = cell.declarations.findLast((d) => d.case);
  if (ofCase) origin.set(`label:${CASE_LABEL}`, ofCase.span);
  return {
    id: rule.id,
    name: rule.name.value,
    severity: compiled.labels.get('severity') ?? null,
    query: compiled.expr,
    for_duration: compiled.for ?? '0s',
    labels: Object.fromEntries(compiled.labels),
    annotations: Object.fromEntries(compiled.annotations),
    config: Object.fromEntries([...values].map(([name, value]) => [name, valueJson(value)])),
    ...sourceOf(instance, program),
    origin: Object.fromEntries(Array.from(origin, ([field, span]) => [field, lineRef(span)])),
    condition: null,
  };
}

function sourceOf(
  { rule, cell }: Instance,
  program: Program,
): Pick<EffectiveRow, 'source' | 'source_id' | 'source_name'> {
  const { native, file } = rule.group;
  if (native && cell.owner === ROOT_ID) {
    return { source: 'static', source_id: native.fileName.replace(/\.yml$/, ''), source_name: file.path };
  }
  const source = cell.owner === ROOT_ID ? 'default' : 'group';
  return { source, source_id: cell.owner, source_name: ownerName(cell.owner, program) };
}

/** The name of an owner; of a derived group those of all that it joins. */
export function ownerName(owner: string, { tree }: Pick<Program, 'tree'>): string {
  return owner
    .split('--')
    .map((id) => tree.byId.get(id)?.written?.name?.value ?? id)
    .join(' + ');
}
