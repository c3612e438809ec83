import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileAll } from '../../src/core/compile.ts';
import { repositories } from './generate.ts';
import { judge, OPTIONS, show } from './judge.ts';
import type { GroupModel, LabelSet, Matcher, Repository } from './model.ts';
import { matchesAll } from './model.ts';
import { filesOf, sourcesOf } from './write.ts';

/**
 * Random repositories on servers with the external label `site`: what each gets means what a repository means that
 * somebody wrote for that site alone, without a word of it. `JUDGE_SERVERS=2000` judges that many.
 */

const CASES = Number(process.env.JUDGE_SERVERS ?? 40);
const SEED = Number(process.env.JUDGE_SEED ?? 20_261_122);
const SITES = ['a', 'b', 'zz'];

it(`${CASES} random repositories on ${SITES.length} servers (seed ${SEED})`, { timeout: 60_000 + CASES * 600 }, () => {
  const all = chosen(fc.sample(repositories, { seed: SEED, numRuns: CASES * 8 }));
  let [judged, decided] = [0, 0];
  for (const [index, generated] of all.entries()) {
    const repository = withSites(withoutAuthors(generated));
    if (repository.groups.some(asks)) decided++;
    for (const site of SITES) {
      const own = onSite(repository, site);
      // Without any target of its own a server leaves regions out, where a repository without an inventory is refused.
      if (!own || own.inventory.length === 0) continue;
      const [compiled] = compileAll(sourcesOf(withServer(filesOf(repository), site)), OPTIONS);
      // What contradicts itself is refused whatever the server decides.
      if (compiled.diagnostics.some((d) => d.code === 'empty-region')) continue;
      judged++;
      const { disagreements } = judge(own, () => compiled);
      if (disagreements.length === 0) continue;
      const said = [`JUDGE_SEED=${SEED}, repository ${index}, site ${site}:`, ...disagreements.slice(0, 5)];
      expect.fail(`${said.join('\n')}\n\n${show(repository)}`);
    }
  }
  console.log(`${judged} servers judged, ${decided} repositories ask for the label`);
  // The property says something only where many are judged and ask for the label.
  expect(judged).toBeGreaterThan(CASES / 2);
  expect(decided).toBeGreaterThan(CASES / 3);
});

/** Cases are rare, so that those that have any come on top. */
function chosen(all: readonly Repository[]): Repository[] {
  const some = all.filter(({ groups }) => groups.some(({ says }) => says.some(({ cases }) => cases.length > 0)));
  return [...some, ...all.filter((repository) => !some.includes(repository)).slice(0, CASES - some.length)];
}

const ofSite = ({ label }: Matcher): boolean => label === 'site';
const asks = (group: GroupModel): boolean => group.match.some(ofSite);

/** Authors don't ask for the label, for on such a server they would find nothing. */
function withoutAuthors(repository: Repository): Repository {
  const rules = repository.rules.map((rule) => ({ ...rule, author: rule.author.filter((m) => !ofSite(m)) }));
  return { ...repository, rules };
}

/** Every second case asks for a site as well; the generator's own ask for labels of the series alone. */
function withSites(repository: Repository): Repository {
  let count = 0;
  const groups = repository.groups.map((group) => ({
    ...group,
    says: group.says.map((say) => ({
      ...say,
      cases: say.cases.map((c) =>
        ++count % 2 === 0 ? { ...c, match: [...c.match, { label: 'site', op: '=' as const, value: 'a' }] } : c,
      ),
    })),
  }));
  return { ...repository, groups };
}

function withServer(files: ReadonlyMap<string, string>, site: string): Map<string, string> {
  const server = JSON.stringify([{ name: `site-${site}`, labels: { site } }]);
  return new Map(
    [...files].map(([path, text]) =>
      path === 'rulewright.yaml'
        ? [path, text.replace('prometheus:\n', `prometheus:\n  servers: ${server}\n`)]
        : [path, text],
    ),
  );
}

/** The repository as one would write it for a site alone; undefined where a group's id is all that is left of its say. */
function onSite(repository: Repository, site: string): Repository | undefined {
  const labels: LabelSet = { site };
  const holds = (match: readonly Matcher[]): boolean => matchesAll(labels, match.filter(ofSite));
  const without = (match: readonly Matcher[]): Matcher[] => match.filter((m) => !ofSite(m));
  const there = new Set<string>();
  const groups = repository.groups.flatMap((group): GroupModel[] => {
    // Parents come before their children, so that what is gone takes along what is below it.
    if (!holds(group.match) || (group.parent !== undefined && group.parent !== 'default' && !there.has(group.parent))) {
      return [];
    }
    there.add(group.id);
    const says = group.says.map((say) => ({
      ...say,
      cases: say.cases.filter((c) => holds(c.match)).map((c) => ({ ...c, match: without(c.match) })),
    }));
    return [{ ...group, match: without(group.match), says }];
  });
  const kept = (ids: readonly string[]): string[] => ids.filter((id) => id === 'default' || there.has(id));
  const rules = repository.rules.map((rule) => ({
    ...rule,
    except: kept(rule.except),
    ...(rule.only && { only: kept(rule.only) }),
  }));
  const inventory = repository.inventory
    .filter((target) => !target['site'] || target['site'] === site)
    .map((target) => ({ ...target, site: '' }));
  return { ...repository, groups, rules, inventory };
}
