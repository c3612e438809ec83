import { lstatSync, readFileSync } from 'node:fs';
import { environmentProblem, errno, errnoText, type Problem } from '../problem.ts';
import { sha256Of } from './release.ts';
import { storedAsRelease } from './rule-path.ts';
import { ruleProblem } from './say.ts';
import { keptIn, readStore } from './store.ts';
import type { Deployed, Release } from './types.ts';

/** A kept release, every hash checked; `n` = 1 is the newest of `deployed.kept`, the one before the current. */
export async function keptRelease(deployed: Deployed, n: number): Promise<Release | Problem> {
  try {
    const kept = keptIn(readStore(deployed.rulePath));
    const found = kept[n - 1];
    if (!found) {
      const message =
        kept.length === 0
          ? `No release but the present one is kept in ${deployed.rulePath}, so there is none to go back to.`
          : `Only ${kept.length} older ${kept.length === 1 ? 'release is' : 'releases are'} kept in ${deployed.rulePath}; there is no number ${n}.`;
      const help = 'Check out the commit that you want back, and `rulewright deploy` that.';
      return environmentProblem(message, help);
    }
    const release = storedAsRelease(found.path, found.content);
    const wrong = release.files.flatMap((file) => {
      const complaint = judge(file.path, file.sha256);
      return complaint === undefined ? [] : [`\n  ${file.fileName}: ${complaint}`];
    });
    if (wrong.length === 0) return release;
    const help = 'It can’t be trusted any more. Check out the commit that you want back, and `rulewright deploy` that.';
    return environmentProblem(`The kept release ${release.id} is damaged:${wrong.slice(0, 20).join('')}`, help);
  } catch (error) {
    return ruleProblem(error, 'cannot read', deployed.rulePath);
  }
}

function judge(path: string, sha256: string): string | undefined {
  try {
    if (!lstatSync(path).isFile()) return 'is no regular file';
    return sha256Of(readFileSync(path)) === sha256 ? undefined : 'was changed since it was deployed';
  } catch (error) {
    return errno(error) === 'ENOENT' ? 'is missing' : `cannot be read: ${errnoText(error)}`;
  }
}
