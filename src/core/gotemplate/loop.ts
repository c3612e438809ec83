import { compareVersions } from '../../promql/version.ts';
import type { Run } from './frame.ts';
import type { Pipeline, Statement } from './tree.ts';
import type { Trouble } from './trouble.ts';
import { trouble } from './trouble.ts';
import type { Alternative, Alternatives } from './values.ts';
import { alternatives, any, describeType, LABEL, UNKNOWN } from './values.ts';

/** What `range` goes over. */

export interface Loop {
  readonly index: Alternatives;
  readonly element: Alternatives;
  readonly mayRun: boolean;
  readonly mayNot: boolean;
}

/** Whether a statement gives a variable another value. */
export function assigns(statement: Statement): boolean {
  switch (statement.kind) {
    case 'action':
      return statement.pipeline.assigns;
    case 'if':
    case 'with':
    case 'range':
      return statement.pipeline.assigns || statement.body.some(assigns) || statement.otherwise.some(assigns);
    default:
      return false;
  }
}

/** The first server that was built by a Go whose templates count: `range 5`. */
const COUNTS_SINCE = [3, 3] as const;

export function loopOf({ type, value, exact }: Alternative, { variables }: Pipeline, run: Run): Loop | Trouble {
  const some = { index: any('int'), mayRun: true, mayNot: true };
  switch (type) {
    case 'vector':
      return { ...some, element: any('sample'), mayRun: value !== 0, mayNot: value === 0 };
    case 'labels':
      return { ...some, index: any('string'), element: LABEL };
    case 'args': {
      const entries = [...(value as ReadonlyMap<string, Alternative>).values()];
      const index = any('string');
      return { index, element: alternatives(entries), mayRun: entries.length > 0, mayNot: entries.length === 0 };
    }
    case 'int': {
      if (compareVersions(run.versions.min, COUNTS_SINCE) < 0)
        return trouble('`range` over a number is not known to servers before Prometheus 3.3.');
      if (variables.length > 1) return trouble('`range` over a number has no second variable.');
      return {
        ...some,
        index: UNKNOWN,
        element: any('int'),
        mayRun: !exact || (value as number) > 0,
        mayNot: !exact || (value as number) <= 0,
      };
    }
    case 'nil':
      return { ...some, element: UNKNOWN, mayRun: false };
    case 'unknown':
      return { ...some, index: UNKNOWN, element: UNKNOWN };
    default:
      return trouble(`\`range\` cannot go over ${describeType(type)}.`);
  }
}
