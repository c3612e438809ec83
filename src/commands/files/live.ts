import { join, posix } from 'node:path';
import { compareLoaded, releasedGroups } from '../../core/deploy/read-back.ts';
import { commandLine } from '../../core/ground/paste.ts';
import type { ServerConfig } from '../../core/model/config.ts';
import { releaseTexts } from '../../io/deploy/loaded.ts';
import { BUNDLE } from '../../io/deploy/names.ts';
import { readRelease } from '../../io/deploy/release.ts';
import type { Problem } from '../../io/problem.ts';
import { shownUrl } from '../../io/server/http.ts';
import type { LoadedGroup } from '../../io/server/types.ts';
import { textTable } from '../../report/table.ts';
import { plural } from '../../report/text.ts';
import { visible } from '../../report/visible.ts';
import { callerOf } from '../caller.ts';
import {
  type Call,
  EXIT,
  type ExitCode,
  type Failure,
  failureJson,
  type Io,
  isProblem,
  writeJson,
} from '../context.ts';
import { fail } from '../fail.ts';
import { outOf } from '../repository.ts';
import { eachServer, type Turn, worstExit } from '../servers/each.ts';
import { serverMemory } from '../servers/memory.ts';

/** A file of `dist/`, or one of ours that the server still has, with what the server holds of it. */
interface LiveRow {
  readonly file_name: string;
  readonly group_id: string | null;
  /** In `dist/`. */
  readonly rule_count: number;
  readonly loaded_rule_count: number;
  /** Loaded rules whose last evaluation failed. */
  readonly in_error: number;
  readonly state: 'same' | 'differs' | 'not-loaded' | 'left-over';
  /** In how many places the two differ. */
  readonly differences: number;
}

interface Answer {
  readonly server: string;
  readonly url: string;
  readonly rows: readonly LiveRow[] | Problem;
}

/** Lists the files of `dist/` with what each server has loaded of them; fails where that is not the same. */
export async function filesLive(call: Call, io: Io): Promise<ExitCode> {
  const { globals } = call;
  const done = await eachServer<Answer>(
    call,
    io,
    async (turn) => ({ server: turn.config.name, url: turn.server.name, rows: await rowsOf(turn, call, io) }),
    ({ name, url }: ServerConfig, rows) => ({ server: name, url: shownUrl(url), rows }),
    { placed: true },
  );
  if ('exit' in done) return done.exit;
  const { answers } = done;
  if (globals.format === 'json') {
    const files = answers.flatMap(({ server, url, rows }) =>
      isProblem(rows) ? [] : rows.map((row) => ({ ...(server !== '' && { server }), url, ...row })),
    );
    const errors = answers.flatMap(({ rows }) => (isProblem(rows) ? [failureJson(rows)] : []));
    writeJson(io, { files, total: files.length, errors });
  } else for (const answer of answers) tell(answer, call, io);
  return worstExit(
    answers.map(({ rows }) => {
      if (isProblem(rows)) return EXIT.broken;
      return rows.every(({ state }) => state === 'same') ? EXIT.ok : EXIT.failed;
    }),
  );
}

async function rowsOf({ config, server }: Turn, call: Call, io: Io): Promise<readonly LiveRow[] | Problem> {
  const release = await readRelease(join(outOf(call, io), config.name));
  if (isProblem(release)) return release;
  const layout = config.layout;
  const memory = await serverMemory(server, { rulePaths: [config.rulePath], release, layout, foreign: [] });
  if (isProblem(memory)) return memory;
  // Where it has a bundle loaded, that is where the rule groups of each file are.
  const bundled = memory.own.some(({ file }) => posix.basename(file) === BUNDLE);
  const texts = await releaseTexts(release, bundled ? 'bundle' : 'files');
  if (isProblem(texts)) return texts;
  const rows: LiveRow[] = [];
  const known = new Set<LoadedGroup>();
  for (const { file, fileName, text } of texts) {
    const { groups } = releasedGroups([{ fileName, text }]);
    const names = new Set(groups.map((group) => group.name));
    const own = memory.own.filter(
      (group) => posix.basename(group.file) === fileName && (!bundled || names.has(group.name)),
    );
    for (const group of own) known.add(group);
    const differences = compareLoaded(groups, own, memory).length;
    const loaded = count(own);
    rows.push({
      file_name: file.fileName,
      group_id: file.groupId,
      rule_count: file.ruleCount,
      ...loaded,
      state: differences === 0 ? 'same' : loaded.loaded_rule_count === 0 ? 'not-loaded' : 'differs',
      differences,
    });
  }
  return [...rows, ...leftOver(memory.own.filter((group) => !known.has(group) && group.rules.length > 0))];
}

/** What the server has of ours and `dist/` has not. */
function leftOver(groups: readonly LoadedGroup[]): LiveRow[] {
  const files = [...new Set(groups.map(({ file }) => posix.basename(file)))].sort();
  return files.map((file_name) => {
    const own = groups.filter(({ file }) => posix.basename(file) === file_name);
    return { file_name, group_id: null, rule_count: 0, ...count(own), state: 'left-over', differences: own.length };
  });
}

function count(groups: readonly LoadedGroup[]): Pick<LiveRow, 'loaded_rule_count' | 'in_error'> {
  const rules = groups.flatMap((group) => group.rules);
  return { loaded_rule_count: rules.length, in_error: rules.filter(({ health }) => health === 'err').length };
}

const STATES = {
  same: 'the same',
  differs: 'differs',
  'not-loaded': 'not loaded',
  'left-over': 'left over: not in dist/',
} as const;

function tell({ server, url, rows }: Answer, call: Call, io: Io): void {
  if (isProblem(rows)) {
    const problem: Failure = server === '' ? rows : { ...rows, message: `server ${server}: ${rows.message}` };
    fail(problem, call, io);
    return;
  }
  const cells = rows.map((row) => [
    row.file_name,
    row.group_id ?? '',
    String(row.rule_count),
    String(row.loaded_rule_count),
    row.in_error === 0 ? '' : String(row.in_error),
    STATES[row.state],
  ]);
  const title = server === '' ? '' : `${visible(server)}  ${visible(url)}\n`;
  const head = ['FILE', 'GROUP', 'RULES', 'LOADED', 'IN ERROR', 'ON THE SERVER'];
  io.stdout.write(title + textTable(head, cells, new Set([2, 3, 4])));
  const off = rows.filter(({ state }) => state !== 'same').length;
  const all = `${plural(rows.length, 'file')} on ${visible(url)}`;
  const drift = `\`${commandLine('drift', callerOf(call, io, server))}\``;
  io.stdout.write(off === 0 ? `${all}, all as in dist/\n` : `${all}, ${off} not as in dist/: see ${drift}\n`);
}
