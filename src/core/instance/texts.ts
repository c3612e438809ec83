import type { VersionRange } from '../../promql/version.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { memo } from '../ground/memo.ts';
import type { Span } from '../ground/source.ts';
import { suggest } from '../ground/suggest.ts';
import type { Param } from '../model/params.ts';
import type { Field, Rule, Setting } from '../model/rule.ts';
import type { MacroLibrary } from '../template/template.ts';
import type { TextKind, TextRenderer } from './render-text.ts';
import { textRenderer } from './render-text.ts';
import type { Specialised } from './specialise.ts';
import { specialise, verbatim } from './specialise.ts';

/** The templated texts of all rules, each parsed and checked once for each rule that uses it. */
export interface Texts {
  /** The renderer of a text field's setting. */
  of(rule: Rule, field: Field, setting: Setting): TextRenderer & { readonly names: ReadonlySet<string> };
  /** The rule's expression. */
  expr(rule: Rule): Specialised;
  /** What is wrong with templates, gathered as they are asked for. */
  readonly diagnostics: Diagnostic[];
}

export function textsOf(library: MacroLibrary, versions: VersionRange): Texts {
  const diagnostics: Diagnostic[] = [];
  const byRule = new Map<Rule, Map<Setting | 'expr', ReturnType<Texts['of']>>>();
  const exprs = new Map<Rule, Specialised>();
  const prepare = (
    rule: Rule,
    text: { value: string; span: Span },
    isLabel: boolean,
    literal: boolean,
  ): Specialised => {
    // A native file is taken as it is; what groups say of its rules is in our own format.
    const parsed = literal ? verbatim(text, text === rule.expr ? rule.implicit : undefined) : specialise(text, library);
    const unknown = unknownNames(rule, parsed);
    diagnostics.push(...parsed.diagnostics, ...unknown);
    // A run would only say again that these names have no value.
    const specialised = unknown.length > 0 ? { ...parsed, variant: () => ({ diagnostics: [] }) } : parsed;
    if (isLabel) diagnostics.push(...paramsInIdentity(rule, specialised));
    return specialised;
  };
  return {
    diagnostics,
    of(rule, field, setting) {
      const own = memo(byRule, rule, () => new Map());
      return memo(own, setting, () => {
        const kind = textKind(field);
        const literal = rule.group.native !== undefined && setting.level.kind === 'rule';
        const specialised = prepare(
          rule,
          { value: setting.value as string, span: setting.span },
          kind === 'label',
          literal,
        );
        const renderer = textRenderer(specialised, kind, versions);
        return { ...renderer, names: new Set(specialised.names.keys()) };
      });
    },
    expr(rule) {
      return memo(exprs, rule, () => prepare(rule, rule.expr, false, rule.group.native !== undefined));
    },
  };
}

const textKind = (field: Field): TextKind =>
  field.startsWith('label:') ? 'label' : field.startsWith('annotation:') ? 'annotation' : 'duration';

function unknownNames(rule: Rule, { names }: Specialised): Diagnostic[] {
  const known = [...rule.params.keys()];
  return [...names].flatMap(([name, spans]) => {
    if (rule.params.has(name)) return [];
    const close = suggest(name, known);
    const list =
      known.length > 0
        ? `the params of "${rule.id}" are: ${known.sort().join(', ')}`
        : `declare it: params: { ${name}: … }`;
    return spans.map((span) =>
      diagnostic(
        'template-undefined',
        span,
        `Rule "${rule.id}" has no param "${name}", so that << ${name} >> has no value.`,
        { help: close ? `did you mean << ${close} >>?` : list },
      ),
    );
  });
}

/** Labels are part of an alert's identity: what a group may change can't stand there. */
function paramsInIdentity(rule: Rule, { names }: Specialised): Diagnostic[] {
  return [...names].flatMap(([name, spans]) => {
    const param: Param | undefined = rule.params.get(name);
    if (!param || param.fixed) return [];
    return spans.map((span) =>
      diagnostic(
        'param-in-identity',
        span,
        `Param "${name}" cannot stand in a label: a group may change it, and with it the alert's identity; a firing alert would become another one.`,
        {
          help: `show it in an annotation instead, or declare it with \`fixed: true\` if no group ever sets it`,
          notes: [{ message: `"${name}" is declared here`, span: param.span }],
        },
      ),
    );
  });
}
