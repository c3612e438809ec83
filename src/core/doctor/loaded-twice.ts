import { type Check, fine, quoted, reloadLine } from './finding.ts';

/** The server loads the same rules from a file of ours and from another, such as the one that was adopted. */
export const loadedTwice: Check = {
  code: 'loaded-twice',
  look(facts) {
    const twice = facts.live.memory?.twice;
    if (!twice) return undefined;
    if (twice.length === 0) return fine('nothing is loaded twice');
    const rules = twice.reduce((sum, one) => sum + one.rules, 0);
    return {
      severity: 'error',
      message: `${rules === 1 ? 'A rule is' : `${rules} rules are`} loaded twice: from our files and from ${twice
        .map(({ file }) => file)
        .slice(0, 3)
        .join(', ')}. What is changed or silenced here goes on there as it was.`,
      help: 'If these files were adopted, their old place is still loaded: move them away once the release is in place, or take them out of rule_files. If rules/ has copies of them, remove these.',
      remedy: [
        ...twice
          .slice(0, 3)
          .map(({ file }) => `mv ${quoted(file)} ${quoted(`${file}.adopted`)}   # on the server's machine`),
        reloadLine(facts),
      ],
      details: twice
        .slice(0, 5)
        .map(({ file, rules: n, example }) => `${file}: ${example}${n > 1 ? ` and ${n - 1} more` : ''}`),
    };
  },
};
