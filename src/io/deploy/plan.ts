import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ChangedFile } from '../../core/deploy/outcome.ts';
import { countRules } from '../dist/plan.ts';
import { environmentProblem, fsProblem, type Problem } from '../problem.ts';
import { bodyOf, clashes, type Part } from './bundle.ts';
import { readIfThere } from './disk.ts';
import { BUNDLE, oneLine, visibleNames } from './names.ts';
import type { Deployed, Layout, Release, ReleasedFile, SwitchPlan } from './types.ts';

/**
 * Compares what lies in a rule path with a release; writes nothing. No changes: there is nothing to do. A file that is
 * not ours under a name that the release needs is a problem, and so are two rule groups of one name where one file
 * (layout `bundle`) is to hold both.
 */
export async function planSwitch(deployed: Deployed, release: Release, layout: Layout): Promise<SwitchPlan | Problem> {
  const inTheWay = foreignNames(deployed, release, layout) ?? insideItself(deployed, release);
  if (inTheWay) return inTheWay;
  const unfit = layout === 'bundle' ? unfitForBundle(release) : undefined;
  if (unfit) return unfit;
  const layoutChanged = deployed.layout !== undefined && deployed.layout !== layout && !isEmpty(deployed);
  const changes = changesOf(deployed, release, layoutChanged);
  return { deployed, release, layout, changes, layoutChanged };
}

/** Nothing that a server could have loaded. */
function isEmpty(deployed: Deployed): boolean {
  return deployed.current === undefined && deployed.damaged.every(({ what }) => what === 'missing');
}

function changesOf(deployed: Deployed, release: Release, layoutChanged: boolean): ChangedFile[] {
  const old = new Map(deployed.current?.files.map((file) => [file.fileName, file]));
  const damaged = new Map(deployed.damaged.map(({ fileName, what }) => [fileName, what]));
  const changes: ChangedFile[] = [];
  for (const file of release.files) {
    const { fileName, groupId, ruleCount, path } = file;
    const before = old.get(fileName);
    const damage = damaged.get(fileName);
    damaged.delete(fileName);
    if (before && damage === undefined && before.sha256 === file.sha256 && !layoutChanged) continue;
    const lies = damage === undefined ? before : found(deployed, fileName);
    changes.push({
      kind: lies === undefined ? 'create' : 'update',
      fileName,
      groupId,
      rulesBefore: lies?.ruleCount ?? 0,
      rulesAfter: ruleCount,
      before: lies?.path,
      after: path,
    });
  }
  const stay = new Set(release.files.map((file) => file.fileName));
  for (const file of old.values()) {
    if (stay.has(file.fileName)) continue;
    const lies = damaged.has(file.fileName) ? (found(deployed, file.fileName) ?? file) : file;
    damaged.delete(file.fileName);
    changes.push(deletion(file.fileName, file.groupId, lies));
  }
  for (const [fileName, what] of damaged) {
    const lies = found(deployed, fileName);
    const groupId = fileName.replace(/^group-/, '').replace(/\.yml$/, '');
    if (fileName === BUNDLE && what !== 'extra') {
      const before = { rulesBefore: lies?.ruleCount ?? 0, before: lies?.path };
      const kind = lies ? 'update' : 'create';
      changes.push({ kind, fileName, groupId: '', ...before, rulesAfter: release.rulesCount, after: undefined });
    } else changes.push(deletion(fileName, fileName === BUNDLE ? '' : groupId, lies));
  }
  return changes.sort((a, b) => (a.fileName < b.fileName ? -1 : 1));
}

type Lying = Pick<ReleasedFile, 'ruleCount' | 'path'>;

function deletion(fileName: string, groupId: string, lies: Lying | undefined): ChangedFile {
  const before = { rulesBefore: lies?.ruleCount ?? 0, before: lies?.path };
  return { kind: 'delete', fileName, groupId, ...before, rulesAfter: 0, after: undefined };
}

/** What really lies under a visible name, where it isn't what it should be. */
function found(deployed: Deployed, fileName: string): Lying | undefined {
  // In layout `bundle` the files of groups are seen by nobody; what is damaged there lies in the store.
  const part = deployed.layout === 'bundle' && deployed.current?.files.find((file) => file.fileName === fileName);
  if (part) return part;
  const path = join(deployed.rulePath, fileName);
  const bytes = readIfThere(path);
  return bytes && { ruleCount: countRules(bytes.toString('utf8')), path };
}

function foreignNames(deployed: Deployed, release: Release, layout: Layout): Problem | undefined {
  const names = visibleNames(
    layout,
    release.files.map((file) => file.fileName),
  );
  const foreign = new Set(deployed.foreign);
  const taken = names.filter((name) => foreign.has(name));
  if (taken.length === 0) return undefined;
  const list = taken.slice(0, 20).map((name) => `\n  ${oneLine(name)}`);
  if (taken.length > list.length) list.push(`\n  … and ${taken.length - list.length} more`);
  const one = taken.length === 1;
  return environmentProblem(
    `In ${deployed.rulePath} ${one ? 'a file that is not ours has a name' : `${taken.length} files that are not ours have names`} that the release needs:${list.join('')}`,
    `Nobody's file is overwritten. If ${one ? 'it is an old copy' : 'they are old copies'} of these rules, move ${one ? 'it' : 'them'} away; else choose another id for the group, or another rule path.`,
  );
}

function insideItself(deployed: Deployed, release: Release): Problem | undefined {
  const [file] = release.files;
  if (!file) return undefined;
  try {
    if (realpathSync(dirname(file.path)) !== deployed.rulePath) return undefined;
  } catch (error) {
    return fsProblem(error, 'cannot read', oneLine(file.path));
  }
  const message = `The rule path ${deployed.rulePath} is where the build writes its files: a deploy would turn them into links to themselves.`;
  return environmentProblem(message, 'Choose another rule path, and let the server load its rules from there.');
}

/**
 * One file can't hold two rule groups of one name, and to keep the second apart as a file of its own would give up what
 * the layout is for: that no reload can catch a half of the release. So it is refused, and the names are said.
 */
function unfitForBundle(release: Release): Problem | undefined {
  const parts: Part[] = [];
  try {
    for (const { fileName, path } of release.files) parts.push({ fileName, text: readFileSync(path, 'utf8') });
  } catch (error) {
    return fsProblem(error, 'cannot read', 'a file of the release');
  }
  const odd = parts.find(({ text }) => bodyOf(text) === undefined);
  if (odd) {
    const message = `${oneLine(odd.fileName)} isn't written as rulewright writes rule files, so it can't be joined with the others into ${BUNDLE}.`;
    return environmentProblem(message, 'Run `rulewright build`, or use `layout: files`.');
  }
  const twice = clashes(parts);
  if (twice.length === 0) return undefined;
  const list = twice.slice(0, 20).map(({ ruleGroup, files }) => `\n  ${oneLine(ruleGroup)}: ${files.join(' and ')}`);
  if (twice.length > list.length) list.push(`\n  … and ${twice.length - list.length} more`);
  return environmentProblem(
    `Layout \`bundle\` puts the whole release into one file, and there every rule group needs a name of its own. These names stand in two files:${list.join('')}`,
    'Rename the rule group in one of the native rule files (its alerts start anew then), or use `layout: files`.',
  );
}
