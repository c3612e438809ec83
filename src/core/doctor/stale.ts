import { type Check, fine } from './finding.ts';

/** `dist/` is not what the sources compile to. */
export const stale: Check = {
  code: 'dist-stale',
  look({ sources, dist }) {
    if (!sources?.stale) return undefined;
    if (sources.stale.length === 0) return fine(`${dist.place} is up to date`);
    return {
      severity: 'error',
      message: `${dist.place} is stale: ${sources.stale.length === 1 ? 'a file is' : `${sources.stale.length} files are`} not as the sources compile, and a deploy takes dist/ as it is.`,
      help: 'Build, commit what it writes, and deploy that. In a checkout: has it pulled the last commit?',
      remedy: [
        'git pull',
        'rulewright build',
        'git add dist && git commit -m "Compile the rules"',
        'rulewright deploy',
      ],
      details: [
        sources.stale.slice(0, 5).join(', ') +
          (sources.stale.length > 5 ? `, and ${sources.stale.length - 5} more` : ''),
      ],
    };
  },
};
