import type { Compiled } from '../../src/core/compile.ts';
import { compileAll } from '../../src/core/compile.ts';
import { loadSources } from '../../src/io/sources/load.ts';
import { renderFile } from '../../src/outputs/prometheus/prometheus.ts';
import { renderDiagnostics } from '../../src/report/text.ts';

/** What a repository compiles to: where it has several servers the first one's, but for `files`. */
export interface CompiledFolder extends Compiled {
  /** The texts of `dist/rules/`, by file name; none where there are errors. Of several servers each below its name: `seoul/…`. */
  readonly files: ReadonlyMap<string, string>;
  /** The diagnostics as people read them, without colours; '' where there are none. */
  readonly text: string;
}

/** Tests live on one day, so that an `until` has passed or not for ever. */
export const TODAY = '2026-11-22';

/** Loads and compiles the repository in a folder, as `build` does, and writes nothing. */
export async function compileFolder(root: string): Promise<CompiledFolder> {
  const servers = compileAll(await loadSources(root), { today: TODAY });
  const [compiled] = servers;
  const files = servers.flatMap(({ server: { name }, ruleSet }) =>
    (ruleSet?.files ?? []).map((file) => [name === '' ? file.fileName : `${name}/${file.fileName}`, file] as const),
  );
  const text = renderDiagnostics(compiled.diagnostics, { color: false });
  return {
    ...compiled,
    files: new Map(files.map(([name, file]) => [name, renderFile(file)])),
    text: text === '' || text.endsWith('\n') ? text : `${text}\n`,
  };
}
