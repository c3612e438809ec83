import { type Check, fine, reloadLine, some } from './finding.ts';

/** No `rule_files` of the server's lead to the rule path. */
export const notCovered: Check = {
  code: 'rule-path-not-covered',
  look(facts) {
    const { live, rulePath } = facts;
    const { coverage, globs, configFile } = live;
    if (!coverage || !globs) return undefined;
    // Where the globs lead is taken for the rule path seen from elsewhere, unless nothing of ours has come from there.
    const taken = coverage.kind === 'covered' && !coverage.sure && live.memory?.groups === 0;
    if (coverage.kind !== 'uncovered' && !taken) return fine('the server’s rule_files cover the rule path');
    const partly = coverage.kind === 'uncovered' && coverage.folder !== undefined;
    const what = partly ? `not all of ours (${some(coverage.missed)} missing)` : 'none of ours';
    const folder = partly ? coverage.folder : rulePath;
    return {
      severity: 'error',
      message: `The server’s rule_files don’t lead to ${rulePath}: it loads ${what}, however often it is reloaded.`,
      help: 'Add the line to its configuration and reload it. If the server sees that folder under another path (a container), write that path; if it loads another folder on purpose, set `prometheus.rule_path` to it.',
      remedy: [
        `# ${configFile ?? 'prometheus.yml'}, on the server’s machine`,
        'rule_files:',
        ...globs.map((glob) => `  - ${glob}`),
        `  - ${folder}/*.yml   # new`,
        reloadLine(facts),
      ],
      details: [globs.length === 0 ? 'It has no rule_files at all.' : `Its rule_files: ${globs.join(', ')}`],
    };
  },
};
