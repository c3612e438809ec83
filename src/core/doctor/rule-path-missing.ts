import { type Check, fine, quoted } from './finding.ts';

/** The rule path isn't there, or can't be looked into. */
export const rulePathMissing: Check = {
  code: 'rule-path-missing',
  look({ directory, live, rulePath }) {
    if (!directory.problem) return fine('the rule path is there');
    const arrived = live.memory?.fromDist?.length === 0;
    return {
      severity: arrived ? 'warning' : 'error',
      message: directory.problem.message,
      help: `${directory.problem.help ?? ''}${arrived ? ' The server holds what dist/ says, so it was perhaps deployed from another machine: then run this there.' : ''}`.trim(),
      remedy: [`install -d -m 0755 -o "$(id -u)" ${quoted(rulePath)}`],
    };
  },
};
