import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { Span } from '../ground/source.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';
import { isList } from '../model/params.ts';
import { valueText } from '../model/value.ts';

const FIELD = 'param:threshold';

/** A threshold of "*" is one number for rules that measure different things: 90 percent, 90 seconds, 90 errors. */
export function checkEveryThreshold({ tree, rules }: Program): Diagnostic[] {
  const said = tree.groups.flatMap((group) => {
    const { thresholds, overrides = [] } = group.written ?? {};
    return [...(thresholds?.names('*') ? thresholds : []), ...overrides].flatMap((override) => {
      const raw = override.rule.value === '*' ? override.params.get('threshold') : undefined;
      const unset = raw && !isList(raw.value) && raw.value.value === null;
      return raw && !unset ? [{ group, raw }] : [];
    });
  });
  if (said.length === 0) return [];
  return said.flatMap(({ group, raw }) => {
    const reached = rules.filter((r) => takes(r, raw.span));
    const names = [...new Set(reached.map(({ rule }) => rule.tier?.of ?? rule.id))].sort();
    const units = new Set(reached.map(({ rule }) => rule.params.get('threshold')?.unit));
    if (names.length < 2 || (units.size === 1 && !units.has(undefined))) return [];
    const value = reached[0]?.instances
      .map((i) => i.cell.settings.get(FIELD))
      .find((s) => isAt(s?.span, raw.span))?.value;
    const number = value && typeof value === 'object' ? valueText(value) : 'one value';
    return [
      diagnostic(
        'every-threshold',
        raw.keySpan,
        `"${group.id}" sets the threshold of ${names.length} rules to ${number} through "*", and ${kinds(units)}: ${list(names)}.`,
        {
          help: 'set the threshold of each rule by its name; `"*"` is for what rules share, such as annotations or `for`',
        },
      ),
    ];
  });
}

/** Whether some instance of a rule has its threshold from a place in the sources. */
const takes = ({ instances }: ResolvedRule, span: Span): boolean =>
  instances.some(({ cell }) => isAt(cell.settings.get(FIELD)?.span, span));

const isAt = (a: Span | undefined, b: Span): boolean => a?.file === b.file && a.start === b.start;

function kinds(units: ReadonlySet<string | undefined>): string {
  const known = [...units].filter((unit) => unit !== undefined).sort();
  if (known.length === 0) return 'no unit says that they measure the same';
  return `they do not measure the same (${[...known, ...(units.has(undefined) ? ['no unit'] : [])].join(', ')})`;
}

const list = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
