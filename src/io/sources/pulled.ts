import { lstat, mkdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { Diagnostic } from '../../core/ground/diagnostic.ts';
import { hasErrors } from '../../core/ground/diagnostic.ts';
import { withInstance } from '../../core/model/target.ts';
import { parseInventory } from '../../core/parse/inventory.ts';
import type { LabelSet } from '../../promql/region.ts';
import { environmentProblem, errno, fsProblem, type Problem } from '../problem.ts';
import { writeWhole } from '../write-file.ts';
import { isDiagnostic, readSource } from './read.ts';
import { isInside } from './walk.ts';

/** The file that targets are pulled into, and what it lists now. */
export interface PulledFile {
  /** Absolute, with the links of its directory resolved. */
  readonly absolute: string;
  /** From the repository's root, with `/`. */
  readonly path: string;
  /** Its text; undefined where there is no such file yet. */
  readonly text: string | undefined;
  readonly targets: readonly LabelSet[];
}

const MOST_BYTES = 64 * 1024 * 1024;

/** Looks at a file that is to be written: it must be a file_sd file in JSON among the sources, or not be there yet. */
export async function readPulled(root: string, absolute: string): Promise<PulledFile | Problem> {
  const usage = (message: string, help?: string): Problem => ({ code: 'usage', message, ...(help && { help }) });
  if (!absolute.endsWith('.json')) {
    return usage(
      `--out ${absolute} does not end in .json, and JSON is what is written.`,
      'For instance groups/targets/pulled.json.',
    );
  }
  try {
    const realRoot = await realpath(root);
    const place = join(await realPlace(dirname(absolute)), basename(absolute));
    const path = relative(realRoot, place).split(sep).join('/');
    const top = path.split('/')[0] as string;
    if (!isInside(realRoot, place)) {
      const help = 'The inventory is committed with the rules. --out is taken from the directory in which you stand.';
      return usage(`--out ${absolute} lies outside of the repository ${root}.`, help);
    }
    if (top === '.git' || top === 'dist' || path.split('/').includes('node_modules')) {
      return usage(`--out ${path}: no inventory is read from there.`, 'For instance groups/targets/pulled.json.');
    }
    const entry = await lstat(place).catch((error) => (errno(error) === 'ENOENT' ? undefined : Promise.reject(error)));
    if (!entry) return { absolute: place, path, text: undefined, targets: [] };
    if (!entry.isFile())
      return environmentProblem(`${path} is no regular file, so it is not written to.`, 'Move it away.');
    return await readOld(place, path);
  } catch (error) {
    return fsProblem(error, 'cannot write', absolute);
  }
}

/** Writes the targets' file, and its directory where there is none. */
export async function writePulled(file: PulledFile, text: string, pid: number): Promise<Problem | undefined> {
  try {
    await mkdir(dirname(file.absolute), { recursive: true });
    await writeWhole(file.absolute, text, pid);
    return undefined;
  } catch (error) {
    const problem = fsProblem(error, 'cannot write', file.path);
    return { ...problem, message: `${problem.message}. Nothing was changed.` };
  }
}

async function readOld(absolute: string, path: string): Promise<PulledFile | Problem> {
  const source = await readSource(path, absolute, MOST_BYTES);
  const parsed = isDiagnostic(source) ? undefined : parseInventory({ file: source, labels: {} });
  const broken: Diagnostic | undefined = isDiagnostic(source)
    ? source
    : parsed && hasErrors(parsed.diagnostics)
      ? parsed.diagnostics.find((d) => d.severity === 'error')
      : undefined;
  if (isDiagnostic(source) || !parsed || broken) {
    const why = broken ? ` (${broken.message})` : '';
    return environmentProblem(
      `${path} is no list of targets${why}, so it is not overwritten.`,
      'Choose another file with --out, or remove this one.',
    );
  }
  return { absolute, path, text: source.text, targets: parsed.targets.map(withInstance) };
}

/** Where a directory really is, or will be: links of the part that exists are resolved. */
async function realPlace(directory: string): Promise<string> {
  try {
    return await realpath(directory);
  } catch (error) {
    const parent = dirname(directory);
    if (errno(error) !== 'ENOENT' || parent === directory) throw error;
    return join(await realPlace(parent), basename(directory));
  }
}
