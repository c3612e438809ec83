import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';

/** Params that no text of their rule reads: whatever a group sets them to changes nothing. */
export function checkUnusedParams(program: Program): Diagnostic[] {
  return program.rules.flatMap((resolved) => unused(resolved, program));
}

function unused({ rule, context, cascade }: ResolvedRule, { texts }: Program): Diagnostic[] {
  const left = new Set(
    [...rule.params].filter(([name, param]) => !context.used.has(name) && !param.broken).map(([name]) => name),
  );
  // `{{ threshold }}` in an expression was meant to use it, which is said there.
  if (left.size === 0 || rule.expr.value.includes('{{')) return [];
  for (const { settings } of cascade.kinds) {
    for (const [field, setting] of settings) {
      if (typeof setting.value !== 'string' || field.startsWith('param:')) continue;
      for (const name of texts.of(rule, field, setting).names) left.delete(name);
    }
  }
  return [...left].map((name) => {
    const param = rule.params.get(name) as NonNullable<ReturnType<typeof rule.params.get>>;
    const set = cascade.cells
      .flatMap(({ settings }) => settings.get(`param:${name}`) ?? [])
      .find(({ level }) => level.kind === 'group' || level.kind === 'case');
    return diagnostic(
      'no-effect',
      param.span,
      `Param "${name}" of rule "${rule.tier?.of ?? rule.id}" stands in none of its texts, so that setting it changes nothing.`,
      {
        help: `use it as << ${name} >>, or remove it`,
        notes: [
          { message: 'the expression', span: rule.expr.span },
          ...(set ? [{ message: `"${set.level.name}" sets it`, span: set.span }] : []),
        ],
      },
    );
  });
}
