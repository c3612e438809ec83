import { RULE_FILE } from '../dist/dist.ts';
import type { Layout } from './types.ts';

/**
 * What we call things below a rule path. Nothing in the store ends like a rule file: a server's glob may well reach into
 * a directory whose name begins with a dot, for Go's globs know no hidden files.
 */
export const STORE = '.rulewright';
/** Leads to the release that is shown: a symbolic link, or a file with its name where the volume has no such links. */
export const CURRENT = 'current';
export const RELEASES = 'releases';
/** Pristine copies of the releases' files, by their hashes. */
export const OBJECTS = 'objects';
/** What is being made ready. */
export const WORK = 'work';
/** A switch that is under way, and one that is being taken back: the same file under another name. */
export const JOURNAL = 'journal';
export const UNDO = 'undo';
/** Room that is kept for going back on a full disk. */
export const SPARE = 'spare';
/** The release that somebody rolled back, if it is held back. */
export const HELD = 'held';
/** In a release's directory: what it consists of, and, until a server has confirmed it, a mark. */
export const CONTENT = 'content';
export const UNCONFIRMED = 'unconfirmed';
/** In layout `bundle`: the files of the groups, for people and for later releases. */
export const PARTS = 'parts';
/** A note for people who look in. */
export const README = 'README';

/** The one file of layout `bundle`. */
export const BUNDLE = 'rulewright.yml';

/** The first line of every rule file that we write begins so. */
export const HEADER = '# Compiled by rulewright';

/** What stands under a name that has no rules (yet, or any more), so that a server that has listed it can open it. */
export const NO_RULES =
  '# Compiled by rulewright: there are no rules under this name in the release that is deployed.\n' +
  '# The file stays, so that a server that has just listed it can open it: without it the whole reload would fail.\n' +
  'groups: []\n';

/** Names of a release's directory: a number that grows, and the release's id. */
export const RELEASE_DIR = /^(\d{6,15})-([0-9a-f]{12})$/;
/** Behind the name of a release's directory while that is being deleted. */
export const GONE = '.gone';
/** The release before the first one: what lay there when we came. */
export const NOTHING_ID = '000000000000';

/** In the mark of a release that no server has confirmed yet: the one that a person went away from to come to it. */
export const ROLLED_BACK = /^Rolled back from ([0-9a-f]{12})\.$/m;

/** The text of that mark. */
export function unconfirmedText(rolledBackFrom: string | undefined): string {
  const back = rolledBackFrom === undefined ? '' : `Rolled back from ${rolledBackFrom}.\n`;
  return `No server has confirmed yet that it holds this release.\n${back}`;
}

export function releaseDir(number: number, id: string): string {
  return `${String(number).padStart(6, '0')}-${id}`;
}

/** A rule file's name in a release's directory. As long as its own: file systems have a limit. */
export function stored(fileName: string): string {
  return `${fileName.replace(/\.yml$/, '')}.txt`;
}

/** Where a release's directory has the bytes of one of its files, with `/`. */
export function storedPart(layout: Layout, fileName: string): string {
  return layout === 'bundle' ? `${PARTS}/${stored(fileName)}` : stored(fileName);
}

/** Whether a visible file of ours may be called so. */
export function isRuleName(name: string): boolean {
  return name === BUNDLE || RULE_FILE.test(name);
}

/** What the link of a visible rule file says. Relative, because a server may see the directory under another path. */
export function linkText(fileName: string): string {
  return `${STORE}/${CURRENT}/${stored(fileName)}`;
}

/** The visible names that a layout has for a release's files. */
export function visibleNames(layout: Layout, fileNames: readonly string[]): readonly string[] {
  return layout === 'bundle' ? [BUNDLE] : fileNames;
}

/** True where a text holds no rule group: only comments and an empty list. */
export function hasNoRules(text: string): boolean {
  return /^(?:[ \t]*(?:#[^\n]*)?\n)*groups:[ \t]*\[[ \t]*\][ \t]*\n?(?:[ \t]*(?:#[^\n]*)?\n)*$/.test(text);
}

/** A name or path as part of a message: one that holds a line break would look like two lines of it. */
export function oneLine(name: string): string {
  return /[\n\r]/.test(name) ? JSON.stringify(name) : name;
}
