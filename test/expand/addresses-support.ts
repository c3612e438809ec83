import { type Compiled, compile } from '../../src/core/compile.ts';
import { TODAY } from '../support/compile.ts';

export const compiled = (rules: Readonly<Record<string, string>>, group = ''): Compiled =>
  compile(
    {
      rules: Object.entries(rules).map(([path, text]) => ({ path, text })),
      groups: group === '' ? [] : [{ path: 'groups/default.yaml', text: group }],
      templates: [],
      macros: [],
      inventory: [],
      problems: [],
    },
    { today: TODAY },
  );

export interface NativeRule {
  readonly alert: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly for?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export const native = (...rules: readonly NativeRule[]): string => JSON.stringify({ groups: [{ name: 'g', rules }] });

/** A rule of the one name that all have here. */
export const HL = (expr: string, labels?: Readonly<Record<string, string>>): NativeRule => ({
  alert: 'HL',
  expr,
  ...(labels && { labels }),
});
