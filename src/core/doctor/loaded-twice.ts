import type { TwiceFacts } from './facts.ts';
import { type Check, fine, quoted, reloadLine, some } from './finding.ts';

/** The server loads the same rules from a file of ours and from another, such as the one that was adopted. */
export const loadedTwice: Check = {
  code: 'loaded-twice',
  look(facts) {
    const twice = facts.live.memory?.twice;
    if (!twice) return undefined;
    if (twice.length === 0) return fine('nothing is loaded twice');
    const rules = twice.reduce((sum, one) => sum + one.rules, 0);
    const files = some(twice.map(({ file }) => file));
    const mixed = twice.filter(({ others }) => others.length > 0);
    const warnings = mixed.slice(0, 3).map((one) => ` ${othersOf(one)} Moving it away would stop them.`);
    return {
      severity: 'error',
      message: `${rules === 1 ? 'A rule is' : `${rules} rules are`} loaded twice: from our files and from ${files}. What is changed or silenced here goes on there as it was.${warnings.join('')}`,
      help: `If these files were adopted, their old place is still loaded: move them away once the release is in place, or take them out of rule_files. If rules/ has copies of them, remove these.${mixed.length > 0 ? ' Out of a file that has other rules too, take ours alone.' : ''}`,
      remedy: [...twice.slice(0, 3).flatMap(remedyOf), reloadLine(facts)],
      details: twice
        .slice(0, 5)
        .map(({ file, rules: n, example }) => `${file}: ${example}${n > 1 ? ` and ${n - 1} more` : ''}`),
    };
  },
};

function othersOf({ file, others }: TwiceFacts): string {
  const name = file.slice(file.lastIndexOf('/') + 1);
  return `${name} also holds ${others.length === 1 ? 'a rule that is' : `${others.length} rules that are`} not ours: ${some(others, 5)}.`;
}

/** A file that holds rules of others too is not moved: that would stop these. */
function remedyOf(one: TwiceFacts): string[] {
  const { file, others, rules, movable } = one;
  if (others.length > 0) {
    return [
      `# edit ${quoted(file)}: take out the ${rules === 1 ? 'rule' : `${rules} rules`} of ours, leave ${some(others, 5)}`,
    ];
  }
  const where = movable === undefined ? "   # on the server's machine" : '';
  return [`${movable === false ? 'sudo ' : ''}mv ${quoted(file)} ${quoted(`${file}.adopted`)}${where}`];
}
