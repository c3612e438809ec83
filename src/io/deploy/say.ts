import { accessSync, constants, lstatSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { environmentProblem, errno, errnoText, fsProblem, type Problem } from '../problem.ts';
import { oneLine, STORE } from './names.ts';
import { knownPath } from './owner.ts';

/** A failed operation in a rule path as a problem, with what whoever is on call can do about it. `place`: where, if not as the error says. */
export function ruleProblem(error: unknown, doing: string, rulePath: string, place?: string): Problem {
  const code = errno(error);
  const at = knownPath(place ?? placeOf(error) ?? rulePath, rulePath);
  const message = `${doing} ${oneLine(at)}: ${knownPath(errnoText(error), rulePath)}`;
  if (code === 'EACCES' || code === 'EPERM') return environmentProblem(message, permissionHelp(rulePath));
  if (code === 'EROFS') {
    const help = `The volume of ${oneLine(rulePath)} is mounted read-only here. Deploy needs it writable (\`mount -o remount,rw …\`, or \`readOnly: false\`); the server alone may have it read-only.`;
    return environmentProblem(message, help);
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const help = `Free space on the volume of ${oneLine(rulePath)}: \`df -h\` shows bytes, \`df -i\` shows inodes, and either may have run out. Then run it again.`;
    return environmentProblem(message, help);
  }
  if (code === 'EEXIST' && at.endsWith(STORE)) {
    return environmentProblem(
      `${oneLine(at)} is in the way: it is no directory.`,
      'It is where deployed releases are kept. Move it away.',
    );
  }
  return fsProblem(error, doing, oneLine(at));
}

/** Why nothing can be written where a deploy would have to: asked of the file system, without writing anything. */
export function writeProblem(rulePath: string): Problem | undefined {
  const store = join(rulePath, STORE);
  try {
    accessSync(isDirectory(store) ? store : rulePath, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return ruleProblem(error, 'cannot write to', rulePath, rulePath);
  }
}

/** Why a rule path can't be looked into, or undefined where it can. */
export function rulePathProblem(rulePath: string): Problem | undefined {
  const shown = oneLine(rulePath);
  try {
    if (statSync(rulePath).isDirectory()) return undefined;
    const help = 'Set `prometheus.rule_path` or PROMETHEUS_RULE_PATH to the directory that holds the rule files.';
    return environmentProblem(`The rule path ${shown} is a file; a directory belongs there.`, help);
  } catch (error) {
    if (errno(error) !== 'ENOENT') return ruleProblem(error, 'cannot look into', rulePath);
  }
  if (isLink(rulePath)) {
    const help = 'Mend the link, or set PROMETHEUS_RULE_PATH to where the rules belong.';
    return environmentProblem(`The rule path ${shown} is a symbolic link that leads nowhere.`, help);
  }
  const above = nearest(rulePath);
  const missing = above === dirname(rulePath) ? '' : ` (of its path, only ${oneLine(above)} is there)`;
  return environmentProblem(
    `The rule path ${shown} does not exist${missing}.`,
    `It is not made unasked: a typing error, or a volume that isn't mounted, would look like a success. ` +
      `If it is right, let whoever runs Prometheus create it, for the user that deploys to write and the server's user to read: ` +
      `\`install -d -m 0755 -o ${process.geteuid?.() ?? 'USER'} ${shown}\`; and the server's \`rule_files\` must cover it. ` +
      `If it is wrong, set \`prometheus.rule_path\` or PROMETHEUS_RULE_PATH.`,
  );
}

/** Who we are, whose the directory is, and what would help. */
function permissionHelp(rulePath: string): string {
  const asOwner = rootsHelp(rulePath);
  if (asOwner !== undefined) return asOwner;
  const us = `You are uid ${process.geteuid?.()}, gid ${process.getegid?.()}`;
  for (const path of [join(rulePath, STORE), rulePath]) {
    try {
      const { uid, gid, mode } = statSync(path);
      const bits = (mode & 0o7777).toString(8).padStart(4, '0');
      const own = `chown ${process.geteuid?.()} ${oneLine(rulePath)}`;
      const ownStore = path === rulePath ? '' : ` && chown -R ${process.geteuid?.()} ${oneLine(path)}`;
      return (
        `${us}; ${oneLine(path)} belongs to uid ${uid}, gid ${gid}, mode ${bits}. ` +
        `Run it as uid ${uid}, or let that user make the directory yours: \`${own}${ownStore}\`; ` +
        `in Kubernetes set \`securityContext.fsGroup\` to a group that may write there.`
      );
    } catch {
      // That one can't even be looked at; the next is above it.
    }
  }
  return `${us}. Run it as a user that may write there.`;
}

/** Root works in a folder of another as that one, see `onGround`; so it is that one's rights that are wanting. */
function rootsHelp(rulePath: string): string | undefined {
  const owner = process.getuid?.() === 0 ? ownerForRoot(rulePath) : undefined;
  if (!owner || owner.uid === 0) return undefined;
  const shown = oneLine(rulePath);
  return (
    `You are root, and root works in ${shown} as its owner, uid ${owner.uid}, whose links could lead it anywhere else. ` +
    `Let that user write there: \`chmod u+rwx ${shown}\`; and what lies there already: \`chown -R ${owner.uid}:${owner.gid} ${join(shown, STORE)}\`. ` +
    `In a container root needs the capabilities SETUID and SETGID for it, or run it as uid ${owner.uid}.`
  );
}

function ownerForRoot(rulePath: string): { readonly uid: number; readonly gid: number } | undefined {
  // Where it failed in the middle of such work, we are still the owner.
  const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
  if (uid !== 0) return { uid, gid };
  try {
    return statSync(rulePath);
  } catch {
    return undefined;
  }
}

function placeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('dest' in error && typeof error.dest === 'string') return error.dest;
  return 'path' in error && typeof error.path === 'string' ? error.path : undefined;
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

function isDirectory(path: string): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** The nearest directory above that exists. */
function nearest(path: string): string {
  for (let above = dirname(path); ; above = dirname(above)) {
    try {
      statSync(above);
      return above;
    } catch {
      if (above === dirname(above)) return above;
    }
  }
}
