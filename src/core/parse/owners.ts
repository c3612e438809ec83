import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { Handles } from '../model/handles.ts';
import { isHandle } from '../model/handles.ts';
import type { MapNode, YamlNode } from './nodes.ts';
import { child, shorten } from './nodes.ts';

/** `owners:` of the settings: what GitHub calls the owners that rules and groups name. */
export function readOwners(map: MapNode, out: Diagnostic[]): Handles {
  const node = child(map, 'owners');
  if (node?.kind !== 'map') return new Map();
  const handles = [...node.entries.values()].map(({ key, value }) => {
    const items: readonly YamlNode[] = value.kind === 'list' ? value.items : [value];
    return [key, items.flatMap((item) => readHandle(item, out))] as const;
  });
  return new Map(handles);
}

function readHandle(node: YamlNode, out: Diagnostic[]): string[] {
  if (node.kind !== 'scalar' || node.value === null) return [];
  if (isHandle(node.text)) return [node.text];
  const message = `\`${shorten(node.text)}\` is no owner that a CODEOWNERS file can name.`;
  const help = 'Write `@user`, `@organisation/team` or an e-mail address, in quotes: `@` begins nothing in YAML.';
  out.push(diagnostic('invalid-value', node.span, message, { help }));
  return [];
}
