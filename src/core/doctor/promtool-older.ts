import { compareVersions, versionText } from '../../promql/version.ts';
import { serverVersion } from '../gates/version-gates.ts';
import { type Check, fine } from './finding.ts';

/** promtool judges by its own version: an older one refuses what the server takes, and knows less. */
export const promtoolOlder: Check = {
  code: 'promtool-older',
  look({ promtool, live }) {
    const [own, server] = [serverVersion(promtool.version), serverVersion(live.version)];
    if (!own || !server) return undefined;
    if (compareVersions(own, server) >= 0) return fine('promtool is as new as the server');
    return {
      severity: 'warning',
      message: `promtool is ${promtool.version}, older than the server (${live.version}): it refuses fields and functions that the server has, and its verdict on the rest is an older version’s.`,
      help: `Use the one that came with the server, ${versionText(server)} or later.`,
      remedy: ['export PROMTOOL_PATH=/path/to/promtool'],
    };
  },
};
