import type { Expr, MatrixSelector } from '../../promql/ast.ts';
import { childrenOf } from '../../promql/walk.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { parseDuration } from '../ground/duration.ts';
import type { Instance } from '../instance/instantiate.ts';
import type { Program } from '../instance/program.ts';

/** Functions that need two samples in their window. */
const OF_TWO: ReadonlySet<string> = new Set([
  'rate',
  'irate',
  'increase',
  'delta',
  'idelta',
  'deriv',
  'predict_linear',
]);

/**
 * Windows that can't hold two samples, should targets be scraped as seldom as the rule group is evaluated: nobody says
 * here how often they are scraped, and the interval of the rule group is as near as its author came to it.
 */
export function checkWindows({ rules }: Program): Diagnostic[] {
  return rules.flatMap(({ rule, samples }) => {
    const interval = milliseconds(rule.group.interval);
    if (interval === undefined) return [];
    const short = samples
      .flatMap((instance) => windowsIn(instance.shape.expr, instance))
      .find(({ ms }) => ms < 2 * interval);
    if (!short) return [];
    return [
      diagnostic(
        'short-window',
        rule.expr.span,
        `\`${short.func}\` needs two samples in its window of ${short.ms / 1000} s; were the targets scraped as seldom as this rule group is evaluated (${rule.group.interval}), there would be one, and no result.`,
        {
          help: 'make the window at least twice as long as the scrape interval, four times is the custom; or leave it, where targets are scraped more often',
        },
      ),
    ];
  });
}

function milliseconds(text: string | undefined): number | undefined {
  const parsed = text === undefined ? undefined : parseDuration(text);
  return parsed?.problem === undefined ? parsed?.ms : undefined;
}

function windowsIn(expr: Expr, instance: Instance): { func: string; ms: number }[] {
  const own = expr.kind === 'call' && OF_TWO.has(expr.func) ? expr.args : [];
  return [
    ...own.flatMap((arg) => {
      const ms = arg.kind === 'matrix' ? windowOf(arg, instance) : undefined;
      return ms === undefined || expr.kind !== 'call' ? [] : [{ func: expr.func, ms }];
    }),
    ...childrenOf(expr).flatMap((child) => windowsIn(child, instance)),
  ];
}

/** The length of a window in milliseconds, a param's where one stands there; undefined where it is an expression. */
function windowOf({ range, rangeMs }: MatrixSelector, { shape, holes }: Instance): number | undefined {
  const hole = shape.holes.findIndex(({ from, to }) => from >= range.from && to <= range.to);
  return hole < 0 ? rangeMs : milliseconds(holes[hole]);
}
