import { compareCompiled } from '../../core/deploy/compiled-files.ts';
import type { DiffReport } from '../../core/diff/report.ts';
import { blobHash, blobTexts, type CompiledBlobs } from '../../io/git/compiled.ts';
import type { Git } from '../../io/git/door.ts';
import type { DistTree } from '../../io/git/publish.ts';
import { type FilesReport, filesHeadline, filesJson, filesMarkdown } from '../../report/action/files.ts';
import { type Frame, framed, framedReport } from '../../report/action/text.ts';
import { diffJson } from '../../report/diff/json.ts';
import { plural } from '../../report/text.ts';
import type { Published, Unknown } from './published.ts';

/** What a reviewer is told of a change of `dist/`. */
export interface Account {
  /** What changes, as the end of a title. */
  readonly title: string;
  readonly markdown: (frame: Frame, limit?: number) => string;
  readonly json: object;
  /** Target by target; undefined: that is not known, only what the compiled files say. */
  readonly report: DiffReport | undefined;
  /** Why it is not known. */
  readonly unknown: Unknown | undefined;
}

/** More are not read: nobody would read the list. */
const MOST_FILES = 200;

/** By the sources on both sides where they are known, else by the compiled files alone. */
export async function accountOf(git: Git, dist: DistTree, { blobs, told }: Published): Promise<Account> {
  if ('why' in told) return ofFiles(await filesReport(git, dist, blobs, told));
  const { changes } = told;
  // That nothing changes is believed of the files alone.
  const check = changes.length > 0 || !told.compared ? undefined : await filesReport(git, dist, blobs, OVERLOOKED);
  if (check && (check.differences.rules.length > 0 || check.differences.unreadable.length > 0)) return ofFiles(check);
  return {
    title: changes.length === 0 ? 'no consequences' : plural(changes.length, 'consequence'),
    markdown: (frame, limit) => framedReport(told, frame, limit),
    json: diffJson(told),
    report: told,
    unknown: undefined,
  };
}

const OVERLOOKED: Unknown = {
  why: 'The sources were compared and no consequence was found, but compiled rules differ.',
  help: 'Please report it to the project.',
};

function ofFiles(report: FilesReport): Account {
  const { why, help } = report;
  return {
    title: filesHeadline(report),
    markdown: (frame, limit) => framed((left) => filesMarkdown(report, left), frame, limit),
    json: filesJson(report),
    report: undefined,
    unknown: { why, help },
  };
}

/** Compares the compiled files that HEAD holds with those that are to come. */
async function filesReport(git: Git, dist: DistTree, blobs: CompiledBlobs, unknown: Unknown): Promise<FilesReport> {
  const [like = ''] = blobs.values();
  const coming = dist.files.filter(({ path }) => !path.endsWith('/manifest.json'));
  const paths = new Set(coming.map(({ path }) => path));
  const gone = [...blobs.keys()].filter((path) => !paths.has(path));
  const changed: { readonly path: string; readonly oid: string | undefined; readonly after: string | undefined }[] = [];
  let unseen = 0;
  for (const { path, parts } of coming) {
    const [oid, after] = [blobs.get(path), [...parts()].join('')];
    if (oid !== undefined && oid === blobHash(after, like)) continue;
    if (changed.length < MOST_FILES) changed.push({ path, oid, after });
    else unseen++;
  }
  for (const path of gone) {
    if (changed.length < MOST_FILES) changed.push({ path, oid: blobs.get(path), after: undefined });
    else unseen++;
  }
  const texts = await blobTexts(
    git,
    changed.flatMap(({ oid }) => oid ?? []),
  );
  const pairs = changed.map(({ path, oid, after }) => {
    const before = oid === undefined ? undefined : (texts.shift() ?? UNREADABLE);
    return { name: path.slice(dist.folder.length + 1), before, after };
  });
  return { ...unknown, files: changed.length + unseen, unseen, differences: compareCompiled(pairs) };
}

/** What no server would load, in place of a content that could not be had. */
const UNREADABLE = '{';
