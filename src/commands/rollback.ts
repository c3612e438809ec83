import { readHolds } from '../io/deploy/hold.ts';
import { damagedKept } from '../io/deploy/kept.ts';
import { inspect } from '../io/deploy/rule-path.ts';
import type { Deployed, KeptRelease } from '../io/deploy/types.ts';
import { lostInForce, rolledBack } from '../io/deploy/way-back.ts';
import { textTable } from '../report/table.ts';
import { visible } from '../report/visible.ts';
import { type Call, EXIT, type ExitCode, failureJson, type Io, isProblem, writeJson } from './context.ts';
import { type Prelude, readPrelude } from './deploy/options.ts';
import { runAll } from './deploy.ts';
import { fail } from './fail.ts';

/** Goes back to a kept release, by the same way as a deploy; `--list` shows which there are. */
export async function rollback(call: Call, io: Io): Promise<ExitCode> {
  const { args, options } = call;
  const prelude = await readPrelude(call, io);
  if (isProblem(prelude)) return fail(prelude, call, io);
  if (options['list'] === true) return list(call, prelude, io);
  const [said = '1'] = args;
  const n = Number(said);
  if (!/^[1-9]\d{0,5}$/.test(said)) {
    const message = `rollback takes the number of a kept release, 1 for the one before the current, not ${JSON.stringify(said)}.`;
    return fail({ code: 'usage', message, help: '`rulewright rollback --list` shows them.' }, call, io);
  }
  return runAll(call, io, 'rollback', prelude, async () => ({ kind: 'rollback', n }));
}

async function list(call: Call, { servers }: Prelude, io: Io): Promise<ExitCode> {
  const { globals } = call;
  const found = [];
  const errors = [];
  for (const { name, rulePath } of servers) {
    const deployed = await inspect(rulePath);
    const holds = isProblem(deployed) ? [] : await readHolds(deployed.rulePath);
    const lost = isProblem(deployed) ? [] : await lostInForce(deployed);
    const damaged = isProblem(deployed) ? new Set<string>() : await damagedKept(deployed);
    if (isProblem(deployed)) errors.push({ name, problem: deployed });
    else if (isProblem(holds)) errors.push({ name, problem: holds });
    else if (isProblem(damaged)) errors.push({ name, problem: damaged });
    else
      found.push({
        name,
        rulePath,
        deployed,
        lost: lost.length > 0,
        numbered: numbered(deployed, rolledBack(holds), damaged),
      });
  }
  if (globals.format === 'json') {
    writeJson(io, {
      servers: found.map(
        ({ name, rulePath, deployed: { current, unbelieved, confirmed, deployedAt, damaged }, lost, numbered }) => ({
          name,
          rule_path: rulePath,
          release: current?.id ?? unbelieved ?? null,
          deployed_at: dateOf(deployedAt) ?? null,
          confirmed,
          damaged: damaged.length > 0,
          lost,
          kept: numbered.map(keptJson),
        }),
      ),
      errors: errors.map(({ problem }) => failureJson(problem)),
    });
  } else {
    for (const { name, rulePath, deployed, lost, numbered } of found) {
      if (servers.length > 1) io.stdout.write(`${visible(name)}  ${visible(rulePath)}\n`);
      const { current, deployedAt } = deployed;
      const since = [dateOf(deployedAt) ?? [], remarks(deployed, lost)].flat().join(', ');
      const unbelieved = deployed.unbelieved === undefined ? [] : [['now', deployed.unbelieved, 'damaged', '', '']];
      const now = current ? [['now', current.id, since, ...counts(current)]] : unbelieved;
      const rows = numbered.map(({ n, release, damaged }) => {
        return [
          n === undefined ? 'held' : String(n),
          release.id,
          [dateOf(release.deployedAt) ?? [], damaged ? 'damaged' : []].flat().join(', '),
          String(release.filesCount ?? ''),
          String(release.rulesCount ?? ''),
        ];
      });
      if (now.length + rows.length === 0) io.stdout.write('Nothing was deployed here yet.\n');
      else
        io.stdout.write(textTable(['N', 'RELEASE', 'DEPLOYED', 'FILES', 'RULES'], [...now, ...rows], new Set([3, 4])));
    }
    for (const { problem } of errors) fail(problem, call, io);
  }
  return errors.length > 0 ? EXIT.broken : EXIT.ok;
}

function counts({ files, rulesCount }: { readonly files: readonly unknown[]; readonly rulesCount: number }): string[] {
  return [String(files.length), String(rulesCount)];
}

/** What there is to know of the release in force beside its time. */
function remarks({ confirmed, damaged }: Deployed, lost: boolean): string[] {
  const harm = lost ? ['damaged, and not to be put back'] : damaged.length > 0 ? ['damaged'] : [];
  return [...(confirmed ? [] : ['not confirmed']), ...harm];
}

const dateOf = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');

interface Numbered {
  /** What `rollback N` takes; undefined: it was rolled back, and nobody goes back to it. */
  readonly n: number | undefined;
  readonly release: KeptRelease;
  /** Files of it are lost or changed, and their pristine copies too: nobody can go back to it. */
  readonly damaged: boolean;
}

function numbered({ kept }: Deployed, held: ReadonlySet<string>, lost: ReadonlySet<string>): Numbered[] {
  let last = 0;
  return kept.map((release) => {
    if (!held.has(release.id)) last += 1;
    return { n: held.has(release.id) ? undefined : last, release, damaged: lost.has(release.id) };
  });
}

function keptJson({ n, release, damaged }: Numbered): object {
  return {
    n: n ?? null,
    held: n === undefined,
    damaged,
    release: release.id,
    deployed_at: dateOf(release.deployedAt) ?? null,
    files_count: release.filesCount ?? null,
    rules_count: release.rulesCount ?? null,
  };
}
