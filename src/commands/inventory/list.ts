import { positionAt } from '../../core/ground/source.ts';
import { suggest } from '../../core/ground/suggest.ts';
import { sortedObject } from '../../core/inventory/file-sd.ts';
import { thinNotes } from '../../core/inventory/thin-inventory.ts';
import { groupsOf } from '../../core/lookup/groups.ts';
import { labelsText } from '../../report/inventory.ts';
import { diagnosticsJson } from '../../report/json.ts';
import { textTable } from '../../report/table.ts';
import { plural } from '../../report/text.ts';
import { compileRepository } from '../build/prepare.ts';
import { type Call, EXIT, type ExitCode, type Io, isProblem, writeJson } from '../context.ts';
import { fail } from '../fail.ts';
import { loadBegun } from '../repository.ts';
import { say, sayDiagnostics } from '../say.ts';
import { notThere } from './not-there.ts';

/** Lists the targets of the inventory as the compiler knows them, with the groups that they are in. */
export async function inventoryList(call: Call, io: Io): Promise<ExitCode> {
  const { globals } = call;
  // Who is there can be asked before there is any rule: it is what a new repository begins with.
  const read = await compileRepository(globals, io, loadBegun);
  if (isProblem(read)) return fail(read, call, io);
  const { sources, compiled } = read;
  const paths = new Set(sources.inventory.map(({ file }) => file.path));
  // What is wrong with rules doesn't concern who is there; what is wrong with groups and targets does.
  const concerns = compiled.diagnostics.filter(
    ({ severity, span: { file } }) =>
      severity === 'error' && (paths.has(file.path) || /^(groups\/|\$|rulewright\.yaml$)/.test(file.path)),
  );
  const { inventory, tree } = compiled.program;
  const jobs = call.options['job'] as readonly string[] | undefined;
  const known = new Set(inventory.targets.map((t) => t.labels.get('job') ?? ''));
  const unknown = jobs?.find((job) => !known.has(job));
  if (unknown !== undefined) {
    const near = suggest(unknown, known);
    const message = `No target of the inventory has the job ${JSON.stringify(unknown)}.`;
    return notThere({ code: 'not-found', message, ...(near && { help: `Did you mean ${near}?` }) }, call, io);
  }
  const rows = inventory.targets
    .filter((t) => !jobs || jobs.includes(t.labels.get('job') ?? ''))
    .map((target) => ({ target, groups: groupsOf(tree, target.labels).map((g) => g.id) }))
    .sort((a, b) => (a.target.id < b.target.id ? -1 : a.target.id > b.target.id ? 1 : 0));

  if (globals.format === 'json') {
    const targets = rows.map(({ target, groups }) => ({
      target_id: target.id,
      hostname: target.hostname,
      labels: sortedObject(target.labels),
      groups,
      file: target.span.file.path,
      line: positionAt(target.span.file, target.span.start).line,
    }));
    const errors = diagnosticsJson(concerns, 'error');
    writeJson(io, { targets, total: targets.length, notes: thinNotes(inventory), errors });
  } else {
    sayDiagnostics(concerns, globals, io);
    const cells = rows.map(({ target, groups }) => [target.id, groups.join(' '), labelsText(target.labels)]);
    if (cells.length > 0) io.stdout.write(textTable(['TARGET', 'GROUPS', 'LABELS'], cells));
    for (const note of thinNotes(inventory)) say(`note: ${note}`, globals, io);
    const files = plural(paths.size, 'file');
    const where = paths.size === 0 ? 'There is no inventory: `rulewright inventory pull` writes one' : `In ${files}`;
    say(`${where}; ${plural(rows.length, 'target')}.`, globals, io);
  }
  return concerns.length > 0 ? EXIT.failed : EXIT.ok;
}
