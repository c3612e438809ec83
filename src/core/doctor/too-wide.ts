import { type Check, fine, reloadLine } from './finding.ts';

/** A glob of the server's matches files of ours that are no rules. */
export const tooWide: Check = {
  code: 'rule-files-too-wide',
  look(facts) {
    const { coverage, globs, configFile } = facts.live;
    if (!coverage || coverage.kind === 'uncovered') return undefined;
    if (coverage.kind === 'covered') return fine('they match only rules of ours');
    return {
      severity: 'error',
      message: `The server’s rule_files match files of ours that are no rules, such as ${coverage.folder}/${coverage.loaded[0]}: it would refuse its whole configuration, and its next start.`,
      help: 'Let the glob end in *.yml.',
      remedy: [
        `# ${configFile ?? 'prometheus.yml'}, on the server’s machine`,
        'rule_files:',
        `  - ${coverage.folder}/*.yml`,
        reloadLine(facts),
      ],
      details: [`Its rule_files: ${globs?.join(', ')}`],
    };
  },
};
