import type { CompiledDifferences } from '../../core/deploy/compiled-files.ts';
import { code } from '../diff/escape.ts';
import { plural } from '../text.ts';
import { differenceJson, differenceLines, rulesIn } from './files.ts';

/** Compiled files that a change brings and that its sources don't compile to. */
export interface EditedFiles {
  /** From the top of the work tree, sorted; manifests are among them. */
  readonly files: readonly string[];
  /** `found` is what the sources compile to, `wanted` what the file says. */
  readonly differences: CompiledDifferences;
}

/** Lines of rules above a report, and characters that they may take: the report has to fit as well. */
const MOST_LINES = 30;
const MOST_CHARS = 12_000;

const WHY =
  'A deploy releases what they say, or refuses them where the manifest says otherwise, and the next build undoes them.';
export const EDITED_HELP =
  'Change rules/ or groups/ instead, run `rulewright build` and commit what it writes; or take dist/ out of the change.';

/** What stands before the headline of a report that tells of the sources alone. */
export function editedHeadline({ files, differences }: EditedFiles): string {
  const rules = rulesIn(differences.rules);
  const what =
    rules > 0
      ? `${plural(rules, 'rule')} in ${plural(files.length, 'compiled file')}`
      : plural(files.length, 'compiled file');
  return `${what} edited by hand`;
}

/** As Markdown: which files, and rule by rule what they say otherwise. */
export function editedMarkdown(edited: EditedFiles): string {
  const { files, differences } = edited;
  const some = files.slice(0, 20).map(code).join(', ');
  const names = files.length > 20 ? `${some}, and ${files.length - 20} more` : some;
  const lead = [
    '> [!CAUTION]',
    `> This change brings ${plural(files.length, 'compiled file')} that its sources don’t compile to, as after an edit by hand: ${names}. ${WHY}`,
    `> ${EDITED_HELP.replaceAll(/`([^`]+)`/g, (_, text: string) => code(text))}`,
  ].join('\n');
  const lines = differenceLines(differences);
  const said = 'What the sources compile to → what the files say:';
  let text = `${lead}\n\n${said}\n`;
  for (const [i, line] of lines.entries()) {
    if (i >= MOST_LINES || text.length + line.length > MOST_CHARS) return `${text}\n- … and ${lines.length - i} more`;
    text += `\n${line}`;
  }
  return text;
}

/** For machines. */
export function editedJson({ files, differences }: EditedFiles): object {
  return { files, unreadable: differences.unreadable, rules: differences.rules.map(differenceJson) };
}
