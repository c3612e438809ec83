import { type Check, fine, quoted } from './finding.ts';

/** We may not write into the rule path. */
export const permission: Check = {
  code: 'permission-denied',
  look({ directory: { access, us, owner }, rulePath }) {
    if (access === undefined || access === 'read-only') return undefined;
    if (access === 'writable') return fine('we may write to it');
    const path = quoted(rulePath);
    const who = us ? `uid ${us.uid}, gid ${us.gid}` : 'another user';
    const whose = owner
      ? `; it belongs to uid ${owner.uid}, gid ${owner.gid}, mode ${(owner.mode & 0o7777).toString(8).padStart(4, '0')}`
      : '';
    const uid = us?.uid ?? '"$(id -u)"';
    const gid = us?.gid ?? '"$(id -g)"';
    return {
      severity: 'error',
      message: `We (${who}) may not write to ${rulePath}${whose}. No deploy can change it.`,
      help: 'One of these: give the directory to us, let our group write to it, or run as its owner. In Kubernetes, let the volume have our group.',
      remedy: [
        `sudo chown -R ${uid} ${path}`,
        `sudo chgrp -R ${gid} ${path} && sudo chmod -R g+rwX ${path}`,
        ...(owner ? [`sudo -u '#${owner.uid}' rulewright deploy`] : []),
        `securityContext: { fsGroup: ${us?.gid ?? owner?.gid ?? 'GID'} }   # of the pod`,
      ],
    };
  },
};
