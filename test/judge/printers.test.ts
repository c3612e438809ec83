import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exprMeaning } from '../../src/core/adopt/compare.ts';
import { compareLoaded, type ReadBackGroup, releasedGroups } from '../../src/core/deploy/read-back.ts';
import { serverVersion } from '../../src/core/gates/version-gates.ts';
import { isServerProblem, openServer } from '../../src/io/server/http.ts';
import { loadedRules } from '../../src/io/server/rules.ts';
import { canonical } from '../../src/promql/canonical.ts';
import { check } from '../../src/promql/check.ts';
import { PROMQL_FLAGS, promtoolFlags } from '../../src/promql/features.ts';
import { type Losses, lossesOf } from '../../src/promql/losses.ts';
import { parse } from '../../src/promql/parse.ts';
import { couldTell } from '../../src/promql/printed.ts';
import { goExpressions } from '../promql/go-expressions.ts';
import { random } from '../promql/mutate.ts';
import { verdicts } from '../promql/verdicts.ts';
import { temporaryFolder } from '../support/paths.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { type Age, ALL_AGES, describeEach, tools } from '../support/tools.ts';
import { moduleVersion, TODAY, versionOf } from '../tools/places.mjs';
import { exprMutants } from './expr-mutants.ts';

/**
 * Every expression of the tests of Prometheus' own parser, printer and engine that a server takes, loaded by a server of
 * that version and read back. PRINTERS=all takes all of them; a plain run takes a sample, and what printers are known to lose.
 */
const ALL = process.env.PRINTERS === 'all';
const SAMPLE = 200;

/** What printers lose, found by reading their history; the tests of the older ones have nothing of it. */
const LOST = [
  'increase(errors_total[5m] offset 1m anchored @ 100) > 3',
  'metric smoothed offset 5m + fill_left (1) fill_right (-2) b',
  'disk * ignoring () group_left (team) owner > 0.1',
  'disk > bool ignoring () group_right owner',
  'sum by ("service.name") (a) / on ("service.name") sum by ("service.name") (b) > 0.1',
  'a * on ("x.y", job) group_left ("owner.team", z) b',
  'a unless ignoring ("a-b", "c d", "é") b',
  'a / on ("a)b") b',
  'a / on ("a, b") b',
  '{__name__="", job="x"}',
  'up > 1s1ms',
  'up > 1s3ms',
];

/** A rule group for each expression, so that one that is not equal says so alone. */
function ruleFile(exprs: readonly string[]): string {
  const groups = exprs.map((expr, i) => ({ name: `g${i}`, rules: [{ record: 'r', expr }] }));
  // JSON is YAML.
  return JSON.stringify({ groups });
}

describeEach(
  'what a server prints of a rule is known to be that rule',
  'prometheus',
  (program, age: Age) => {
    const version = versionOf(program) ?? TODAY;
    const known = serverVersion(version);
    const losses: Losses = lossesOf(known);

    test(`of ${moduleVersion(version)}`, { timeout: 300_000 }, async (context) => {
      const promtool = tools.promtool[age];
      const exprs = goExpressions(version);
      if (promtool === undefined) return context.skip('skipped: no promtool of that age');
      if (!exprs) return context.skip(`skipped: no Go, or not its module of Prometheus ${version}`);
      const folder = temporaryFolder();
      // What a server doesn't know it warns of and passes over.
      const features = known ? promtoolFlags(PROMQL_FLAGS, known) : [];
      const next = random(1);
      const picked = ALL ? exprs : exprs.filter(() => next() < SAMPLE / exprs.length);
      const wanted = [...new Set([...LOST, ...picked])];
      const accepted = verdicts(promtool, folder, wanted, features);
      // What this version takes by mistake, and newer ones refuse, can't be compiled.
      const taken = wanted.filter(
        (text, i) =>
          accepted[i] &&
          check(text, { min: known ?? [2, 42] }).problems.every(
            ({ kind, message }) => kind !== 'version' || !message.includes('is refused since'),
          ),
      );
      const file = join(folder, 'rules.yml');
      const text = ruleFile(taken);
      writeFileSync(file, text);
      const flags = features.map((feature) => `--enable-feature=${feature}`);
      const server = await startPrometheus({ program, ruleFiles: [file], interval: '1h', flags });
      try {
        const connection = openServer(server.url, { timeoutMs: 60_000 });
        const loaded = await loadedRules(connection);
        await connection.close();
        if (isServerProblem(loaded)) throw new Error(loaded.message);
        const { groups, unreadable } = releasedGroups([{ fileName: 'rules.yml', text }]);
        expect(unreadable).toEqual([]);
        const options = { isOurs: () => true, losses, evaluationInterval: 3600 };
        const found = compareLoaded(groups, loaded, options);
        expect(found.map(({ wanted: w, found: f, what }) => ({ what, w, f }))).toEqual([]);

        const told = new Map(loaded.map((group) => [group.name, group]));
        let mutants = 0;
        let beyond = 0;
        const missed: string[] = [];
        for (const [i, expr] of taken.entries()) {
          const own = told.get(`g${i}`);
          for (const mutant of exprMutants(expr)) {
            const [group] = releasedGroups([{ fileName: 'rules.yml', text: ruleFile([mutant]) }]).groups as [
              ReadBackGroup,
            ];
            mutants++;
            if (own && compareLoaded([{ ...group, name: `g${i}` }], [own], options).length > 0) continue;
            // Two expressions that this server prints as one text can't be told apart by anybody.
            if (printsAlike(expr, mutant, losses)) beyond++;
            else missed.push(`${expr}  was taken for  ${mutant}`);
          }
        }
        expect(missed).toEqual([]);
        expect(mutants).toBeGreaterThan(taken.length);
        console.info(
          `printers ${version}: ${taken.length} of ${wanted.length} texts are rules there, all read back; ${mutants} mutants, ${mutants - beyond} seen, ${beyond} are the same number or are printed as the rule is`,
        );
      } finally {
        await server.stop();
      }
    });
  },
  ALL_AGES,
);

function printsAlike(a: string, b: string, losses: Losses): boolean {
  if (exprMeaning(a, 'exact') === exprMeaning(b, 'exact')) return true;
  const { expr } = parse(b);
  return expr !== undefined && couldTell(a, canonical(expr, losses), losses);
}
