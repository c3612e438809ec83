import type { Affected } from './report.ts';

/** Words that the messages of changes share. */

export const count = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;

/** "12 targets", or "regions without a target yet". `inventory`: whether there is one, by which it could be said. */
export function whom({ targets, regions }: Affected, inventory: boolean): string {
  if (targets.length > 0) return count(targets.length, 'target');
  const [region] = regions;
  if (inventory) return regions.length === 1 ? `the region ${region}, in which no target is` : NO_TARGET;
  if (regions.length > 1) return `the targets of ${regions.length} regions`;
  return region === '{}' || region === undefined ? 'all targets' : `the targets of ${region}`;
}

const NO_TARGET = 'regions in which no target is';

/** A few names, and how many more there are. */
export function few(names: readonly string[], most = 3): string {
  const more = names.length > most ? ` and ${names.length - most} more` : '';
  return `${names.slice(0, most).join(', ')}${more}`;
}

/** A field as people call it: `param:window` is "window", `label:severity` is "severity". */
export function fieldName(field: string): string {
  if (field.startsWith('param:')) return field.slice('param:'.length);
  if (field === 'label:severity') return 'severity';
  if (field.startsWith('label:')) return `label ${field.slice('label:'.length)}`;
  if (field.startsWith('annotation:')) return `annotation ${field.slice('annotation:'.length)}`;
  return field;
}

/** `90 → 95`; what there is none of is said so. */
export function arrow(old: string | undefined, now: string | undefined, field = ''): string {
  const none = field.startsWith('annotation:') || field.startsWith('label:') ? 'none' : 'not set';
  return `${old ?? none} → ${now ?? none}`;
}
