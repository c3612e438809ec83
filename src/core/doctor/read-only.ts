import { type Check, fine, quoted } from './finding.ts';

/** The volume of the rule path is mounted read-only here. */
export const readOnly: Check = {
  code: 'rule-path-read-only',
  look({ directory: { access }, rulePath }) {
    if (access === undefined) return undefined;
    if (access !== 'read-only') return fine('it is mounted for writing');
    return {
      severity: 'error',
      message: `The volume of ${rulePath} is mounted read-only here: no deploy can write to it.`,
      help: 'Mount it for writing where the deploy runs; the server itself may have it read-only. Where that is meant, this is the server’s machine or container: deploy from the other one.',
      remedy: [
        `mount -o remount,rw "$(findmnt -nT ${quoted(rulePath)} -o TARGET)"`,
        '# docker: leave out :ro; Kubernetes: volumeMounts: readOnly: false',
      ],
    };
  },
};
