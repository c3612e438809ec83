import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { jsonSchemas } from '../core/parse/schema/json-schema.ts';
import { readOwn } from '../io/dist/dist.ts';
import { fsProblem } from '../io/problem.ts';
import { plural } from '../report/text.ts';
import { type Call, EXIT, type ExitCode, type Io, textOption, writeJson } from './context.ts';
import { fail } from './fail.ts';
import { say } from './say.ts';

/** Writes the JSON Schemas, or with `--check` tells whether those on disk are up to date. */
export async function schema(call: Call, io: Io): Promise<ExitCode> {
  const { globals } = call;
  const out = textOption(call, 'out');
  const directory = out === undefined ? join(globals.root, 'schema') : resolve(io.cwd, out);
  const checking = call.options['check'] === true;
  const stale: string[] = [];
  let at = directory;
  try {
    for (const [name, text] of schemaTexts()) {
      at = join(directory, name);
      if ((await readOwn(at))?.toString('utf8') === text) continue;
      stale.push(name);
      if (checking) continue;
      await mkdir(directory, { recursive: true });
      await writeFile(at, text);
    }
  } catch (error) {
    return fail(fsProblem(error, checking ? 'cannot read' : 'cannot write', at), call, io);
  }
  const ok = !checking || stale.length === 0;
  if (globals.format === 'json') {
    const files = schemaTexts().map(([name]) => name);
    writeJson(io, { ok, files, stale: checking ? stale : [], errors: [] });
  } else if (!ok) io.stderr.write(`Out of date: ${stale.join(', ')}. Run \`rulewright schema\`.\n`);
  else if (stale.length === 0) say('The schemas are up to date.', globals, io);
  else say(`Wrote ${plural(stale.length, 'schema')} to ${directory}.`, globals, io);
  return ok ? EXIT.ok : EXIT.failed;
}

/** Each schema's file name and text, by name. */
export function schemaTexts(): readonly (readonly [name: string, text: string])[] {
  return Object.entries(jsonSchemas())
    .map(([name, value]) => [name, `${JSON.stringify(value, null, 2)}\n`] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
