import { join } from 'node:path';
import { type Dist, digest, readDist, readOwn } from '../io/dist/dist.ts';
import { countRules, fileStat, groupIdOf } from '../io/dist/plan.ts';
import { serverFolders } from '../io/memory/former.ts';
import { textTable } from '../report/table.ts';
import { plural } from '../report/text.ts';
import { visible } from '../report/visible.ts';
import { type Call, EXIT, type ExitCode, type Io, isProblem, textOption, writeJson } from './context.ts';
import { fail } from './fail.ts';
import { outOf, rootProblem } from './repository.ts';
import { say } from './say.ts';

interface FileRow {
  readonly group_id: string;
  readonly file_name: string;
  readonly rule_count: number;
  readonly size_bytes: number;
  /** RFC 3339, UTC. */
  readonly modified_at: string;
}

/** Lists what is in `dist/`, from there alone; what doesn't fit its manifest is said on standard error. */
export async function files(call: Call, io: Io): Promise<ExitCode> {
  const { globals } = call;
  const missing = await rootProblem(globals.root);
  if (missing) return fail(missing, call, io);
  if (call.options['live'] === true) return (await import('./files/live.ts')).filesLive(call, io);
  const aimed = ['url', 'server'].find((name) => call.options[name] !== undefined);
  if (aimed !== undefined) {
    const message = `--${aimed} names the server that --live asks.`;
    return fail({ code: 'usage', message, help: 'Say --live as well.' }, call, io);
  }
  const out = outOf(call, io);
  const rows: FileRow[] = [];
  const remarks: string[] = [];
  for (const server of ['', ...(await serverFolders(out))]) {
    const dist = await readDist(globals.root, join(out, server), textOption(call, 'out') !== undefined);
    if (isProblem(dist)) return fail(dist, call, io);
    const listed = await listFiles(dist, server === '' ? '' : `${server}/`);
    rows.push(...listed.rows);
    remarks.push(...listed.remarks);
  }
  if (!globals.quiet) for (const remark of remarks) io.stderr.write(`warning: ${visible(remark)}\n`);
  if (globals.format === 'json') {
    writeJson(io, { files: rows, total: rows.length });
    return EXIT.ok;
  }
  if (rows.length === 0) {
    say(`Nothing is compiled in ${visible(out)}: run \`rulewright build\`.`, globals, io);
    return EXIT.ok;
  }
  const cells = rows.map((row) => [
    row.file_name,
    row.group_id,
    String(row.rule_count),
    String(row.size_bytes),
    row.modified_at,
  ]);
  io.stdout.write(textTable(['FILE', 'GROUP', 'RULES', 'BYTES', 'MODIFIED'], cells, new Set([2, 3])));
  const rules = rows.reduce((sum, row) => sum + row.rule_count, 0);
  io.stdout.write(`${plural(rows.length, 'file')}, ${plural(rules, 'rule')}\n`);
  return EXIT.ok;
}

/** What lies in one release's folder; `prefix` stands before the names, for one of several servers. */
async function listFiles(dist: Dist, prefix: string): Promise<{ rows: FileRow[]; remarks: string[] }> {
  const rows: FileRow[] = [];
  const remarks: string[] = [];
  for (const fileName of dist.owned) {
    const path = join(dist.out, 'rules', fileName);
    const entry = await fileStat(path);
    const bytes = await readOwn(path);
    if (!entry || !bytes) {
      remarks.push(`${prefix}rules/${fileName} is no regular file; the next build puts one in its place`);
      continue;
    }
    const row = dist.rows.get(fileName);
    const asBuilt = row !== undefined && row.sha256 === digest([bytes]).sha256;
    if (!row) remarks.push(`${prefix}rules/${fileName} is not in the manifest`);
    else if (!asBuilt) {
      remarks.push(`${prefix}rules/${fileName} was changed since it was compiled; the next build undoes that`);
    }
    rows.push({
      group_id: groupIdOf(dist, fileName),
      file_name: prefix + fileName,
      rule_count: asBuilt ? row.rule_count : countRules(bytes.toString('utf8')),
      size_bytes: entry.size,
      modified_at: entry.modified.toISOString(),
    });
  }
  const owned = new Set(dist.owned);
  for (const name of dist.rows.keys())
    if (!owned.has(name)) remarks.push(`${prefix}rules/${name} is in the manifest, but missing`);
  return { rows, remarks };
}
