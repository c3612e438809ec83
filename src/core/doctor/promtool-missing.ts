import { type Check, fine } from './finding.ts';

/** There is no second opinion on what is deployed. */
export const promtoolMissing: Check = {
  code: 'promtool-missing',
  look({ promtool: { version, problem, wanted }, dist, directory }) {
    if (version !== undefined) return fine(`promtool ${version} is there`);
    if (wanted === 'false') return fine('promtool is not asked for');
    return {
      // Where nothing is to be deployed it stands in nobody's way yet.
      severity: wanted === 'true' || dist.release?.id !== directory.deployed?.release ? 'error' : 'warning',
      message: `${problem?.message ?? 'promtool was not found.'} A deploy wants its word before it changes anything.`,
      help: 'Install it (it comes with Prometheus), or name it. Without it only the compiler’s own checks are made, and only if that is said.',
      remedy: [
        'apt-get install prometheus   # or a release of Prometheus: promtool lies in it',
        'export PROMTOOL_PATH=/path/to/promtool',
        'rulewright deploy --no-promtool   # by word: without its opinion',
      ],
    };
  },
};
