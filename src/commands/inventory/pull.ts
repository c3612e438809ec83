import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { hasErrors } from '../../core/ground/diagnostic.ts';
import { suggest } from '../../core/ground/suggest.ts';
import { compareTargets, distinctTargets, fileSdText } from '../../core/inventory/file-sd.ts';
import type { Config } from '../../core/model/config.ts';
import { parseConfig } from '../../core/parse/config.ts';
import type { Problem } from '../../io/problem.ts';
import { activeTargets, type Server } from '../../io/server/http.ts';
import { findInventory } from '../../io/sources/inventory.ts';
import { loadSources } from '../../io/sources/load.ts';
import { type PulledFile, readPulled, writePulled } from '../../io/sources/pulled.ts';
import type { LabelSet } from '../../promql/region.ts';
import { changesJson, changesText } from '../../report/inventory.ts';
import { diagnosticsJson } from '../../report/json.ts';
import { plural } from '../../report/text.ts';
import { visible } from '../../report/visible.ts';
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
} from '../context.ts';
import { fail } from '../fail.ts';
import { refusedExit, rootProblem } from '../repository.ts';
import { say, sayDiagnostics } from '../say.ts';
import { serverOf } from '../servers/connect.ts';
import { type Facts, factsJson, pullMetrics, sayFacts } from './metrics.ts';
import { notThere } from './not-there.ts';

const DEFAULT_FILE = 'groups/targets/pulled.json';

/** Writes the active targets of a live server to a file_sd file, to be committed. */
export async function inventoryPull(call: Call, io: Io): Promise<ExitCode> {
  const { globals } = call;
  const broken = (problem: Problem): ExitCode => fail(problem, call, io);
  const missing = await rootProblem(globals.root);
  if (missing) return broken(missing);
  const sources = await loadSources(globals.root, io.env);
  const inConfig = parseConfig(sources.config, io.env).diagnostics;
  if (hasErrors(inConfig)) {
    sayDiagnostics(inConfig, globals, io);
    if (globals.format === 'json') writeJson(io, { ...call.empty, errors: diagnosticsJson(inConfig, 'error') });
    return refusedExit(inConfig);
  }
  const out = textOption(call, 'out');
  const path = out === undefined ? resolve(globals.root, DEFAULT_FILE) : resolve(io.cwd, out);
  const file = await readPulled(globals.root, path);
  if (isProblem(file)) return broken(file);
  const server = await serverOf(call, sources.settings, io.env);
  if (isProblem(server)) return broken(server);
  try {
    const all = await activeTargets(server);
    if (isProblem(all)) return broken(all);
    const targets = distinctTargets(ofJobs(all, call));
    const nobody = nobodyThere(all, targets, server, call);
    if (nobody) return notThere(nobody, call, io);
    // What is written and what can still fail are kept apart: facts first, the file last.
    const facts = call.options['metrics'] === true ? await pullMetrics(io, sources, server, all) : undefined;
    if (facts && isProblem(facts)) return broken(facts);
    const text = fileSdText(targets);
    const dry = call.options['dry-run'] === true;
    const written = !dry && file.text !== text;
    const problem = written ? await writePulled(file, text, io.pid) : undefined;
    if (problem) return broken(problem);
    const there = written || file.text !== undefined;
    const remarks = there ? await remarksOf(file, targets, globals.root, sources.settings) : [];
    report({ file, text, targets, written, facts, server, remarks }, call, io);
    return EXIT.ok;
  } finally {
    await server.close();
  }
}

function ofJobs(targets: readonly LabelSet[], call: Call): readonly LabelSet[] {
  const jobs = call.options['job'] as readonly string[] | undefined;
  return jobs ? targets.filter((t) => jobs.includes(t.get('job') ?? '')) : targets;
}

/** An empty list would silence every check that needs targets; a server that has just started has none for a while. */
function nobodyThere(
  all: readonly LabelSet[],
  targets: readonly LabelSet[],
  server: Server,
  call: Call,
): Failure | undefined {
  const known = new Set(all.map((t) => t.get('job') ?? ''));
  for (const job of (call.options['job'] ?? []) as readonly string[]) {
    if (known.has(job)) continue;
    const near = suggest(job, known);
    const help = near ? `Did you mean ${near}?` : `Its jobs are: ${[...known].sort().slice(0, 20).join(', ')}.`;
    return {
      code: 'not-found',
      message: `${server.name} has no target of a job ${JSON.stringify(job)}. Nothing was written.`,
      help,
    };
  }
  if (targets.length > 0) return undefined;
  return {
    code: 'not-found',
    message: `${server.name} has no active targets. Nothing was written.`,
    help: 'A server that has just started knows none for some seconds. Else look at its page /targets.',
  };
}

interface Pulled {
  readonly file: PulledFile;
  readonly text: string;
  readonly targets: readonly LabelSet[];
  readonly written: boolean;
  readonly facts: Facts | undefined;
  readonly server: Server;
  readonly remarks: readonly string[];
}

function report(pulled: Pulled, call: Call, io: Io): void {
  const { globals } = call;
  const { file, text, targets, written, facts, server, remarks } = pulled;
  const changed = file.text !== text;
  const changes = compareTargets(changed ? file.targets : targets, targets);
  if (globals.format === 'json') {
    writeJson(io, {
      url: server.name,
      file: file.path,
      changed,
      written,
      targets_count: targets.length,
      ...changesJson(changes),
      metrics: facts ? factsJson(facts) : null,
      remarks,
      errors: [],
    });
    return;
  }
  const lines = changesText(changes, useColor(globals, io, io.stderr));
  for (const line of lines) say(line, globals, io);
  const place = visible(file.path);
  const what = !changed
    ? 'is up to date'
    : written
      ? file.text === undefined
        ? 'written'
        : 'changed'
      : 'would change';
  say(`${place} ${what}: ${plural(targets.length, 'target')} of ${visible(server.name)}`, globals, io);
  if (!globals.quiet) for (const remark of remarks) io.stderr.write(`warning: ${visible(remark)}\n`);
  if (facts) sayFacts(facts, call, io);
}

/** Whether what was pulled is read as it is meant; of a file that isn't there yet nobody can say. */
async function remarksOf(
  file: PulledFile,
  targets: readonly LabelSet[],
  root: string,
  settings: Config,
): Promise<string[]> {
  const { found } = await findInventory(await realpath(root), settings.inventory);
  const read = found.filter(({ absolute }) => absolute === file.absolute);
  if (read.length === 0) {
    const row = `- { files: ${JSON.stringify(file.path)} }`;
    return [`${file.path} is not among the files that \`inventory\` of rulewright.yaml names; add ${row}`];
  }
  const added = [...new Set(read.flatMap(({ labels }) => Object.keys(labels)))];
  const lacking = added.filter((label) => targets.some((t) => !t.has(label)));
  if (lacking.length === 0) return [];
  return [
    `\`inventory\` of rulewright.yaml adds ${lacking.join(', ')} to targets of ${file.path} that have no such label on the server; give the file an entry without \`labels\``,
  ];
}
