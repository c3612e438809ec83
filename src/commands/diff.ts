import { diffReport } from '../core/diff/diff.ts';
import { identities } from '../outputs/table.ts';
import { diffJson } from '../report/diff/json.ts';
import { COMMENT_LIMIT, renderDiffMarkdown } from '../report/diff/markdown.ts';
import { renderDiffText } from '../report/diff/text.ts';
import {
  type Call,
  EXIT,
  type ExitCode,
  type Failure,
  type Io,
  isProblem,
  textOption,
  useColor,
  writeJson,
} from './context.ts';
import { compileSide, readSides } from './diff/sides.ts';
import { fail } from './fail.ts';

/** Shows what a change of the sources does, target by target. Compiles both states in memory, writes nothing. */
export async function diff(call: Call, io: Io): Promise<ExitCode> {
  const { globals } = call;
  const limit = limitOf(call);
  if (typeof limit === 'object') return fail(limit, call, io);
  const sides = await readSides(call, io);
  if (isProblem(sides)) return fail(sides, call, io);
  const report = diffReport(compileSide(sides.base, io), compileSide(sides.head, io), identities);

  if (globals.format === 'json') writeJson(io, diffJson(report));
  else if (textOption(call, 'format') === 'md') io.stdout.write(renderDiffMarkdown(report, { limit }));
  else io.stdout.write(renderDiffText(report, { color: useColor(globals, io, io.stdout), all: !io.stdout.isTTY }));

  if (report.head.state === 'refused') return EXIT.failed;
  if (globals.strict && report.changes.some((change) => change.kind === 'warning')) return EXIT.failed;
  return call.options['exit-code'] === true && report.changes.length > 0 ? EXIT.failed : EXIT.ok;
}

function limitOf(call: Call): number | Failure {
  const text = textOption(call, 'limit');
  if (text === undefined) return COMMENT_LIMIT;
  if (/^\d{3,9}$/.test(text)) return Number(text);
  return { code: 'usage', message: `--limit is a number of characters, at least 100, not ${JSON.stringify(text)}.` };
}
