import type { RowSeen } from '../../core/effective/store-rows.ts';
import { memo } from '../../core/ground/memo.ts';
import type { Program } from '../../core/instance/program.ts';
import { programName } from '../../io/dist/program.ts';
import { type ShownRow, writeAnswers } from '../../io/memory/answers.ts';
import type { Cache } from '../../io/memory/cache.ts';
import { digestsOf, recordKey } from '../../io/memory/record.ts';
import type { Loaded } from '../../io/sources/load.ts';
import { boxMatchers } from '../../promql/region.ts';
import { cellsOf } from '../../report/effective/text.ts';
import type { Io } from '../context.ts';

/** More rows than these are not kept only to be quick. */
const MOST_ROWS = 500_000;

/** Gathers what `effective` shows of rows as they are made, and keeps it. */
export interface AnswerKeeper {
  readonly seen: RowSeen;
  /** Once they are written to a folder: `files` are its files' SHA-256, by path. */
  keep(program: Program, folder: string, files: ReadonlyMap<string, string>): Promise<void>;
}

/** Undefined where nothing can be kept, or several servers' answers would have to be told apart. */
export function answerKeeper(
  sources: Loaded,
  root: string,
  cache: Cache | undefined,
  io: Io,
): AnswerKeeper | undefined {
  const key = cache && answersKey(sources, root, io);
  const program = programName(io.env);
  if (!cache || key === undefined || program === undefined || !hasOneServer(sources)) return undefined;
  const rows = new Map<string, ShownRow[]>();
  let count = 0;
  return {
    seen: ({ owner }, rule, number, instance, compiled) => {
      if (++count > MOST_ROWS) return;
      const cells = cellsOf(instance, compiled.labels.get('severity') ?? null, compiled.for);
      memo(rows, owner, () => []).push([rule, number, ...cells]);
    },
    keep: async ({ rules, tree, inventory }, folder, files) => {
      const ids = new Set(rules.map(({ rule }) => rule.id));
      // Sets name rules by id.
      if (count > MOST_ROWS || ids.size < rules.length || files.size === 0) return;
      const answers = {
        sources: key,
        folder,
        files: [...files],
        known: [...inventory.known],
        groups: tree.groups.map((g) => [g.id, g.depth, g.priority, boxMatchers(g.box)] as const),
        rules: rules.map(
          ({ rule }) => [rule.id, rule.name.value, rule.tier?.of ?? null, rule.kind === 'alert'] as const,
        ),
      };
      await writeAnswers(cache, { root, program, pid: io.pid }, answers, rows);
    },
  };
}

/** All that answers hang on beside the program; the day has no part in what is in effect. Undefined where some source can't be read. */
export function answersKey(sources: Loaded, root: string, { env }: Io): string | undefined {
  return recordKey(sources, digestsOf(sources), { program: '', out: root, today: '', judge: '', env });
}

export function hasOneServer({ settings: { servers } }: Loaded): boolean {
  return servers.length === 1 && servers[0]?.name === '';
}
