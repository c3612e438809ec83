import { isAbsolute, relative, sep } from 'node:path';
import type { Diagnostic } from '../../core/ground/diagnostic.ts';
import { diagnostic } from '../../core/ground/diagnostic.ts';
import type { InventorySource } from '../../core/model/config.ts';
import { type Disk, THIS_DISK } from '../disk.ts';
import { errno, errnoText } from '../problem.ts';
import { unreadable } from './read.ts';
import { directoryNamedLikeFile, type Found, follow, isInside } from './walk.ts';

/** An inventory file and the labels that its entry in the settings adds. */
export interface FoundInventory extends Found {
  readonly labels: Readonly<Record<string, string>>;
}

/** `..` as a step of the path, also inside of braces and brackets. */
const STEP_UP = /(^|[^\w.-])\.\.([^\w.-]|$)/;

/** The files that the inventory's globs name. `root` must be a real path; nothing outside of it is looked at. */
export async function findInventory(
  root: string,
  sources: readonly InventorySource[],
  disk: Disk = THIS_DISK,
): Promise<{ readonly found: FoundInventory[]; readonly problems: Diagnostic[] }> {
  const found: FoundInventory[] = [];
  const problems: Diagnostic[] = [];
  for (const source of sources) {
    const pattern = patternInside(root, source.files.value);
    if (pattern === undefined) {
      const message = `The inventory glob ${JSON.stringify(source.files.value)} leads outside of the repository.`;
      problems.push(
        diagnostic('path-outside-repository', source.files.span, message, {
          help: 'Write a path below the repository, such as groups/targets/**/*.json.',
        }),
      );
      continue;
    }
    const before = problems.length;
    const paths = await glob(root, pattern, source, problems, disk);
    // That nobody has an inventory at the usual place is no news.
    const written = source.files.span.end > source.files.span.start;
    if (paths.length === 0 && problems.length === before && written) problems.push(withoutFile(source));
    for (const path of paths) {
      const place = await follow(root, path, problems, true, disk);
      if (!place) continue;
      if (!place.directory) found.push({ path, absolute: place.absolute, labels: source.labels });
      else problems.push(unreadable(path, 'is a link to a directory', 'Name the directory itself in `inventory`.'));
    }
  }
  return { found, problems };
}

function withoutFile({ files }: InventorySource): Diagnostic {
  const message = `No file matches the inventory entry ${JSON.stringify(files.value)}: its targets are unknown.`;
  const help =
    'Correct the path, which begins at the root of the repository; `rulewright inventory pull` writes such a file.';
  return diagnostic('inventory-without-file', files.span, message, { help });
}

async function glob(
  root: string,
  pattern: string,
  source: InventorySource,
  problems: Diagnostic[],
  { globs }: Disk,
): Promise<string[]> {
  try {
    const { globby } = await import('globby');
    const entries = await globby(pattern, {
      cwd: root,
      onlyFiles: false,
      followSymbolicLinks: false,
      expandNegationOnlyPatterns: false,
      ignore: ['.git/**', '**/node_modules/**', 'dist/**'],
      objectMode: true,
      ...(globs && { fs: globs }),
    });
    const paths: string[] = [];
    for (const entry of entries) {
      if (!entry.dirent.isDirectory()) paths.push(entry.path);
      else if (/\.(json|ya?ml)$/.test(entry.path)) problems.push(directoryNamedLikeFile(entry.path));
    }
    return paths.sort();
  } catch (error) {
    // A file where a directory would be holds no inventory, as if it weren't there.
    if (errno(error) === 'ENOTDIR') return [];
    const message = `The inventory glob ${JSON.stringify(source.files.value)} cannot be followed: ${errnoText(error)}.`;
    problems.push(diagnostic('unreadable-file', source.files.span, message));
    return [];
  }
}

/** The pattern relative to the root, with `/`; undefined where it is not inside. */
function patternInside(root: string, pattern: string): string | undefined {
  if (STEP_UP.test(pattern)) return undefined;
  if (!isAbsolute(pattern)) return pattern;
  if (!isInside(root, pattern)) return undefined;
  return relative(root, pattern).split(sep).join('/');
}
