import { parseDuration } from '../ground/duration.ts';
import type { Instance } from '../instance/instantiate.ts';
import { bytesText } from '../model/bytes.ts';
import type { Param } from '../model/params.ts';
import type { Setting } from '../model/rule.ts';
import type { Value } from '../model/value.ts';
import { valueText } from '../model/value.ts';
import type { ChangePlace } from './report.ts';

/** What was said of a field on the two sides: by whom, where, and as people write it. */

const settingOf = ({ cell }: Instance, field: string): Setting | undefined =>
  cell.settings.get(field) ??
  (field.startsWith('label:') ? cell.groupLabels.get(field.slice('label:'.length)) : undefined);

/** The group that decides: the head's, where it is one; else the one that did before. */
export function ofGroup(a: Instance, b: Instance, field: string): { group?: string } {
  const group = groupOf(b, field) ?? groupOf(a, field);
  return group === undefined ? {} : { group };
}

function groupOf(instance: Instance, field: string): string | undefined {
  const setting = settingOf(instance, field);
  if (!setting) return undefined;
  if (setting.level.kind === 'group') return setting.level.name;
  if (setting.level.kind !== 'case') return undefined;
  return instance.cell.declarations.findLast((d) => d.case)?.group.id;
}

/** The line that says it now; where nobody does any more, the one that did. */
export function placeOf(a: Instance, b: Instance, field: string): { place?: ChangePlace } {
  const now = settingOf(b, field);
  if (now) return { place: { side: 'head', span: now.span } };
  const before = settingOf(a, field);
  return before ? { place: { side: 'base', span: before.span } } : {};
}

export function sameTime(a: string | undefined, b: string | undefined): boolean {
  return a === b || milliseconds(a) === milliseconds(b);
}

/** Text that is no duration is compared as it is. */
function milliseconds(text: string | undefined): number | string {
  if (text === undefined) return 0;
  const parsed = parseDuration(text);
  return parsed.problem === undefined ? parsed.ms : text;
}

/** The key, where there is a text. */
export function oldText<K extends 'old' | 'new'>(key: K, text: string | undefined): { [P in K]?: string } {
  return (text === undefined ? {} : { [key]: text }) as { [P in K]?: string };
}

export function paramText(value: Value, param: Param | undefined): string {
  return value.type === 'number' && param?.unit === 'bytes' ? bytesText(value.value) : valueText(value);
}
