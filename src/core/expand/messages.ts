import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { Located, Span } from '../ground/source.ts';
import { suggest } from '../ground/suggest.ts';
import type { Rule } from '../model/rule.ts';

/** What there is to say while rules are expanded. */

export const twoFiles = (name: Located<string>, other: Span): Diagnostic =>
  diagnostic(
    'duplicate-id',
    name.span,
    `Two files in rules/ have the name "${name.value}"; their rule groups would have one name in one file, which Prometheus refuses.`,
    { help: 'give one of them another `name`', notes: [{ message: 'the other one', span: other }] },
  );

export const twoRules = ({ id, name }: Rule, other: Span): Diagnostic =>
  diagnostic('duplicate-id', name.span, `Two rules have the id "${id}"; a group could not say which one it means.`, {
    help: `give one of them an \`id\` of its own, such as "${id}-2"; its name may stay`,
    notes: [{ message: 'the other one', span: other }],
  });

export const lacks = (what: string, span: Span): Diagnostic =>
  diagnostic('missing-key', span, `This rule lacks ${what}; its template has none either.`, {
    help: 'Write it here, or in the template.',
  });

export const bothKinds = (span: Span, alert: Span, record: Span): Diagnostic =>
  diagnostic(
    'invalid-value',
    span,
    'A rule is either an alert or a recording rule; with its template this one is both.',
    {
      notes: [
        { message: 'alert', span: alert },
        { message: 'record', span: record },
      ],
    },
  );

export const recordWithTiers = (span: Span): Diagnostic =>
  diagnostic('invalid-value', span, 'A recording rule has no severities, so it has no `tiers`.');

export function unknownTemplate({ value: name, span }: Located<string>, templates: readonly string[]): Diagnostic {
  const close = suggest(name, templates);
  const all = [...templates].sort().join(', ') || 'none; a template is a file templates/<name>.yaml';
  return diagnostic('unknown-template', span, `There is no template "${name}".`, {
    help: close ? `did you mean "${close}"?` : `the templates are: ${all}`,
  });
}

/** @param trail names of templates, the first of which comes again as the last. */
export const circular = (span: Span, trail: readonly string[]): Diagnostic =>
  diagnostic('cycle', span, `Templates lead back to themselves: ${trail.join(' → ')}.`, {
    help: 'let one of them stand without `template`',
  });

export const notOfRecords = (rule: string, key: string, span: Span): Diagnostic =>
  diagnostic('invalid-value', span, `"${rule}" is a recording rule; Prometheus refuses \`${key}\` there.`, {
    help: 'remove it',
  });
