import { hasErrors, sortDiagnostics } from '../core/diagnostic.ts';
import { staleFiles } from '../io/plan.ts';
import type { Problem } from '../io/problem.ts';
import { diagnosticsJson } from '../report/json.ts';
import { plural } from '../report/text.ts';
import { visible } from '../report/visible.ts';
import { type Call, EXIT, type ExitCode, type Io, isProblem, textOption, writeJson } from './context.ts';
import { fail } from './fail.ts';
import { sayUnasked } from './inventory-metrics.ts';
import { judgeLive, type Live } from './live.ts';
import { failed, type Prepared, prepare } from './prepare.ts';
import { say, sayDiagnostics } from './say.ts';
import { serverOf } from './server.ts';

/** Checks the sources and, without `--sources`, that `dist/` is what they compile to. Writes nothing. */
export async function check(call: Call, io: Io): Promise<ExitCode> {
  const { globals } = call;
  const prepared = await prepare(call, io);
  if (isProblem(prepared)) return fail(prepared, 'check', globals, io);
  const { release, validatedBy } = prepared;
  const live = await askServer(prepared, call, io);
  if (live && isProblem(live)) return fail(live, 'check', globals, io);
  const diagnostics = live ? sortDiagnostics([...prepared.diagnostics, ...live.diagnostics]) : prepared.diagnostics;
  const refused = prepared.refused || failed(live?.diagnostics ?? [], globals);
  const stale = release && call.options['sources'] !== true ? staleFiles(release.plan) : [];
  const ok = !refused && stale.length === 0;

  if (globals.format === 'json') {
    const errors = diagnosticsJson(diagnostics, 'error');
    const warnings = diagnosticsJson(diagnostics, 'warning');
    writeJson(io, {
      ok,
      errors,
      warnings,
      stale,
      validated_by: validatedBy,
      ...(call.options['live'] === true && {
        notes: diagnosticsJson(diagnostics, 'note'),
        live: live ? liveJson(live) : null,
      }),
    });
    return ok ? EXIT.ok : EXIT.failed;
  }
  sayDiagnostics(diagnostics, globals, io);
  if (live) sayUnasked(live.unanswered, live.skipped, call, io);
  if (stale.length > 0) {
    const list = stale.map((name) => `  ${visible(name)}`).join('\n');
    io.stderr.write(`${plural(stale.length, 'file')} of dist/ not as the sources compile:\n${list}\n`);
    io.stderr.write('Run `rulewright build` and commit what it writes.\n');
  }
  if (ok) {
    const rules = prepared.compiled.ruleSet?.files.reduce((sum, file) => sum + file.ruleCount, 0) ?? 0;
    const dist = call.options['sources'] === true ? '' : ', dist/ is up to date';
    const asked = live ? `, ${plural(live.metrics, 'metric')} on ${visible(live.url)}` : '';
    say(`All is well: ${plural(rules, 'rule')}${dist}${asked} (${validatedBy})`, globals, io);
  }
  return ok ? EXIT.ok : EXIT.failed;
}

/** With `--live`: what the server says. Rules that don't compile ask for nothing yet, so sources with errors come first. */
async function askServer(prepared: Prepared, call: Call, io: Io): Promise<Live | Problem | undefined> {
  if (call.options['live'] !== true) {
    if (textOption(call, 'url') === undefined) return undefined;
    return { code: 'usage', message: '--url names the server that --live asks.', help: 'Say --live as well.' };
  }
  const { compiled, diagnostics } = prepared;
  if (hasErrors(diagnostics)) return undefined;
  const server = serverOf(call, compiled.config);
  if (isProblem(server)) return server;
  return judgeLive(compiled.program, server, new Date(io.now()).toISOString().slice(0, 10));
}

function liveJson({ url, metrics, unanswered, skipped }: Live): object {
  return { url, metrics_count: metrics, unanswered, skipped };
}
