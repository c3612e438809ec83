import { expect, it } from 'vitest';
import { check } from '../../src/promql/check.ts';
import { PROMQL_FLAGS, promtoolFlags } from '../../src/promql/features.ts';
import { temporaryFolder } from '../support/paths.ts';
import { ALL_AGES, describeEach } from '../support/tools.ts';
import { moduleVersion, TODAY, versionOf } from '../tools/places.mjs';
import { goExpressions } from './go-expressions.ts';
import { verdicts } from './verdicts.ts';

/**
 * Every text in the tests of Prometheus' own parser and engine, judged by the promtool of that release and by us: what a
 * new release has and we refuse is listed here first. `TODAY=3.17.0 npm run judges` asks another one.
 */

describeEach(
  'the grammar of a release',
  'promtool',
  (promtool) => {
    const version = versionOf(promtool) ?? TODAY;
    it(`is ours: ${moduleVersion(version)}`, { timeout: 120_000 }, (context) => {
      const texts = goExpressions(version);
      if (!texts) return context.skip(`skipped: no Go, or not its module of Prometheus ${version}`);
      const [major = 0, minor = 0] = version.split('.').map(Number);
      const flags = promtoolFlags(PROMQL_FLAGS, [major, minor]);
      const servers = { min: [major, minor], max: [major, minor], features: new Set(flags) } as const;
      const accepted = verdicts(promtool, temporaryFolder(), texts, flags);
      const apart = texts.flatMap((text, i) => {
        const { problems } = check(text, servers);
        if (accepted[i] === (problems.length === 0)) return [];
        return [`${accepted[i] ? `refused (${problems[0]?.message})` : 'falsely accepted'}: ${JSON.stringify(text)}`];
      });
      console.info(`grammar ${version}: ${texts.length} texts, ${texts.length - apart.length} agreed`);
      expect(apart).toEqual([]);
    });
  },
  ALL_AGES,
);
