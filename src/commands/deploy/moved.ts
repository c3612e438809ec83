import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { ServerOutcome } from '../../core/deploy/outcome.ts';
import { quoted } from '../../core/ground/paste.ts';
import { cacheKey, openCache } from '../../io/memory/cache.ts';
import { environmentProblem, type Problem } from '../../io/problem.ts';
import type { Session } from './session.ts';

/**
 * A rule path that is a link (or has one above it) leads where whoever may change the link likes. So the user that
 * deploys remembers, in a cache of their own, where it led at the last deploy, and one that leads elsewhere is told before
 * anything is touched: it may be meant, or a volume that isn't mounted, or somebody else's hand.
 */

const KIND = 'rule-path';

/** That the rule path leads elsewhere than at the last deploy, and nobody has said that this is meant. */
export async function movedProblem(session: Session, real: string): Promise<Problem | undefined> {
  const { server, settings } = session;
  const path = resolve(server.rulePath);
  const meant = settings.to;
  if (meant !== undefined && meant !== real) {
    return environmentProblem(
      `The rule path ${path} leads to ${real}, not to ${meant}, as --to says. Nothing was changed.`,
      'Say the folder that the link leads to, or mend the link.',
    );
  }
  const before = meant === undefined ? await (await cacheOf(session))?.read(KIND, keyOf(path)) : undefined;
  if (before === undefined || before === real) return undefined;
  return environmentProblem(
    `The rule path ${path} leads to ${real} now; at the last deploy it led to ${before}. Nothing was changed.`,
    `If that is meant, say it again, once: \`rulewright deploy --to ${quoted(real)}\`. Else mend the link, or mount the volume.`,
  );
}

/** Remembers where the rule path led, once something came of it. */
export async function rememberPlace(session: Session, real: string, outcome: ServerOutcome): Promise<void> {
  const path = resolve(session.server.rulePath);
  if (session.settings.dryRun || outcome.status === 'refused' || outcome.status === 'held') return;
  const cache = await cacheOf(session);
  const before = await cache?.read(KIND, keyOf(path));
  // What never was a link is not written down.
  if (before === undefined ? path !== real : before !== real) await cache?.write(KIND, keyOf(path), real);
}

const cacheOf = ({ io, globals }: Session) => openCache({ env: io.env, root: globals.root, pid: io.pid });

/** Machines may share a home, and not their rule paths. */
const keyOf = (path: string): string => cacheKey(hostname(), path);
