import { join, relative, resolve } from 'node:path';
import type { CallFacts, DistFacts, DoctorFacts, PromtoolFacts, SourcesFacts } from '../core/doctor/facts.ts';
import { diagnose } from '../core/doctor/table.ts';
import { lineRef } from '../core/ground/source.ts';
import type { Config, ServerConfig } from '../core/model/config.ts';
import { readRelease } from '../io/deploy/release.ts';
import type { Release } from '../io/deploy/types.ts';
import { directoryFacts } from '../io/doctor/directory.ts';
import { liveFacts, unaskedFacts } from '../io/doctor/live.ts';
import type { Problem } from '../io/problem.ts';
import { findPromtool, type Promtool, withFeatures } from '../io/promtool/promtool.ts';
import { reloadCauses } from '../io/server/causes.ts';
import { type Server, shownUrl } from '../io/server/http.ts';
import { style } from '../report/color.ts';
import { type DoctorReport, doctorJson, doctorText } from '../report/doctor.ts';
import { type Prepared, prepare, staleOf } from './build/prepare.ts';
import { type Call, directoryOf, EXIT, type ExitCode, type Io, isProblem, useColor, writeJson } from './context.ts';
import { settingsFacts } from './doctor/settings.ts';
import { outOf, prefixOf } from './repository.ts';
import { eachServer } from './servers/each.ts';

/** Finds out why rules are not where they should be, from the sources to each server's memory. Changes nothing. */
export async function doctor(call: Call, io: Io): Promise<ExitCode> {
  const { globals } = call;
  let compiled: Promise<Prepared | Problem> | undefined;
  const examine = async (config: ServerConfig, settings: Config | undefined, server: Server | Problem) => {
    compiled ??= prepare({ ...call, globals: { ...globals, strict: false, quiet: true } }, io);
    return reportOf(config, settings, server, await compiled, call, io);
  };
  const pending: { config: ServerConfig; problem: Problem }[] = [];
  const done = await eachServer<DoctorReport | undefined>(
    call,
    io,
    ({ config, settings, server }) => examine(config, settings, server),
    (config, problem) => {
      pending.push({ config, problem });
      return undefined;
    },
  );
  if ('exit' in done) return done.exit;
  const reports: DoctorReport[] = [];
  for (const answer of done.answers) {
    const next = answer ?? pending.shift();
    if (!next) continue;
    reports.push('findings' in next ? next : await examine(next.config, undefined, next.problem));
  }
  const wrong = reports.some(({ findings }) => findings.some((f) => f.severity === 'error' || globals.strict));
  if (globals.format === 'json') writeJson(io, doctorJson(reports, !wrong));
  else {
    const styles = style(useColor(globals, io, io.stdout));
    const width = Math.max(60, Math.min(120, io.stdout.columns ?? 100));
    for (const [i, report] of reports.entries()) {
      if (globals.quiet && report.findings.length === 0) continue;
      io.stdout.write(`${i > 0 ? '\n' : ''}${doctorText(report, width, styles, call.options['verbose'] === true)}`);
    }
  }
  return wrong ? EXIT.failed : EXIT.ok;
}

async function reportOf(
  config: ServerConfig,
  settings: Config | undefined,
  server: Server | Problem,
  compiled: Prepared | Problem,
  call: Call,
  io: Io,
): Promise<DoctorReport> {
  const out = join(outOf(call, io), config.name);
  const release = await readRelease(out);
  // Beside us by its short name, else whole: half a path from somewhere helps nobody.
  const place = resolve(io.cwd) === resolve(call.globals.root) ? relative(io.cwd, out) || '.' : out;
  const whole = isProblem(release) ? undefined : release;
  const { facts: directory, deployed } = await directoryFacts(config.rulePath);
  const prometheus = settings?.prometheus ?? (isProblem(compiled) ? undefined : compiled.compiled[0].config.prometheus);
  const found = await findPromtool(prometheus?.promtoolPath ?? 'promtool', call.globals.root, io.env);
  const promtool = isProblem(found) ? undefined : withFeatures(found, prometheus?.features ?? []);
  const live = isProblem(server)
    ? unaskedFacts(server)
    : await liveFacts(server, {
        rulePath: deployed?.rulePath ?? config.rulePath,
        layout: config.layout,
        release: whole,
        deployed,
        now: () => io.now(),
        causes: (suspects) => reloadCauses(suspects, promtool, io.env),
      });
  const facts: DoctorFacts = {
    server: config.name,
    url: shownUrl(config.url),
    rulePath: config.rulePath,
    reloadEnabled: prometheus?.reloadEnabled ?? true,
    features: prometheus?.features ?? [],
    labels: Object.fromEntries(config.labels),
    now: io.now(),
    sources: isProblem(compiled) ? undefined : sourcesFacts(compiled, config.name),
    dist: distFacts(place, release),
    directory,
    live,
    promtool: promtoolFacts(found, promtool, prometheus?.validateRules ?? 'auto'),
    settings: await settingsFacts(call.globals.root),
    call: callFacts(call, io, promtool),
  };
  return { ...diagnose(facts), server: facts.server, url: facts.url, rulePath: facts.rulePath };
}

function sourcesFacts(prepared: Prepared, name: string): SourcesFacts {
  const errors = prepared.diagnostics.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  const own = prepared.compiled.find(({ server }) => server.name === name);
  const prefix = prefixOf(name);
  const mine = prepared.releases.filter((one) => one.prefix === prefix);
  return {
    errors: errors.length,
    first: first && `${lineRef(first.span)}: ${first.message}`,
    stale: prepared.refused ? undefined : staleOf({ releases: mine, former: [] }),
    askedLabels: [...new Set((own?.program.tree.groups ?? []).flatMap(({ box }) => [...box.keys()]))],
  };
}

function distFacts(place: string, release: Release | Problem): DistFacts {
  if (isProblem(release)) return { place, release: undefined, problem: release };
  const bytes = release.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const facts = { id: release.id, files: release.files.length, rules: release.rulesCount, bytes };
  return { place, release: facts, problem: undefined };
}

/** What a command must be given to mean the repository, the server and the promtool of this call. */
function callFacts({ globals, options }: Call, io: Io, promtool: Promtool | undefined): CallFacts {
  const url = options['url'];
  return {
    directory: directoryOf(globals, io),
    url: typeof url === 'string' ? shownUrl(url) : undefined,
    promtool: promtool?.path,
  };
}

function promtoolFacts(
  found: Promtool | Problem,
  promtool: Promtool | undefined,
  wanted: PromtoolFacts['wanted'],
): PromtoolFacts {
  return { version: promtool?.version, problem: isProblem(found) ? found : undefined, wanted };
}
