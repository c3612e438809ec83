import { constants } from 'node:fs';
import { access, lstat, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeployedFacts, DirectoryFacts } from '../../core/doctor/facts.ts';
import { readHolds } from '../deploy/hold.ts';
import { CURRENT, STORE } from '../deploy/names.ts';
import { inspect } from '../deploy/rule-path.ts';
import type { Deployed } from '../deploy/types.ts';
import { lostInForce, wholeNumber } from '../deploy/way-back.ts';
import { errno } from '../problem.ts';

/** What a rule path is like from here, and what lies in it. Changes nothing. */
export async function directoryFacts(
  rulePath: string,
): Promise<{ readonly facts: DirectoryFacts; readonly deployed: Deployed | undefined }> {
  const found = await inspect(rulePath);
  const problem = 'code' in found ? found : undefined;
  const deployed = 'code' in found ? undefined : found;
  const entry = await stat(rulePath).catch(() => undefined);
  const directory = entry?.isDirectory() === true;
  const [uid, gid] = [process.geteuid?.(), process.getegid?.()];
  return {
    deployed,
    facts: {
      problem,
      us: uid === undefined || gid === undefined ? undefined : { uid, gid },
      owner: entry && { uid: entry.uid, gid: entry.gid, mode: entry.mode },
      access: directory ? await accessTo([rulePath, join(rulePath, STORE)]) : undefined,
      free: directory ? await freeAt(rulePath, uid === 0) : undefined,
      deployed: deployed && (await deployedFacts(deployed)),
    },
  };
}

/** What may be done with directories, those that aren't there left out. */
async function accessTo(paths: readonly string[]): Promise<DirectoryFacts['access']> {
  for (const path of paths) {
    try {
      await access(path, constants.W_OK | constants.X_OK);
    } catch (error) {
      if (errno(error) === 'EROFS') return 'read-only';
      if (errno(error) === 'EACCES' || errno(error) === 'EPERM') return 'denied';
    }
  }
  return 'writable';
}

/** Some space is kept for root alone; some file systems have no table of inodes. */
async function freeAt(path: string, root: boolean): Promise<DirectoryFacts['free']> {
  try {
    const { bsize, bavail, bfree, files, ffree } = await statfs(path);
    return { bytes: (root ? bfree : bavail) * bsize, inodes: files === 0 ? undefined : ffree };
  } catch {
    return undefined;
  }
}

async function deployedFacts(deployed: Deployed): Promise<DeployedFacts> {
  const { rulePath, current, damaged, unfinished } = deployed;
  const holds = await readHolds(rulePath);
  const lost = await lostInForce(deployed);
  // A link is never changed, only replaced: its own times are those of the switch.
  const switched = await lstat(join(rulePath, STORE, CURRENT)).catch(() => undefined);
  return {
    release: current?.id,
    rules: current?.rulesCount ?? 0,
    switchedAt: switched?.ctimeMs,
    damaged,
    unfinished,
    lost,
    whole: lost.length > 0 ? await wholeNumber(deployed) : undefined,
    held: 'code' in holds ? [] : holds.map(({ release, failure }) => ({ release, failed: failure !== undefined })),
  };
}
