import type { Expr, PromqlProblem } from './ast.ts';
import type { ValueType } from './functions.ts';
import { parseWithFeatures } from './parse.ts';
import { typecheck } from './typecheck.ts';
import type { VersionRange } from './version.ts';
import { versionProblems } from './versions.ts';

export interface Checked {
  /** The tree, where the syntax is right; it may still have the wrong types. */
  readonly expr?: Expr;
  /** What the expression evaluates to, where that is known. Rules need a vector or a number. */
  readonly type?: ValueType;
  /** Sorted by place. Where there is one, some server of the range refuses the expression. */
  readonly problems: readonly PromqlProblem[];
}

/** Checks an expression as the servers of a range do when they load it: syntax, types, names, versions. */
export function check(text: string, servers: VersionRange): Checked {
  const { expr, problems, features } = parseWithFeatures(text);
  if (!expr) return { problems };
  const types = typecheck(expr);
  const versions = versionProblems(expr, features, servers);
  const all = [...types.problems, ...versions].sort((a, b) => a.from - b.from || a.to - b.to);
  return types.type === undefined ? { expr, problems: all } : { expr, type: types.type, problems: all };
}
