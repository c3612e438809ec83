import { visible, visibleWidth } from './visible.ts';

/** A table for a terminal: columns as wide as their widest cell, those in `right` set to the right. Ends with a line break. */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number> = new Set(),
): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => all.reduce((most, row) => Math.max(most, visibleWidth(row[column] ?? '')), 0));
  const lines = all.map((row) =>
    row
      .map((cell, column) => {
        const space = ' '.repeat((widths[column] as number) - visibleWidth(cell));
        return right.has(column) ? space + visible(cell) : visible(cell) + space;
      })
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}
