/** A way to break the compiler: one piece of its text put in place of another. */
export interface Mutant {
  readonly name: string;
  /** Below src/. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly from: string;
  readonly to: string;
  /** The shapes that can show it, where few can. */
  readonly shapes?: readonly string[];
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'only the first selector gets the region',
    file: 'core/instance/instantiate.ts',
    from: 'placeRegion(cell.region, authorMatchers(selector, shape.holes), context.labelsOf(selector).kept)',
    to: 'placeRegion(placed.size === 0 ? cell.region : { base: new Map(), minus: [] }, authorMatchers(selector, shape.holes), context.labelsOf(selector).kept)',
  },
  {
    name: 'exclusions reach the first selector only',
    file: 'core/instance/instantiate.ts',
    from: 'placeRegion(cell.region, authorMatchers(selector, shape.holes), context.labelsOf(selector).kept)',
    to: 'placeRegion(placed.size === 0 ? cell.region : { ...cell.region, minus: [] }, authorMatchers(selector, shape.holes), context.labelsOf(selector).kept)',
    shapes: ['minus'],
  },
  {
    name: 'NOT(a AND b) becomes NOT a AND NOT b',
    file: 'promql/region.ts',
    from: 'if (!other) next.push(own);',
    to: 'if (own.size > 1) { for (const [l, k] of own) { const no = complement(k); if (no) narrowed.set(l, both(narrowed.get(l) ?? ANYTHING, no)); } } else if (!other) next.push(own);',
  },
  {
    name: 'a negative matcher leaves out series without the label',
    file: 'promql/constraint.ts',
    from: "if (c.kind === 'in') return [{ kind: 'out', values: c.values, like: [], unlike: [] }];",
    to: "if (c.kind === 'in') return [{ kind: 'out', values: new Set([...c.values, '']), like: [], unlike: [] }];",
  },
  {
    name: 'a label that is left no value is written as =~""',
    file: 'promql/region.ts',
    from: 'if ([...narrowed.values()].some(isNone)) return undefined;',
    to: '',
    shapes: ['plain'],
  },
  {
    name: 'children are folded before their parents',
    file: 'core/lookup/groups.ts',
    from: 'a.priority - b.priority || a.depth - b.depth',
    to: 'a.priority - b.priority || b.depth - a.depth',
  },
  {
    name: 'priority is ignored',
    file: 'core/lookup/groups.ts',
    from: 'a.priority - b.priority || a.depth - b.depth',
    to: 'a.depth - b.depth',
    shapes: ['plain'],
  },
  {
    name: 'what is excluded is subtracted outside of the aggregation',
    file: 'promql/inject.ts',
    from: "    case 'aggregate':\n",
    to: "    case 'aggregate': {\n      const inner = unwrap(expr.expr);\n      if (inner?.kind === 'selector') return [unit('unit', expr, inner, [])];\n    }\n    case 'aggregate' as never:\n",
    shapes: ['count', 'sum', 'share'],
  },
  {
    name: 'what is excluded is not subtracted at all',
    file: 'promql/selector-region.ts',
    from: 'minus: placed.minus.map((box) => additions(box, EVERYTHING, [])),',
    to: 'minus: [],',
  },
  {
    name: 'a selector that is all subtracted stays as it was',
    file: 'promql/selector-region.ts',
    from: 'minus: minus.map((box) => additions(box, EVERYTHING, author)),',
    to: 'minus: [],',
    shapes: ['or-some'],
  },
  {
    name: 'a region stands in absent() with =',
    file: 'promql/inject.ts',
    from: "return m.op === '=' ? { ...m, op: '=~', value: regexQuote(m.value) } : m;",
    to: 'return m;',
    shapes: ['absent', 'absent-over-time'],
  },
  {
    name: 'absent() of parts fires where any is absent',
    file: 'promql/inject.ts',
    from: "' and on () '",
    to: "' or '",
    shapes: ['absent'],
  },
  {
    name: 'timestamp() is no part of the unit',
    file: 'promql/inject.ts',
    from: "if (call.func === 'timestamp' &&",
    to: "if (call.func === 'no_timestamp' &&",
    shapes: ['timestamp-offset'],
  },
  {
    name: 'a bare group_left is left before a parenthesis',
    file: 'promql/inject.ts',
    from: "' ()' : ''",
    to: "'' : ''",
    shapes: ['bare-group-left', 'bare-group-right'],
  },
  {
    name: 'a case has no rule_case',
    file: 'core/instance/labels.ts',
    from: 'if (cell.caseId !== undefined) labels.set(CASE_LABEL, cell.caseId);',
    to: '',
    shapes: ['queue'],
  },
  {
    name: 'the group label is missing',
    file: 'core/instance/labels.ts',
    from: 'if (config.groupLabel !== false && cell.owner !== ROOT_ID) labels.set(config.groupLabel, cell.owner);',
    to: '',
  },
  {
    name: 'null does not unset',
    file: 'core/cascade/cascade.ts',
    from: 'for (const [field, setting] of own) {',
    to: 'for (const [field, setting] of own) {\n      if (setting.value === null) continue;',
  },
  {
    name: '`only` is ignored',
    file: 'core/cascade/cascade.ts',
    from: '(!only || only.some(holds))',
    to: '(!only || true)',
  },
  {
    name: '`except` is ignored',
    file: 'core/cascade/cascade.ts',
    from: '&& !except.some(holds)',
    to: '',
  },
  {
    name: '"*" splits rules that combine targets',
    file: 'core/cascade/cascade.ts',
    from: '(d.byName || harmless(d.box) ? speaking : quiet)',
    to: '(d.byName || true ? speaking : quiet)',
    shapes: ['sum', 'sum-by-env'],
  },
  {
    name: 'a label that a recording rule drops is injected all the same',
    file: 'core/instance/metrics.ts',
    from: 'kept: without(analysis.kept, [...own, ...group])',
    to: 'kept: ALL',
    shapes: ['recorded'],
  },
  {
    name: '`metrics:` is ignored',
    file: 'core/instance/metrics.ts',
    from: 'kept: onlyLabels(fact.labels)',
    to: 'kept: ALL',
    shapes: ['lacking'],
  },
  {
    name: 'instances may see the same series',
    file: 'core/checks/table.ts',
    from: '  checkDisjoint,\n',
    to: '',
    shapes: ['lacking-sum', 'lacking'],
  },
  {
    name: 'rules from nothing stand where no target is',
    file: 'core/instance/with-targets.ts',
    from: 'if (!analysis.fromNothing ||',
    to: 'if (analysis.fromNothing ||',
    shapes: ['absent'],
  },
  {
    name: 'unrelated groups may disagree',
    file: 'core/cascade/conflict.ts',
    from: 'if (a.priority !== b.priority || related(a, b)) continue;',
    to: 'if (a.priority !== b.priority || true) continue;',
  },
  {
    name: 'parent and child may not disagree',
    file: 'core/cascade/conflict.ts',
    from: 'if (a.priority !== b.priority || related(a, b)) continue;',
    to: 'if (a.priority !== b.priority) continue;',
  },
  {
    name: 'a derived region belongs to one of its groups',
    file: 'core/cascade/partition.ts',
    from: "lowest.map((g) => g.id).join('--')",
    to: "(lowest[0]?.id ?? '')",
  },
  {
    name: 'a rule that is switched off watches what lacks the label',
    file: 'core/checks/disjoint.ts',
    from: 'cascade.cells.filter((cell) => !cell.applies || !cell.enabled)',
    to: '[] as RuleCell[]',
    shapes: ['lacking'],
  },
  {
    name: 'a rule that is off can be switched on by nobody',
    file: 'core/cascade/cascade.ts',
    from: "enabled: settings.get('enabled')?.value !== false,",
    to: "enabled: settings.get('enabled')?.value !== false && rule.base.get('enabled')?.value !== false,",
    shapes: ['plain'],
  },
  {
    name: 'group-wide labels win over the rule',
    file: 'core/instance/labels.ts',
    from: 'for (const [field, setting] of cell.settings) put(field, setting);',
    to: 'for (const [field, setting] of cell.settings) put(field, setting);\n  for (const [name, setting] of cell.groupLabels) put(`label:${name}`, setting);',
    shapes: ['plain'],
  },
  {
    name: 'the instance that fires last watches all that the others do',
    file: 'core/plan/plan.ts',
    from: 'expr: instanceExpr(instance),',
    to: "expr: ((all, number) => all.every((i) => i === instance || number(i) > number(instance)) ? all.map((i) => instanceExpr({ ...i, holes: instance.holes })).join(' or ') : instanceExpr(instance))(program.rules.find((r) => r.rule === rule)?.instances ?? [], (i) => i.values.get('threshold')?.value),",
    // Below the threshold: such rules have no tiers, whose numbers lie far apart.
    shapes: ['less'],
  },
  {
    name: 'a reader keeps series apart by the group label',
    file: 'core/shares/leave-out.ts',
    from: 'return records ? { ...program, rules: program.rules.map(settle) } : program;',
    to: 'return program;',
    shapes: ['r-without', 'r-max'],
  },
  {
    name: 'the group label is forgotten where a second recording rule reads the first',
    file: 'core/shares/records.ts',
    from: 'if (!like) return;',
    to: 'if (like) return;',
    shapes: ['r-two', 'r-two-without'],
  },
  {
    name: 'a case’s label keeps series apart',
    file: 'core/shares/share.ts',
    from: 'groupLabel === false ? [CASE_LABEL] : [groupLabel, CASE_LABEL]',
    to: 'groupLabel === false ? [] : [groupLabel]',
    shapes: ['r-queue'],
  },
  {
    name: 'the group label is left out where nothing is combined',
    file: 'core/shares/expression.ts',
    from: 'telling(without(own, labels), reader, dropped)',
    to: '() => false',
    shapes: ['r-two-some', 'r-without-after'],
  },
  {
    name: 'a join may compare a label that one side lacks',
    file: 'core/checks/table.ts',
    from: '  checkGroupJoins,\n',
    to: '',
    shapes: ['recorded-minus'],
  },
];
