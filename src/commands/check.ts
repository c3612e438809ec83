import { staleFiles } from '../io/plan.ts';
import { diagnosticsJson } from '../report/json.ts';
import { plural } from '../report/text.ts';
import { visible } from '../report/visible.ts';
import { type Call, EXIT, type ExitCode, type Io, isProblem, writeJson } from './context.ts';
import { fail } from './fail.ts';
import { prepare } from './prepare.ts';
import { say, sayDiagnostics } from './say.ts';

/** Checks the sources and, without `--sources`, that `dist/` is what they compile to. Writes nothing. */
export async function check(call: Call, io: Io): Promise<ExitCode> {
  const { globals } = call;
  const prepared = await prepare(call, io);
  if (isProblem(prepared)) return fail(prepared, 'check', globals, io);
  const { diagnostics, refused, release, validatedBy } = prepared;
  const stale = release && call.options['sources'] !== true ? staleFiles(release.plan) : [];
  const ok = !refused && stale.length === 0;

  if (globals.format === 'json') {
    const errors = diagnosticsJson(diagnostics, 'error');
    const warnings = diagnosticsJson(diagnostics, 'warning');
    writeJson(io, { ok, errors, warnings, stale, validated_by: validatedBy });
    return ok ? EXIT.ok : EXIT.failed;
  }
  sayDiagnostics(diagnostics, globals, io);
  if (stale.length > 0) {
    const list = stale.map((name) => `  ${visible(name)}`).join('\n');
    io.stderr.write(`${plural(stale.length, 'file')} of dist/ not as the sources compile:\n${list}\n`);
    io.stderr.write('Run `rulewright build` and commit what it writes.\n');
  }
  if (ok) {
    const rules = prepared.compiled.ruleSet?.files.reduce((sum, file) => sum + file.ruleCount, 0) ?? 0;
    const dist = call.options['sources'] === true ? '' : ', dist/ is up to date';
    say(`All is well: ${plural(rules, 'rule')}${dist} (${validatedBy})`, globals, io);
  }
  return ok ? EXIT.ok : EXIT.failed;
}
