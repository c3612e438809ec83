import { FEATURES, type Feature, PROMQL_FLAGS } from '../../promql/features.ts';
import { compareVersions, type Version } from '../../promql/version.ts';
import { serverVersion } from '../gates/version-gates.ts';
import { type Check, fine, settingLines, some } from './finding.ts';

/** The settings say that all servers run with feature flags, and this one does not. */
export const featureFlags: Check = {
  code: 'feature-flag-off',
  look(facts) {
    const { features, live } = facts;
    if (!live.features) return undefined;
    const version = serverVersion(live.version);
    const missing = features.filter(
      (flag) => PROMQL_FLAGS.includes(flag) && !live.features?.includes(flag) && !isStable(flag, version),
    );
    if (missing.length === 0) return fine('the server runs with the feature flags that the settings name');
    const left = features.filter((flag) => !missing.includes(flag));
    const are = missing.length === 1 ? 'a feature flag' : 'feature flags';
    return {
      severity: 'error',
      message: `The settings say that all servers run with ${some(missing)}, and this one does not: with one expression that needs ${are} it lacks, it refuses its whole configuration.`,
      help: 'Start it with the flags, or take them out of `prometheus.features` and build again: what needs them is refused then.',
      remedy: [
        `# one: start Prometheus with --enable-feature=${[...live.features, ...missing].join(',')}`,
        '# or the other: set this, and build again',
        ...settingLines(facts, 'features', `[${left.join(', ')}]`),
        'rulewright build',
      ],
    };
  },
};

/** Whether a server has what was behind a flag without it. */
function isStable(flag: string, version: Version | undefined): boolean {
  const since = Object.values<Feature>(FEATURES).find((feature) => feature.flag === flag)?.stableSince;
  return since !== undefined && version !== undefined && compareVersions(version, since) >= 0;
}
