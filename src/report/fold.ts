import type { Severity } from '../core/ground/codes.ts';
import type { Diagnostic } from '../core/ground/diagnostic.ts';
import { positionAt } from '../core/ground/source.ts';
import { visible } from './visible.ts';

/** A diagnostic that is shown, and those that it stands for. */
export interface Folded {
  readonly shown: Diagnostic;
  /** Of the same kind in the same file; told by their lines alone. */
  readonly more: readonly Diagnostic[];
}

/** How many of one kind in one file are shown whole where there are more than `from`. Errors must all be mended, so more are. */
const FOLDS: Readonly<Record<Severity, { readonly from: number; readonly shown: number }>> = {
  error: { from: 10, shown: 5 },
  warning: { from: 2, shown: 1 },
  note: { from: 2, shown: 1 },
};

/** Diagnostics in their order, those that repeat one another folded: equal in code, file and what there is to do. */
export function fold(diagnostics: readonly Diagnostic[]): Folded[] {
  const kinds = new Map<string, Diagnostic[]>();
  for (const d of diagnostics) {
    const kind = kindOf(d);
    const same = kinds.get(kind);
    if (same) same.push(d);
    else kinds.set(kind, [d]);
  }
  return diagnostics.flatMap((d): Folded[] => {
    const same = kinds.get(kindOf(d)) as Diagnostic[];
    const { from, shown } = FOLDS[d.severity];
    if (same.length <= from) return [{ shown: d, more: [] }];
    const at = same.indexOf(d);
    if (at >= shown) return [];
    return [{ shown: d, more: at === shown - 1 ? same.slice(shown) : [] }];
  });
}

const kindOf = ({ severity, code, span, help = '' }: Diagnostic): string =>
  JSON.stringify([severity, code, span.file.path, help]);

const MOST_LINES = 12;

/** "… and 41 more like it in rules/k.yml, lines 12, 20, …, which --format json lists". */
export function foldedText(more: readonly Diagnostic[]): string {
  const [first] = more;
  if (!first) return '';
  const { file } = first.span;
  const lines = file.text === '' ? [] : [...new Set(more.map(({ span }) => positionAt(span.file, span.start).line))];
  const list = lines.slice(0, MOST_LINES).join(', ') + (lines.length > MOST_LINES ? ', …' : '');
  const where = lines.length === 0 ? '' : `, ${lines.length === 1 ? 'line' : 'lines'} ${list}`;
  return `… and ${more.length} more like it in ${visible(file.path)}${where}; --format json lists them`;
}
