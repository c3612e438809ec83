import { realpath } from 'node:fs/promises';
import type { Diagnostic } from '../../core/ground/diagnostic.ts';
import { diagnostic } from '../../core/ground/diagnostic.ts';
import type { SourceFile } from '../../core/ground/source.ts';
import type { Sources } from '../../core/ground/sources.ts';
import type { Config } from '../../core/model/config.ts';
import { parseConfig } from '../../core/parse/config.ts';
import { type Disk, THIS_DISK } from '../disk.ts';
import { mapLimited } from '../parallel.ts';
import { findInventory } from './inventory.ts';
import { isDiagnostic, readSource } from './read.ts';
import { type Found, follow, walk } from './walk.ts';

const CONFIG_FILE = 'rulewright.yaml';
const SOURCE_BYTES = 4 * 1024 * 1024;
/** An inventory lists every target with its labels: a hundred thousand take some tens of megabytes. */
const INVENTORY_BYTES = 64 * 1024 * 1024;
const READ_AT_ONCE = 32;

const YAML = /\.ya?ml$/;
const TEMPLATE = /\.(ya?ml|njk)$/;

/** The sources, and the settings that had to be read to find them (environment included). */
export interface Loaded extends Sources {
  readonly settings: Config;
}

/**
 * Reads every source of a repository. What can't be read is in `problems`; only a `root` that is not
 * there throws (look first). Files are sorted by path. `env` may override the settings.
 */
export async function loadSources(
  root: string,
  env: Readonly<Record<string, string | undefined>> = {},
  disk: Disk = THIS_DISK,
): Promise<Loaded> {
  const realRoot = await disk.realpath(root);
  const problems: Diagnostic[] = [];
  const read = async (files: readonly Found[], limit: number): Promise<SourceFile[]> => {
    const results = await mapLimited(files, READ_AT_ONCE, (file) => disk.read(file.path, file.absolute, limit));
    return results.filter((result) => {
      if (!isDiagnostic(result)) return true;
      problems.push(result);
      return false;
    }) as SourceFile[];
  };

  const config = await readConfig(realRoot, problems, read, disk);
  const settings = parseConfig(config, env).config;

  const walks = await Promise.all([
    walk(realRoot, 'rules', (path) => YAML.test(path), disk),
    walk(realRoot, 'groups', (path) => YAML.test(path), disk),
    walk(realRoot, 'templates', (path) => TEMPLATE.test(path), disk),
    findInventory(realRoot, settings.inventory, disk),
  ]);
  const [rules, groups, templates, inventory] = walks;
  const inventoryPaths = new Set(inventory.found.map((entry) => entry.path));
  const isGroup = (path: string): boolean => !path.startsWith('groups/targets/') && !inventoryPaths.has(path);
  for (const one of walks) problems.push(...one.problems);
  const groupFiles = groups.found.filter((file) => isGroup(file.path));
  problems.push(...caseClashes([...rules.found, ...groupFiles, ...templates.found]));

  const [ruleTexts, groupTexts, templateTexts, inventoryTexts] = await Promise.all([
    read(byPath(rules.found), SOURCE_BYTES),
    read(byPath(groupFiles), SOURCE_BYTES),
    read(byPath(templates.found), SOURCE_BYTES),
    read(byPath(distinct(inventory.found)), INVENTORY_BYTES),
  ]);
  const textOf = new Map(inventoryTexts.map((file) => [file.path, file]));
  return {
    ...(config ? { config } : {}),
    settings,
    rules: ruleTexts,
    groups: groupTexts,
    templates: templateTexts.filter((file) => YAML.test(file.path)),
    macros: templateTexts.filter((file) => !YAML.test(file.path)),
    inventory: byPath(inventory.found).flatMap(({ path, labels }) => {
      const file = textOf.get(path);
      return file ? [{ file, labels }] : [];
    }),
    problems: dedupe(problems),
  };
}

/** The settings of a repository alone (environment included), and what is wrong with them. `root` must be there. */
export async function loadSettings(
  root: string,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<{ readonly settings: Config; readonly diagnostics: readonly Diagnostic[] }> {
  const problems: Diagnostic[] = [];
  const config = await readConfig(await realpath(root), problems, async (files, limit) => {
    const results = await Promise.all(files.map((file) => readSource(file.path, file.absolute, limit)));
    return results.flatMap((result) => {
      if (!isDiagnostic(result)) return [result];
      problems.push(result);
      return [];
    });
  });
  const { config: settings, diagnostics } = parseConfig(config, env);
  return { settings, diagnostics: [...problems, ...diagnostics] };
}

async function readConfig(
  root: string,
  problems: Diagnostic[],
  read: (files: readonly Found[], limit: number) => Promise<SourceFile[]>,
  disk: Disk = THIS_DISK,
): Promise<SourceFile | undefined> {
  const place = await follow(root, CONFIG_FILE, problems, false, disk);
  if (!place) return undefined;
  return (await read([{ path: CONFIG_FILE, absolute: place.absolute }], SOURCE_BYTES))[0];
}

/** Two sources whose paths differ only in case are one file on half of the machines that check them out. */
function caseClashes(files: readonly Found[]): Diagnostic[] {
  const seen = new Map<string, string>();
  const problems: Diagnostic[] = [];
  for (const { path } of byPath(files)) {
    const before = seen.get(path.toLowerCase());
    if (before === undefined) {
      seen.set(path.toLowerCase(), path);
      continue;
    }
    const message = `${path} and ${before} differ only in upper and lower case: on macOS and Windows, one overwrites the other.`;
    problems.push(
      diagnostic('path-clash', { file: { path, text: '' }, start: 0, end: 0 }, message, {
        help: 'Rename one of them.',
        notes: [{ message: 'the other', span: { file: { path: before, text: '' }, start: 0, end: 0 } }],
      }),
    );
  }
  return problems;
}

function byPath<T extends { readonly path: string }>(files: readonly T[]): T[] {
  return [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function distinct<T extends { readonly path: string }>(files: readonly T[]): T[] {
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

/** The inventory lies below `groups/`, so one bad link there is met twice. */
function dedupe(problems: readonly Diagnostic[]): Diagnostic[] {
  return [...new Map(problems.map((d) => [`${d.code} ${d.span.file.path} ${d.message}`, d])).values()];
}
