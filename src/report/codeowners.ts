import type { OwnedFile } from '../core/owners/owners.ts';

const BEGIN = '# rulewright: begin';
const END = '# rulewright: end';
const HEADER = `${BEGIN}\n# Written by \`rulewright owners --write\` from the owners of rules and groups; what stands between these lines is replaced.\n`;

/** A path that a CODEOWNERS pattern can't name: GitHub reads these characters as patterns, or not at all. */
export function canBeNamed(path: string): boolean {
  return !/[*?[\]!\\\p{Cc}\p{Zl}\p{Zp}]/u.test(path);
}

/** The managed block: a line a file. `below` is where the repository lies in the work tree: "" or ending in `/`. */
export function ownersBlock(files: readonly OwnedFile[], below: string): string {
  const lines = files
    .filter(({ path }) => canBeNamed(below + path))
    .map(
      ({ path, owners }) => `/${below}${path}`.replaceAll(' ', '\\ ').replaceAll('#', '\\#') + ` ${owners.join(' ')}\n`,
    );
  return `${HEADER}${lines.join('')}${END}\n`;
}

/**
 * A CODEOWNERS file with the block in the place of the one that it has, else at its end: of the patterns that match a file the
 * last one counts. undefined: the file's marks don't make a block, so that nobody can say what to replace.
 */
export function withBlock(text: string, block: string): string | undefined {
  const lines = text.split('\n');
  const [first, last] = [lines.indexOf(BEGIN), lines.indexOf(END)];
  if (first < 0 && last < 0) return text.trim() === '' ? block : `${text.replace(/\n*$/, '\n\n')}${block}`;
  const once = lines.lastIndexOf(BEGIN) === first && lines.lastIndexOf(END) === last;
  if (!once || first < 0 || last < first) return undefined;
  return [...lines.slice(0, first), ...block.replace(/\n$/, '').split('\n'), ...lines.slice(last + 1)].join('\n');
}
