import type { PromqlProblem, Range } from '../promql/ast.ts';
import type { Code } from './codes.ts';
import type { Diagnostic } from './diagnostic.ts';
import { diagnostic } from './diagnostic.ts';
import { subSpan } from './scalar-map.ts';
import type { Located } from './source.ts';
import type { Segment } from './specialise.ts';
import { sourceSpan } from './specialise.ts';

/** What is wrong with an expression, placed where it was written. */

const PROBLEM_CODE: Readonly<Record<PromqlProblem['kind'], Code>> = {
  syntax: 'promql-syntax',
  type: 'promql-type',
  version: 'version-gate',
};

/** A problem of an expression, placed where it was written; `{{` there gets the advice that it needs. */
export function promqlDiagnostic(
  text: Located<string>,
  whole: string,
  segments: readonly Segment[],
  problem: PromqlProblem,
): Diagnostic {
  const braces = goBraces(text, whole, segments, problem);
  if (braces) return braces;
  const span = sourceSpan(text, segments, problem.from, problem.to);
  const code = /regular expression/i.test(problem.message) ? 'invalid-regex' : PROBLEM_CODE[problem.kind];
  return diagnostic(code, span, problem.message, { help: problem.help });
}

/** `{{ threshold }}` where PromQL reads a second `{`: what was meant is told by what stands inside. */
function goBraces(
  text: Located<string>,
  whole: string,
  segments: readonly Segment[],
  { from }: Range,
): Diagnostic | undefined {
  const [found, inside] = /^\{\{-?\s*([^{}]*?)\s*-?\}\}/.exec(whole.slice(from - 1)) ?? [];
  if (found === undefined || inside === undefined) return undefined;
  return diagnostic(
    'go-template-in-expr',
    sourceSpan(text, segments, from - 1, from - 1 + found.length),
    goBracesMessage(found),
    { help: goBracesHelp(inside) },
  );
}

/** What is wrong with `{{ … }}` in an expression. */
export const goBracesMessage = (found: string): string =>
  `\`${found}\` stands in an expression, and Prometheus fills in {{ }} only in labels and annotations, when the alert fires.`;

/** How to mend it, by what stands inside of the braces. */
export function goBracesHelp(inside: string): string {
  if (inside.startsWith('.Values'))
    return 'This looks like a Helm template: render it first (`helm template`), or write the number out.';
  if (inside.startsWith('$'))
    return `${inside} is not known before the alert fires; an expression is made of metrics, numbers and params: \`<< threshold >>\`.`;
  const name = /^\.?(\w+)$/.exec(inside)?.[1];
  return name === undefined ? 'A param of the rule is written `<< name >>`.' : `For the param write \`<< ${name} >>\`.`;
}

/** Prometheus loads such a rule, and then fails at each evaluation of it. */
export function noResult(text: Located<string>, type: 'matrix' | 'string'): Diagnostic {
  const what = type === 'matrix' ? 'range vector: many samples of each series' : 'text';
  return diagnostic(
    'promql-type',
    subSpan(text, 0, text.value.trimEnd().length),
    `The result of this expression is a ${what}. A rule needs one number for each series, so every evaluation of it would fail.`,
    {
      help:
        type === 'matrix'
          ? 'Make one number of the samples, for instance with `avg_over_time(…)`, `max_over_time(…)` or `rate(…)`.'
          : 'Write an expression over metrics, such as `up == 0`.',
    },
  );
}
