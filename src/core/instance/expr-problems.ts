import type { Expr, PromqlProblem, Range } from '../../promql/ast.ts';
import { unwrap } from '../../promql/kept.ts';
import { regexProblem } from '../../promql/regex.ts';
import { childrenOf } from '../../promql/walk.ts';
import type { Code } from '../ground/codes.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { subSpan } from '../ground/scalar-map.ts';
import type { Located } from '../ground/source.ts';
import type { ParamType } from '../model/value.ts';
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

/** A value in an expression, as a stand-in while nobody knows which. */
export interface StandIn {
  readonly segment: Segment;
  readonly type: ParamType;
}

const A_VALUE: Readonly<Record<ParamType, string>> = {
  number: 'a number',
  duration: 'a duration',
  string: 'a text',
  regex: 'a regex',
  list: 'a list',
  boolean: 'a boolean',
  enum: 'a word',
};

/** A syntax problem at a stand-in speaks of the `<< >>` that was written, not of what stood in for it. */
export function standInProblem(
  text: Located<string>,
  whole: string,
  standIns: readonly StandIn[],
  problem: PromqlProblem,
): PromqlProblem {
  const { from, to } = problem;
  for (const { segment, type } of standIns) {
    const before = /[\w.:]*$/.exec(whole.slice(0, segment.from))?.[0] ?? '';
    const behind = /^[\w.:]*/.exec(whole.slice(segment.to))?.[0] ?? '';
    // A problem that reaches farther is about more than this value.
    if (from >= segment.to || to <= segment.from || from < segment.from - before.length) continue;
    if (to > segment.to + behind.length) continue;
    const hole = text.value.slice(segment.source.from, segment.source.to).replace(/\s+/g, ' ');
    if (before + behind !== '') {
      return {
        ...problem,
        message: `\`${before}${hole}${behind}\` is neither a name nor a value: \`${hole}\` is ${A_VALUE[type]}, and cannot be a part of a word.`,
        help: 'Put an operator or a space between them, or let a param of type enum or string be the whole name.',
      };
    }
    const expected = /: (.+) should\.$/.exec(problem.message)?.[1];
    return {
      ...problem,
      message: `\`${hole}\` (${A_VALUE[type]}) cannot stand here${expected ? `: ${expected} should` : ''}.`,
      ...(expected?.includes('an operator') && { help: 'Is an operator missing before it, such as `>` or `<`?' }),
    };
  }
  return problem;
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

/** Regexes of `label_replace` that are no RE2: servers look at them only when they evaluate the rule. */
export function replaceProblems(expr: Expr): PromqlProblem[] {
  const inside = childrenOf(expr).flatMap(replaceProblems);
  const pattern = expr.kind === 'call' && expr.func === 'label_replace' ? expr.args[4] : undefined;
  // Servers compile it within an anchored group, where `a)(b` is whole.
  const wrong =
    pattern?.kind === 'string' && regexProblem(`^(?:${pattern.value})$`) !== undefined
      ? regexProblem(pattern.value)
      : undefined;
  if (!pattern || wrong === undefined) return inside;
  const message = `This is not a regular expression of RE2: ${wrong}. Servers load such a rule, and every evaluation of it fails.`;
  return [
    ...inside,
    {
      kind: 'type',
      message,
      from: pattern.from,
      to: pattern.to,
      help: 'Mend the pattern; a literal `(` is written `\\\\(`.',
    },
  ];
}

/** What servers can work out with samples around a range. */
const EXTENDED: Readonly<Record<'anchored' | 'smoothed', readonly string[]>> = {
  anchored: ['rate', 'increase', 'delta', 'resets', 'changes'],
  smoothed: ['rate', 'increase', 'delta'],
};

/** Ranges that are `anchored` or `smoothed` for a function that can't work with them: servers find it when they evaluate. */
export function extendedProblems(expr: Expr): PromqlProblem[] {
  const inside = childrenOf(expr).flatMap(extendedProblems);
  if (expr.kind !== 'call') return inside;
  const own = expr.args.flatMap((arg): PromqlProblem[] => {
    const range = unwrap(arg);
    const word = range?.kind === 'matrix' ? range.vector.modifiers.extended : undefined;
    if (!range || !word || EXTENDED[word].includes(expr.func)) return [];
    const message = `\`${expr.func}\` cannot work with a range that is \`${word}\`. Servers load such a rule, and every evaluation of it fails.`;
    const help = `Leave \`${word}\` out; it goes with ${EXTENDED[word].map((name) => `\`${name}\``).join(', ')}.`;
    return [{ kind: 'type', message, from: range.from, to: range.to, help }];
  });
  return [...inside, ...own];
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
