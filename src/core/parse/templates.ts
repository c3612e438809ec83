import type { Diagnostic } from '../ground/diagnostic.ts';
import type { SourceFile } from '../ground/source.ts';
import type { WrittenTemplate } from '../model/written.ts';
import { RULE_HINTS, readBody } from './body.ts';
import { readShape } from './check.ts';
import type { ParseOptions } from './names.ts';
import { baseName, onlyMapping } from './rules.ts';
import { templateSchema } from './schema/schema-rules.ts';
import { parseYaml } from './yaml/yaml.ts';

/** A YAML file of `templates/`: one rule body, named by its path below the folder. */
export function parseTemplateFile(
  file: SourceFile,
  options: ParseOptions = {},
): { template?: WrittenTemplate; diagnostics: Diagnostic[] } {
  const { documents, diagnostics } = parseYaml(file);
  const top = onlyMapping(documents, file, 'templates', diagnostics);
  if (!top) return { diagnostics };
  const { map, diagnostics: wrong } = readShape(top, templateSchema, { hints: RULE_HINTS });
  diagnostics.push(...wrong);
  const body = readBody(map, options, diagnostics);
  return { template: { name: baseName(file.path, 'templates'), file, body }, diagnostics };
}
