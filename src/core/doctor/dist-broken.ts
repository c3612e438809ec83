import { type Check, fine } from './finding.ts';

/** There is no whole release in `dist/`, so that nothing can be deployed. */
export const distBroken: Check = {
  code: 'release-broken',
  look({ dist: { release, problem, place } }) {
    if (!problem) return release ? fine(`${place} is whole`) : undefined;
    const [message = '', ...details] = problem.message.split('\n').map((line) => line.trim());
    return {
      severity: 'error',
      message,
      help: problem.help ?? 'Build it anew.',
      remedy: ['rulewright build'],
      ...(details.length > 0 && { details: details.slice(0, 5) }),
    };
  },
};
