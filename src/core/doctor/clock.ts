import { type Check, fine, span } from './finding.ts';

/** Less than this is the way of the answer, and whole seconds. */
const TOLERATED = 30_000;

/** The server's clock and ours disagree. */
export const clock: Check = {
  code: 'clock-skew',
  look({ live: { skew } }) {
    if (skew === undefined) return undefined;
    if (Math.abs(skew) <= TOLERATED) return fine('the clocks agree');
    return {
      severity: 'warning',
      message: `The server’s clock is ${span(skew)} ${skew > 0 ? 'ahead of' : 'behind'} ours: when its last reload was, and for how long an alert has been firing, can’t be told rightly, and samples may be refused.`,
      help: 'Set both by NTP, and see which of the two is wrong.',
      remedy: ['timedatectl   # on both machines: "System clock synchronized"', 'sudo timedatectl set-ntp true'],
    };
  },
};
