import { constantOf } from '../../promql/constant.ts';
import { parse } from '../../promql/parse.ts';
import { guessUnit } from '../adopt/units.ts';
import { mainComparison } from '../expand/implicit.ts';
import {
  holeFor,
  inPercent,
  isRatioOf,
  type LiteralNumber,
  literalNumbers,
  mayStandFor,
  tells,
} from '../expand/literal-numbers.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { memo } from '../ground/memo.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';
import type { Declaration } from '../lookup/declaration.ts';
import type { Rule, Setting } from '../model/rule.ts';
import { numberText } from '../model/value.ts';

/**
 * Annotations that tell the rule's own number, or one that can only be meant for it, and a group sets another: whoever is
 * paged would read the wrong one.
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
  readonly literals: readonly [LiteralNumber, ...LiteralNumber[]];
  /** Whether it is the rule's own number, and not another that the text has had all along. */
  readonly own: boolean;
}

function inRule(param: string, resolved: ResolvedRule, program: Program): Diagnostic[] {
  const { rule, cascade } = resolved;
  const field = `param:${param}`;
  const own = numberIn(rule.base.get(field));
  if (own === undefined || cascade.speaking.length === 0) return [];
  const told = toldIn(param, own, resolved, program);
  if (told.length === 0) return [];
  const others = cascade.speaking.flatMap((said) => {
    const value = said.number !== undefined && param === 'threshold' ? said.number : numberIn(said.settings.get(field));
    return value === undefined || value === own ? [] : [{ said, value }];
  });
  for (const { said, value } of others) {
    const wrong = told.filter(
      ({ name, literals }) =>
        !isRetold(said, name, resolved) && !literals.some((one) => one.value === value || isRatioOf(one, value)),
    );
    const [first] = wrong;
    if (first) return [describe(resolved, param, { said, value, groups: others.length }, wrong as [Told, ...Told[]])];
  }
  return [];
}

/** The annotations that tell a number which is the param's, and not through a hole. */
function toldIn(param: string, own: number, { rule }: ResolvedRule, { texts }: Program): Told[] {
  const unit = unitOf(rule, param);
  return [...rule.base].flatMap(([field, setting]): Told[] => {
    if (!field.startsWith('annotation:') || typeof setting.value !== 'string' || !/\d/.test(setting.value)) return [];
    const all = literalNumbers(setting.value);
    const same = all.filter((one) => tells(one, own, unit));
    const [first, ...more] = same.length > 0 ? same : meant(all, param, own, unit, rule);
    if (!first) return [];
    if (!rule.group.native && texts.of(rule, field, setting).names.has(param)) return [];
    return [{ name: field.slice('annotation:'.length), setting, literals: [first, ...more], own: same.length > 0 }];
  });
}

/** Of a text without the rule's number: the one limit that it tells, in the rule's unit, where no other number is that. */
function meant(
  all: readonly LiteralNumber[],
  param: string,
  own: number,
  unit: string | undefined,
  rule: Rule,
): readonly LiteralNumber[] {
  if (param !== 'threshold') return [];
  const limits = all.filter((one) => one.compared || one.unit !== undefined);
  const [only] = limits;
  if (limits.length !== 1 || !only || !mayStandFor(only, own, unit)) return [];
  const others = [...rule.expr.value.matchAll(/\d+(?:\.\d+)?/g)].map(([digits]) => Number(digits));
  const params = [...rule.params.keys()].flatMap((name) => numberIn(rule.base.get(`param:${name}`)) ?? []);
  return [...others, ...params].some((other) => only.value === other || isRatioOf(only, other)) ? [] : limits;
}

const guessed = new WeakMap<Rule, { readonly unit?: string }>();

/** The param's unit: written, or of a native rule guessed from its metrics. */
function unitOf(rule: Rule, param: string): string | undefined {
  if (!rule.implicit) return rule.params.get(param)?.unit;
  const guess = memo(guessed, rule, () => {
    const { expr } = parse(rule.expr.value);
    const main = expr && mainComparison(expr);
    const unit = main && guessUnit(constantOf(main.rhs) === undefined ? main.rhs : main.lhs);
    return unit === undefined ? {} : { unit };
  });
  return guess.unit;
}

/** Whether the group, or one that it is in or overlaps with, gives its alerts another text. */
function isRetold(said: Declaration, annotation: string, { cascade }: ResolvedRule): boolean {
  const field = `annotation:${annotation}`;
  if (said.settings.has(field)) return true;
  return cascade.speaking.some(
    (other) =>
      other.settings.has(field) &&
      !other.case &&
      (said.group.ancestors.includes(other.group) || (said.case !== undefined && said.group === other.group)),
  );
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
  const [{ name, setting }] = wrong;
  const own = numberIn(rule.base.get(`param:${param}`)) ?? value;
  const more = groups > 1 ? ` (one of ${groups} that set it)` : '';
  const by = said.case ? `case "${said.case.id}" of "${said.group.id}"` : `"${said.group.id}"`;
  const which = wrong.some((one) => !one.own) ? ` (the rule itself ${numberText(own)})` : '';
  const message = `The ${saying(rule, wrong)}, but ${by}${more} sets ${numberText(value)}${which}: people who are paged there would read the wrong number.`;
  const isRatio = wrong[0].literals.some((one) => asRatio(one, own));
  const hole = `<< ${isRatio ? inPercent(param) : param} >>`;
  const texts = wrong.length > 1 ? `a ${wrong.map((one) => one.name).join(' and a ')}` : `a ${name}`;
  const inGroup = `Give ${by} ${texts} of its own, under ${said.case ? 'the case’s ' : '`overrides`, '}\`annotations\``;
  const help = !rule.group.native
    ? `Write ${hole} in ${wrong.length > 1 ? 'each' : 'the'} text instead of the number.`
    : wrong.every((one) => isLifted(one, param, own))
      ? `${inGroup}, or have \`rulewright adopt --params ${rule.group.file.path}\` write the rule with ${hole} in its text.`
      : `${inGroup}.`;
  const span = said.settings.get(`param:${param}`)?.span ?? said.span;
  return diagnostic('number-in-text', span, message, {
    help,
    notes: [{ message: `the ${name}`, span: setting.span }],
  });
}

/** What the texts have, as they write it: `summary of "X" says 20% and its description 20 percent`. */
function saying({ id }: Rule, wrong: readonly [Told, ...Told[]]): string {
  const quotes = wrong.map(({ setting, literals: [{ from, end }] }) => String(setting.value).slice(from, end));
  const names = wrong.map((one) => one.name);
  if (wrong.length > 1 && new Set(quotes).size === 1) return `${names.join(', ')} of "${id}" say ${quotes[0]}`;
  const more = names.slice(1).map((name, i) => ` and its ${name} ${quotes[i + 1]}`);
  return `${names[0]} of "${id}" says ${quotes[0]}${more.join('')}`;
}

/** Whether `adopt --params` puts a hole into the place of each such number. */
const isLifted = ({ setting, literals, own: is }: Told, param: string, own: number): boolean =>
  is && literals.every(({ from, to }) => holeFor(param, own, String(setting.value).slice(from, to)) !== undefined);

/** Whether a text tells a ratio in percent, whatever the number. */
const asRatio = (literal: LiteralNumber, own: number): boolean =>
  literal.unit === 'percent' && literal.value !== own && Math.abs(own) <= 1;
