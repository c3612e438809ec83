import type { Problem } from '../problem.ts';
import { inPlace, type Place } from './place.ts';
import { inspect } from './rule-path.ts';
import { ruleProblem } from './say.ts';
import { show } from './show.ts';
import { takeBack } from './steps.ts';
import { type Journal, readStore, releaseNamed } from './store.ts';
import { tidy } from './tidy.ts';
import type { Deployed } from './types.ts';

export interface Recovery {
  /** What lies there now. */
  readonly deployed: Deployed;
  /** `finished`: the release of the broken switch is there, unconfirmed. `undone`: the one before it. */
  readonly what: 'nothing' | 'finished' | 'undone';
}

/**
 * Finishes or undoes a switch that was broken off, so that the rule path holds one whole release again. The caller
 * holds the lock. Reload the server afterwards unless `what` is `nothing`.
 */
export async function recover(deployed: Deployed): Promise<Recovery | Problem> {
  try {
    const { journal } = readStore(deployed.rulePath);
    if (!journal) return { deployed, what: 'nothing' };
    const what = inPlace(deployed.rulePath, (place) => mend(place, journal), { room: true });
    const now = await inspect(deployed.rulePath);
    return 'code' in now ? now : { deployed: now, what };
  } catch (error) {
    return ruleProblem(error, 'cannot mend the deploy that was broken off in', deployed.rulePath);
  }
}

/** Once `current` leads to the new release, it is finished; before that, it is undone: each is the shorter way. */
function mend(place: Place, journal: Journal): 'finished' | 'undone' {
  const store = readStore(place.rulePath);
  const to = releaseNamed(store, journal.to);
  const from = releaseNamed(store, journal.from);
  const forward = journal.direction === 'forward' && store.current === journal.to;
  if (to && (forward || !from)) {
    show(place, to);
    tidy(place);
    return 'finished';
  }
  if (from) takeBack(place, journal);
  else tidy(place);
  return 'undone';
}
