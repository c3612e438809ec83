import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SettingsFacts } from '../../core/doctor/facts.ts';
import { positionAt, type Span } from '../../core/ground/source.ts';
import { parseYaml } from '../../core/parse/yaml/yaml.ts';

/** Where in `rulewright.yaml` the settings of `prometheus:` stand, so that a remedy can name the line. */
export async function settingsFacts(root: string): Promise<SettingsFacts> {
  const path = join(root, 'rulewright.yaml');
  const text = await readFile(path, 'utf8').catch(() => '');
  const top = parseYaml({ path, text }).documents[0]?.root;
  const prometheus = top?.kind === 'map' ? top.entries.get('prometheus') : undefined;
  const block = prometheus?.value.kind === 'map' ? prometheus.value : undefined;
  const lineOf = ({ file, start }: Span): number => positionAt(file, start).line;
  const keys = [...(block?.entries.values() ?? [])].map(({ key, keySpan, value }) => {
    // An alias has its value elsewhere.
    const end = Math.max(keySpan.end, value.span.start >= keySpan.end ? value.span.end : 0);
    const written = text.slice(keySpan.start, end).trimEnd();
    const line = lineOf(keySpan);
    const lastLine = line + written.split('\n').length - 1;
    return [key, { line, lastLine, text: lastLine === line ? written : undefined }] as const;
  });
  const inline = block !== undefined && text.startsWith('{', block.span.start);
  return { path, prometheus: prometheus && { line: lineOf(prometheus.keySpan), inline }, keys: new Map(keys) };
}
