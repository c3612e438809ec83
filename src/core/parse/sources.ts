import type { Code } from '../ground/codes.ts';
import { memo } from '../ground/memo.ts';
import type { SourceFile } from '../ground/source.ts';
import type { Sources } from '../ground/sources.ts';
import { allHave, versionRange } from '../ground/versions.ts';
import type { Inventory, Target } from '../model/inventory.ts';
import { hostOf, targetId, withInstance } from '../model/target.ts';
import type { WrittenSources } from '../model/written.ts';
import { parseConfig } from './config.ts';
import { parseGroupFile } from './groups.ts';
import type { WrittenTarget } from './inventory.ts';
import { parseInventory } from './inventory.ts';
import { parseRuleFile } from './rules.ts';
import { parseTemplateFile } from './templates.ts';

export function parseSources(sources: Sources, env: Readonly<Record<string, string | undefined>> = {}): WrittenSources {
  const { config, diagnostics: inConfig } = parseConfig(sources.config, env);
  const utf8Names = allHave(versionRange(config.prometheus.version.value), [3, 0]);
  const options = { utf8Names };
  const names = String(utf8Names);
  const rules = sources.rules.map((file) => once(RULES, file, names, () => parseRuleFile(file, options)));
  const groups = sources.groups.map((file) => once(GROUPS, file, names, () => parseGroupFile(file, options)));
  const templates = sources.templates.map((file) =>
    once(TEMPLATES, file, names, () => parseTemplateFile(file, options)),
  );
  const targets = sources.inventory.map((entry) =>
    once(TARGETS, entry.file, names + JSON.stringify(entry.labels), () => parseInventory(entry, options)),
  );
  const diagnostics = [
    ...sources.problems,
    ...inConfig,
    ...[...rules, ...groups, ...templates, ...targets].flatMap((parsed) => parsed.diagnostics),
  ];
  return {
    config,
    rules: rules.flatMap((r) => r.written ?? []),
    native: rules.flatMap((r) => r.native ?? []),
    groups: groups.flatMap((g) => g.groups),
    templates: templates.flatMap((t) => t.template ?? []),
    macros: sources.macros.map((file) => ({ name: file.path.replace(/^templates\//, ''), file })),
    inventory: sameInventory(targets),
    unread: new Set(diagnostics.filter((d) => UNREAD.has(d.code)).map((d) => d.span.file.path.split('/')[0] ?? '')),
    files: [
      ...(sources.config ? [sources.config] : []),
      ...sources.rules,
      ...sources.groups,
      ...sources.templates,
      ...sources.macros,
      ...sources.inventory.map((i) => i.file),
    ],
    diagnostics,
  };
}

/**
 * What files were read as. A file never changes, so that one which stands in two states of a repository
 * (`diff`) is read once for both.
 */
type Memo<T> = WeakMap<SourceFile, Map<string, T>>;
const RULES: Memo<ReturnType<typeof parseRuleFile>> = new WeakMap();
const GROUPS: Memo<ReturnType<typeof parseGroupFile>> = new WeakMap();
const TEMPLATES: Memo<ReturnType<typeof parseTemplateFile>> = new WeakMap();
const TARGETS: Memo<ReturnType<typeof parseInventory>> = new WeakMap();

function once<T extends NonNullable<unknown>>(known: Memo<T>, file: SourceFile, options: string, read: () => T): T {
  return memo(
    memo(known, file, () => new Map()),
    options,
    read,
  );
}

/** After these, what stands further down in a file may not have been seen. */
const UNREAD: ReadonlySet<Code> = new Set([
  'unreadable-file',
  'file-too-large',
  'control-character',
  'yaml-syntax',
  'yaml-duplicate-key',
  'yaml-too-deep',
  'yaml-alias',
  'yaml-many-documents',
  'not-our-format',
]);

type ParsedInventory = ReturnType<typeof parseInventory>;
const INVENTORIES = new WeakMap<ParsedInventory, { of: readonly ParsedInventory[]; inventory: Inventory }>();

/** The inventory of some files, put together once for the same files. */
function sameInventory(files: readonly ParsedInventory[]): Inventory {
  const first = files[0];
  const known = first && INVENTORIES.get(first);
  if (known && known.of.length === files.length && known.of.every((file, i) => file === files[i]))
    return known.inventory;
  const inventory = inventoryOf(files.flatMap((file) => file.targets));
  if (first) INVENTORIES.set(first, { of: files, inventory });
  return inventory;
}

/** The targets by what they are known by; one that several entries list is one target. */
function inventoryOf(written: readonly WrittenTarget[]): Inventory {
  const targets = new Map<string, Target>();
  for (const one of written) {
    const { span } = one;
    const labels = withInstance(one);
    const instance = labels.get('instance') as string;
    const id = targetId(labels);
    const key = JSON.stringify([...labels].sort());
    if (!targets.has(key)) targets.set(key, { id, hostname: hostOf(instance), labels, span });
  }
  const all = [...targets.values()];
  return { targets: all, known: new Set(all.flatMap((t) => [...t.labels.keys()])) };
}
