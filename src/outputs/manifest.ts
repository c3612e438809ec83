/** What a release consists of: a file below `dist/`, and what it must be once it has arrived. */
export interface ManifestEntry {
  /** Below `dist/`, with `/`. */
  readonly file: string;
  readonly group_id: string;
  readonly rule_count: number;
  readonly size_bytes: number;
  /** Of the file's bytes, lower-case hexadecimal. */
  readonly sha256: string;
}

/**
 * The text of `dist/manifest.json`: one line a file, sorted by path, so that a change shows as the lines it is.
 * That of one of several servers says which.
 */
export function manifest(entries: readonly ManifestEntry[], server = ''): string {
  const sorted = [...entries].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
  const lines = sorted.map(({ file, group_id, rule_count, size_bytes, sha256 }) =>
    JSON.stringify({ file, group_id, rule_count, size_bytes, sha256 }),
  );
  const files = lines.length === 0 ? '[]' : `[\n    ${lines.join(',\n    ')}\n  ]`;
  const whose = server === '' ? '' : `  "server": ${JSON.stringify(server)},\n`;
  return `{\n  "version": 1,\n${whose}  "files": ${files}\n}\n`;
}
