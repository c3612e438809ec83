import { type Diagnostic, hasErrors, sortDiagnostics } from '../core/ground/diagnostic.ts';
import type { ServerConfig } from '../core/model/config.ts';
import type { Problem } from '../io/problem.ts';
import { diagnosticsJson } from '../report/json.ts';
import { plural } from '../report/text.ts';
import { visible } from '../report/visible.ts';
import { type Prepared, prepare, staleOf } from './build/prepare.ts';
import { openMemory } from './build/recall.ts';
import { openTimings, type Timings } from './build/timings.ts';
import type { Live } from './check/live.ts';
import { type Call, EXIT, type ExitCode, type Io, isProblem, textOption, writeJson } from './context.ts';
import { fail } from './fail.ts';
import { failed, loadRepository, refusedExit } from './repository.ts';
import { say, sayDiagnostics } from './say.ts';
import { chosenServers, settingsOf } from './servers/chosen.ts';

/** What was found, whether it was worked out now or by an earlier run. */
interface Found {
  readonly diagnostics: readonly Diagnostic[];
  readonly refused: boolean;
  readonly stale: readonly string[];
  readonly asked: readonly Asked[];
  readonly rules: number;
  readonly validatedBy: string;
}

/** Checks the sources and, without `--sources`, that `dist/` is what they compile to. Writes nothing. */
export async function check(call: Call, io: Io): Promise<ExitCode> {
  const timings = openTimings(call, io);
  const found = await find(call, io, timings);
  timings.end();
  return isProblem(found) ? fail(found, call, io) : tell(found, call, io);
}

async function find(call: Call, io: Io, timings: Timings): Promise<Found | Problem> {
  const { globals } = call;
  const sources = await loadRepository(globals, io);
  if (isProblem(sources)) return sources;
  timings.mark('recall');
  const memory = await openMemory(call, io, sources, false);
  const plain = ['sources', 'live', 'url', 'server'].every((name) => call.options[name] === undefined);
  const recalled = plain ? await memory.recall() : undefined;
  if (recalled) {
    const rules = rulesIn(recalled.releases.flatMap(({ plan }) => plan.files));
    return { ...recalled, refused: false, stale: [], asked: [], rules };
  }
  const prepared = await prepare(call, io, { ...memory, ...timings, sources });
  if (isProblem(prepared)) return prepared;
  const asked = await askServers(prepared, call, io);
  if (isProblem(asked)) return asked;
  const live = asked.flatMap((one) => one.live.diagnostics);
  const stale = call.options['sources'] === true ? [] : staleOf(prepared);
  if (plain && !prepared.refused && stale.length === 0) await memory.keep(prepared);
  return {
    diagnostics: live.length > 0 ? sortDiagnostics([...prepared.diagnostics, ...live]) : prepared.diagnostics,
    refused: prepared.refused || failed(live, globals),
    stale,
    asked,
    rules: rulesIn(prepared.compiled.flatMap(({ ruleSet }) => ruleSet?.files ?? [])),
    validatedBy: prepared.validatedBy,
  };
}

const rulesIn = (files: readonly { readonly ruleCount: number }[]): number =>
  files.reduce((sum, file) => sum + file.ruleCount, 0);

async function tell(found: Found, call: Call, io: Io): Promise<ExitCode> {
  const { diagnostics, refused, stale, asked, rules, validatedBy } = found;
  const { globals } = call;
  const ok = !refused && stale.length === 0;
  const exit = ok ? EXIT.ok : refused ? refusedExit(diagnostics) : EXIT.failed;
  if (globals.format === 'json') {
    const errors = diagnosticsJson(diagnostics, 'error');
    const warnings = diagnosticsJson(diagnostics, 'warning');
    writeJson(io, {
      ok,
      errors,
      warnings,
      stale,
      validated_by: validatedBy,
      notes: diagnosticsJson(diagnostics, 'note'),
      ...(call.options['live'] === true && { live: liveJson(asked) }),
    });
    return exit;
  }
  sayDiagnostics(diagnostics, globals, io);
  for (const { live } of asked) {
    (await import('./inventory/metrics.ts')).sayUnasked(live.unanswered, live.skipped, call, io);
  }
  if (stale.length > 0) {
    const list = stale.map((name) => `  ${visible(name)}`).join('\n');
    io.stderr.write(`${plural(stale.length, 'file')} of dist/ not as the sources compile:\n${list}\n`);
    io.stderr.write('Run `rulewright build` and commit what it writes.\n');
  }
  if (ok) {
    const dist = call.options['sources'] === true ? '' : ', dist/ is up to date';
    const on = asked.map(({ live }) => `, ${plural(live.metrics, 'metric')} on ${visible(live.url)}`).join('');
    say(`All is well: ${plural(rules, 'rule')}${dist}${on} (${validatedBy})`, globals, io);
  }
  return exit;
}

/** With `--live`: what each server says. Rules that don't compile ask for nothing yet, so sources with errors come first. */
async function askServers(prepared: Prepared, call: Call, io: Io): Promise<readonly Asked[] | Problem> {
  const url = textOption(call, 'url');
  if (call.options['live'] !== true) {
    const said = url !== undefined ? '--url' : call.options['server'] !== undefined ? '--server' : undefined;
    if (said === undefined) return [];
    return { code: 'usage', message: `${said} names the server that --live asks.`, help: 'Say --live as well.' };
  }
  const { compiled, diagnostics } = prepared;
  const chosen = chosenServers(call, compiled[0].config);
  if (isProblem(chosen)) return chosen;
  if (url !== undefined && chosen.length > 1) {
    const message = '--url is the address of one server, but rulewright.yaml lists several.';
    return { code: 'usage', message, help: `Say which one: --server ${chosen[0]?.name ?? 'NAME'}.` };
  }
  if (hasErrors(diagnostics)) return [];
  // What speaks HTTP takes longer to load than most repositories to compile.
  const [{ serverOf }, { judgeLive }] = await Promise.all([import('./servers/connect.ts'), import('./check/live.ts')]);
  const asked: Asked[] = [];
  for (const { config, server, program } of compiled) {
    if (!chosen.includes(server)) continue;
    const there = await serverOf(call, settingsOf(config, server), io.env);
    if (isProblem(there)) return there;
    const live = await judgeLive(program, there, new Date(io.now()).toISOString().slice(0, 10));
    if (isProblem(live)) return live;
    asked.push({ server, live });
  }
  return asked;
}

/** A server, and what it says of the rules. */
interface Asked {
  readonly server: ServerConfig;
  readonly live: Live;
}

/** Of a repository's only server its answer; of several a list, each with its name. */
function liveJson(asked: readonly Asked[]): object | null {
  const rows = asked.map(({ server: { name }, live: { url, metrics, unanswered, skipped } }) => ({
    ...(name !== '' && { server: name }),
    url,
    metrics_count: metrics,
    unanswered,
    skipped,
  }));
  return asked.some(({ server }) => server.name !== '') ? rows : (rows[0] ?? null);
}
