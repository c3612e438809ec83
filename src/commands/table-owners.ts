import type { CommandRow } from './table.ts';

/** The row of `owners`. */
export const OWNERS: CommandRow = {
  summary: 'check or write CODEOWNERS from the owners of rules and groups',
  usage: 'rulewright owners [FILE] [--check | --write]',
  about:
    'Shows the lines of a CODEOWNERS file that the owners of rules and groups come to, or checks or writes them there. `owners:` in\nrulewright.yaml says what GitHub calls an owner. Only the block between our two marks is ever touched.',
  options: {
    check: { help: 'write nothing; fail where the file is not as the owners say' },
    write: { help: 'write the block into the file (default: the one that GitHub reads, else .github/CODEOWNERS)' },
  },
  args: 1,
  examples: [
    ['rulewright owners', 'print the block'],
    ['rulewright owners --write', 'write it'],
    ['rulewright owners --check', 'in a pipeline'],
  ],
  empty: { ok: false, file: null, stale: false, files: [], unknown: [], unnamed: [], errors: [] },
  load: async () => (await import('./owners.ts')).owners,
};
