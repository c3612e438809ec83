import { rulesOff } from '../../core/effective/off.ts';
import type { EffectiveRow, RowMaker } from '../../core/effective/row.ts';
import { rowMaker } from '../../core/effective/row.ts';
import { memo } from '../../core/ground/memo.ts';
import { lineRef } from '../../core/ground/source.ts';
import type { Program } from '../../core/instance/program.ts';
import { whyJson } from '../../report/effective/json.ts';
import { effectiveText, textRow, wrap } from '../../report/effective/text.ts';
import { whyText } from '../../report/effective/why.ts';
import { type Call, type Io, useColor, writeJson } from '../context.ts';
import { say } from '../say.ts';
import type { Answer, Asked } from './answer.ts';

/** Narrower than this, a table is of no use; wider than that, the eye loses the line. */
const WIDTH = { least: 80, usual: 120, most: 160 };

/** Writes the answers to standard output: all of them as one JSON document, or a table each. */
export function writeAnswers(asked: Asked, call: Call, io: Io): void {
  const makers = new Map<Program, RowMaker>();
  const rows = ({ program }: Answer): RowMaker => memo(makers, program, () => rowMaker(program));
  if (call.globals.format === 'json') writeAnswersJson(asked, rows, call, io);
  else writeAnswersText(asked, call, io);
}

/** The maker of rows for an answer's server. */
type RowsOf = (answer: Answer) => RowMaker;

function writeAnswersJson(asked: Asked, rows: RowsOf, call: Call, io: Io): void {
  if (asked.kind === 'one') writeJson(io, answerJson(asked.answer, rows, call));
  else if (asked.kind === 'all') writeAll(asked, rows, call, io);
  else {
    const targets = asked.answers.map((answer) => answerJson(answer, rows, call));
    writeJson(io, { hostname: asked.hostname, targets });
  }
}

type All = Extract<Asked, { kind: 'all' }>;

function writeAll(asked: All, rows: RowsOf, call: Call, io: Io): void {
  // One document, but never in memory as a whole: a target's rules are texts that were made once.
  const texts = new Map<EffectiveRow, string>();
  const textOf = (row: EffectiveRow): string => memo(texts, row, () => JSON.stringify(sortedRow(row)));
  io.stdout.write('{"targets":[');
  let separator = '\n';
  for (const answer of asked.answers()) {
    const rules = answer.rules();
    const head = JSON.stringify({ ...answer.head, ...offJson(answer, call) }).slice(0, -1);
    const row = rows(answer);
    const list = rules.map((rule) => textOf(row(rule))).join(',');
    io.stdout.write(`${separator}${head},"rules":[${list}],"total":${rules.length}}`);
    separator = ',\n';
  }
  io.stdout.write(`\n],"total":${asked.total}}\n`);
}

function answerJson(answer: Answer, rows: RowsOf, call: Call): object {
  if (call.options['why'] !== undefined) {
    return { ...answer.head, why: answer.program.rules.flatMap((resolved) => answer.why(resolved)).map(whyJson) };
  }
  const rules = answer.rules().map((rule) => sortedRow(rows(answer)(rule)));
  return { ...answer.head, rules, total: rules.length, ...offJson(answer, call) };
}

function offJson(answer: Answer, call: Call): object {
  if (call.options['all-rules'] !== true) return {};
  const off = rulesOff(answer.program, answer.subject, answer.rules()).map(({ resolved, why, reason, span }) => ({
    id: resolved.rule.id,
    name: resolved.rule.name.value,
    why,
    reason,
    origin: lineRef(span),
  }));
  return { not_in_effect: off };
}

function writeAnswersText(asked: Asked, call: Call, io: Io): void {
  const { globals } = call;
  const answers = asked.kind === 'one' ? [asked.answer] : asked.kind === 'host' ? asked.answers : asked.answers();
  const common = textOptions(call, io);
  let count = 0;
  for (const answer of answers) {
    const { title, about, remark, program } = answer;
    if (count++ > 0) io.stdout.write('\n');
    if (call.options['why'] !== undefined) {
      const whys = program.rules.flatMap((resolved) => answer.why(resolved));
      io.stdout.write(whyText({ title, about, whys, program, ...common }));
      continue;
    }
    const rules = answer.rules();
    const shown = rules.map((rule) => textRow(rule, program));
    const off = call.options['all-rules'] === true ? { off: rulesOff(answer.program, answer.subject, rules) } : {};
    io.stdout.write(
      effectiveText({ title, about, rules: shown, ...off, ...common, ...(remark !== undefined && { remark }) }),
    );
  }
  if (asked.kind === 'host' && call.options['why'] === undefined) {
    writeRepeated(
      asked.answers.map(({ subject, rules }) => [subject.value('job'), rules().map(({ resolved }) => resolved)]),
      common.width,
      io,
    );
  }
  if (count === 0) say('The inventory is empty: list the targets in groups/targets/.', globals, io);
}

/** How text is shown on this terminal, or in this file. */
export function textOptions({ globals }: Call, io: Io): { color: boolean; width: number; cut: boolean } {
  const width = Math.min(WIDTH.most, Math.max(WIDTH.least, io.stdout.columns ?? WIDTH.usual));
  return { color: useColor(globals, io, io.stdout), width, cut: io.stdout.isTTY };
}

/** A row whose keys, and theirs, are in an order that hangs on nothing but their names. */
export function sortedRow(row: EffectiveRow): EffectiveRow {
  const { id, name, severity, query, for_duration, source, source_id, source_name, condition } = row;
  return {
    id,
    name,
    severity,
    query,
    for_duration,
    labels: sorted(row.labels),
    annotations: sorted(row.annotations),
    config: sorted(row.config),
    source,
    source_id,
    source_name,
    origin: sorted(row.origin),
    condition,
  };
}

const sorted = <T>(map: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));

const REPEATED =
  'Rules without a matcher on `job` are listed for every target of the host: nothing says which of them has their series.';

/** Says why a rule is listed twice, where targets of different jobs have one in common. */
export function writeRepeated(
  targets: readonly (readonly [job: string | undefined, rules: readonly unknown[]])[],
  width: number,
  io: Io,
): void {
  const jobs = new Map<unknown, string | undefined>();
  const isRepeated = targets.some(([job, rules]) =>
    rules.some((rule) => {
      if (jobs.has(rule) && jobs.get(rule) !== job) return true;
      jobs.set(rule, job);
      return false;
    }),
  );
  if (isRepeated) io.stdout.write(`\n${wrap(REPEATED, width).join('\n')}\n`);
}
