import { plural } from '../../report/text.ts';
import { visible } from '../../report/visible.ts';
import type { Unlike } from './take-place.ts';

/** A source that stands where a proposal goes, and is another version of it. */
export interface Version {
  /** From the root. */
  readonly path: string;
  /** What is taken over. */
  readonly from: string;
  /** What of it the proposal doesn't have. */
  readonly lost: readonly Unlike[];
}

/** One message for each version in the way: what would be kept and what lost. */
export function versionText({ path, from, lost }: Version): string {
  const place = visible(path);
  const other = `${place} is another version of ${visible(from)}`;
  if (lost.length === 0)
    return `${other}, and nothing was written. --force takes this one over; no rule of ${place} is lost.`;
  return (
    `${other}, and nothing was written. --force takes this one over, and what ${place} says otherwise is lost: ${listed(lost)}. ` +
    'To keep it, go on with what is there; what a group says instead (`thresholds`, `overrides`) outlives every new version.'
  );
}

/** What `--force` has put another version in the place of. */
export const lostText = ({ path, lost }: Version, written: boolean): string =>
  `${visible(path)} ${written ? 'was' : 'is'} another version; what it says otherwise ${written ? 'is' : 'would be'} gone: ${listed(lost)}.`;

const MOST_LOST = 10;

function listed(lost: readonly Unlike[]): string {
  const shown = lost.slice(0, MOST_LOST).map(({ name, reason }) => `"${visible(name)}" (${visible(reason)})`);
  const more = lost.length > MOST_LOST ? ` and ${plural(lost.length - MOST_LOST, 'other rule')}` : '';
  return shown.join(', ') + more;
}
