import type { Compiled } from '../../src/core/compile.ts';
import { compile } from '../../src/core/compile.ts';
import { hasErrors } from '../../src/core/diagnostic.ts';
import { loadSources } from '../../src/io/load.ts';
import { renderFile } from '../../src/outputs/prometheus.ts';
import { renderDiagnostics } from '../../src/report/text.ts';

/** What a repository compiles to. */
export interface CompiledFolder extends Compiled {
  /** The texts of `dist/rules/`, by file name; none where there are errors, for then nothing is written. */
  readonly files: ReadonlyMap<string, string>;
  /** The diagnostics as people read them, without colours; '' where there are none. */
  readonly text: string;
}

/** Tests live on one day, so that an `until` has passed or not for ever. */
export const TODAY = '2026-11-22';

/** Loads and compiles the repository in a folder, as `build` does, and writes nothing. */
export async function compileFolder(root: string): Promise<CompiledFolder> {
  const compiled = compile(await loadSources(root), { today: TODAY });
  const ruleFiles = hasErrors(compiled.diagnostics) ? [] : (compiled.ruleSet?.files ?? []);
  const text = renderDiagnostics(compiled.diagnostics, { color: false });
  return {
    ...compiled,
    files: new Map(ruleFiles.map((file) => [file.fileName, renderFile(file)])),
    text: text === '' || text.endsWith('\n') ? text : `${text}\n`,
  };
}
