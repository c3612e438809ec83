import { inPercent, type LiteralNumber, literalNumbers, tells } from '../expand/literal-numbers.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';
import type { Declaration } from '../lookup/declaration.ts';
import type { Setting } from '../model/rule.ts';
import { numberText } from '../model/value.ts';

/**
 * Annotations that tell the rule's own number, and a group sets another: whoever is paged would read the wrong one.
 * Texts are looked at once a rule; only where one tells a number is it asked who sets another.
 */
export function checkNumbersInTexts(program: Program): Diagnostic[] {
  return program.rules.flatMap((resolved) =>
    [...resolved.rule.params.keys()].flatMap((p) => inRule(p, resolved, program)),
  );
}

interface Told {
  /** Of the annotation. */
  readonly name: string;
  readonly setting: Setting;
  readonly literals: readonly LiteralNumber[];
}

function inRule(param: string, resolved: ResolvedRule, program: Program): Diagnostic[] {
  const { rule, cascade } = resolved;
  const field = `param:${param}`;
  const own = numberIn(rule.base.get(field));
  if (own === undefined || cascade.speaking.length === 0) return [];
  const told = toldIn(param, own, resolved, program);
  if (told.length === 0) return [];
  const others = cascade.speaking.flatMap((said) => {
    const value = said.bare !== undefined && param === 'threshold' ? said.bare : numberIn(said.settings.get(field));
    return value === undefined || value === own ? [] : [{ said, value }];
  });
  for (const { said, value } of others) {
    const wrong = told.filter(
      ({ name, literals }) => !isRetold(said, name, resolved) && !literals.some((one) => tells(one, value)),
    );
    const [first] = wrong;
    if (first) return [describe(resolved, param, { said, value, groups: others.length }, wrong as [Told, ...Told[]])];
  }
  return [];
}

/** The annotations that tell a number which is the param's, and not through a hole. */
function toldIn(param: string, own: number, { rule }: ResolvedRule, { texts }: Program): Told[] {
  return [...rule.base].flatMap(([field, setting]) => {
    if (!field.startsWith('annotation:') || typeof setting.value !== 'string' || !/\d/.test(setting.value)) return [];
    const all = literalNumbers(setting.value);
    if (!all.some((one) => tells(one, own))) return [];
    if (!rule.group.native && texts.of(rule, field, setting).names.has(param)) return [];
    return [{ name: field.slice('annotation:'.length), setting, literals: all.filter((one) => tells(one, own)) }];
  });
}

/** Whether the group, or one that it is in or overlaps with, gives its alerts another text. */
function isRetold(said: Declaration, annotation: string, { cascade }: ResolvedRule): boolean {
  const field = `annotation:${annotation}`;
  if (said.settings.has(field)) return true;
  return cascade.speaking.some(({ group, settings }) => settings.has(field) && said.group.ancestors.includes(group));
}

const numberIn = (setting: Setting | undefined): number | undefined => {
  const value = setting?.value;
  return typeof value === 'object' && value?.type === 'number' ? value.value : undefined;
};

function describe(
  { rule }: ResolvedRule,
  param: string,
  { said, value, groups }: { readonly said: Declaration; readonly value: number; readonly groups: number },
  wrong: readonly [Told, ...Told[]],
): Diagnostic {
  const [{ name, setting, literals }] = wrong;
  const [literal] = literals as readonly [LiteralNumber];
  const text = setting.value as string;
  const isRatio = !literals.some((one) => one.value === numberIn(rule.base.get(`param:${param}`)));
  const written = text.slice(literal.from, literal.to) + (literal.percent ? '%' : '');
  const names = wrong.map((one) => one.name).join(', ');
  const more = groups > 1 ? ` (one of ${groups} that set it)` : '';
  const by = said.case ? `case "${said.case.id}" of "${said.group.id}"` : `"${said.group.id}"`;
  const message = `The ${names} of "${rule.id}" ${wrong.length > 1 ? 'say' : 'says'} ${written}, but ${by}${more} sets ${numberText(value)}: people who are paged there would read the wrong number.`;
  const hole = `<< ${isRatio ? inPercent(param) : param} >>`;
  const help = rule.group.native
    ? `Give it a text of its own in the group, under \`overrides\`, \`annotations\`, or have \`rulewright adopt --params ${rule.group.file.path}\` write the rule with ${hole} in its text.`
    : `Write ${hole} in the text instead of the number.`;
  const span = said.settings.get(`param:${param}`)?.span ?? said.span;
  return diagnostic('number-in-text', span, message, {
    help,
    notes: [{ message: `the ${name}`, span: setting.span }],
  });
}
