import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { Adoptable } from '../core/adopt/read.ts';
import { nativeReferences } from '../core/adopt/references.ts';
import { replacedSources } from '../core/adopt/replace.ts';
import { compile } from '../core/compile.ts';
import type { SourceFile } from '../core/ground/source.ts';
import type { ResolvedRule } from '../core/instance/program.ts';
import { pathOf } from '../core/model/address.ts';
import { parseConfig } from '../core/parse/config.ts';
import type { Problem } from '../io/problem.ts';
import { existing, readRuleInputs, replaceSources } from '../io/sources/adopt.ts';
import { type Loaded, loadSources } from '../io/sources/load.ts';
import { diagnosticsJson } from '../report/json.ts';
import { askEach } from './adopt/ask.ts';
import { clashesOf } from './adopt/clashes.ts';
import type { Proposal } from './adopt/layout.ts';
import { lostTests } from './adopt/lost-tests.ts';
import { type AdoptOptions, type AdoptPlan, type Declined, NOTHING_DECLINED, planAdoption } from './adopt/plan.ts';
import { type ReadRules, readRules, readServer } from './adopt/read.ts';
import { samplesIn, without } from './adopt/samples.ts';
import type { Adoption } from './adopt/say.ts';
import { adoptJson, sayAdoption } from './adopt/say.ts';
import { isThere, settle } from './adopt/settle.ts';
import { type Replacing, takePlace, tunedPlaces } from './adopt/take-place.ts';
import type { Version } from './adopt/versions.ts';
import { type Call, EXIT, type ExitCode, type Io, isProblem, textOption, writeJson } from './context.ts';
import { fail } from './fail.ts';
import { refusedExit, rootProblem } from './repository.ts';
import { sayDiagnostics } from './say.ts';
import { serverOf } from './servers/connect.ts';

/** Takes over existing rules as sources, and proves that they compile to the same. */
export async function adopt(call: Call, io: Io): Promise<ExitCode> {
  const { globals, options } = call;
  const broken = (problem: Problem): ExitCode => fail(problem, call, io);
  const wrong = usageProblem(call, io);
  if (wrong) return broken(wrong);
  const missing = await rootProblem(globals.root);
  if (missing) return broken(missing);
  const loaded = await loadSources(globals.root, io.env);
  const samples = samplesIn(loaded);
  const dropped = samples.length > 0 && (await dropsSamples(samples, call, io)) ? samples : [];
  const sources = without(loaded, dropped);
  const today = new Date(io.now()).toISOString().slice(0, 10);
  const context = { env: io.env, today, ...(sources.config && { config: sources.config }) };
  const inConfig = parseConfig(sources.config, io.env).diagnostics.filter((d) => d.severity === 'error');
  if (inConfig.length > 0) {
    sayDiagnostics(inConfig, globals, io);
    const errors = diagnosticsJson(inConfig, 'error');
    if (globals.format === 'json') writeJson(io, { ...call.empty, errors });
    return refusedExit(inConfig);
  }
  const read = await readEverything(call, io, sources, context);
  if (isProblem(read)) return broken(read);

  const compileOptions = { today, env: io.env };
  const before = compile(sources, compileOptions);
  const out = resolve(io.cwd, textOption(call, 'out') ?? join(globals.root, 'rules'));
  const inside = isWithin(join(globals.root, 'rules'), out);
  const named = read.items.map((item) =>
    item.source === undefined ? { ...item, name: below(globals.root, out) + item.name } : item,
  );
  const found = inside ? replacedSources(named, sources.rules) : new Map<Adoptable, SourceFile>();
  // What is replaced keeps its name.
  const items = named.map((item) => ({ ...item, name: found.has(item) ? nameOf(found.get(item)) : item.name }));
  const by = new Map(named.flatMap((item, i) => (found.has(item) ? [[items[i], found.get(item)] as const] : [])));
  const replacing: Replacing = {
    items,
    by: by as Map<Adoptable, SourceFile>,
    references: inside ? nativeReferences(before.program) : [],
  };
  const adoptOptions: AdoptOptions = {
    ...context,
    params: options['params'] === true,
    groups: options['groups'] === true,
    takenIds: takenIds(before.program.rules, items),
    takenGroups: new Set(before.program.tree.ids),
    tuned: tunedPlaces(replacing),
  };
  const planned = await choose(items, adoptOptions, call, io);
  const place = (plan: AdoptPlan) => takePlace(plan.proposals, sources, before, replacing, compileOptions);
  const { plan, replaced } = settle(planned, adoptOptions, replacing, place);

  const standing = new Map([...sources.rules, ...sources.groups].map(({ path, text }) => [path, text]));
  const unchanged = new Set(plan.proposals.filter((p) => isThere(p, standing, replacing)).map((p) => p.path));
  const targets = new Map(plan.proposals.map((p) => [p.path, targetOf(p, globals.root, out)]));
  const old = new Set([...replacing.by.values()].map(({ path }) => path));
  const there = await existing(
    plan.proposals.flatMap((p) =>
      old.has(p.path) || dropped.includes(p.path) || unchanged.has(p.path) ? [] : [targets.get(p.path) as string],
    ),
  );
  if (isProblem(there)) return broken(there);
  const force = options['force'] === true;
  const called = (path: string): string => relative(io.cwd, path) || path;
  const versions = plan.proposals.flatMap(({ path, from }): Version[] => {
    const lost = replaced.overwritten.get(path);
    const target = targets.get(path) as string;
    return lost && there.includes(target) ? [{ path: called(target), from: from.join(', '), lost }] : [];
  });
  const inTheWay = force ? [] : there.map(called);
  const known = dropped.length > 0 ? compile(loaded, compileOptions) : before;
  const clashes = clashesOf(plan.proposals, sources.rules, known.diagnostics, replaced.compiled.diagnostics);
  const dryRun = options['dry-run'] === true;
  const fine = plan.flaws.length === 0 && clashes.length === 0 && inTheWay.length === 0;
  const fresh = plan.proposals.filter((p) => !unchanged.has(p.path));
  const written = fine && !dryRun && fresh.length + dropped.length > 0;
  if (written) {
    const { edited } = replaced;
    const again = new Set(fresh.map((p) => p.path));
    const gone = [...replaced.gone, ...dropped.filter((path) => !again.has(path))];
    const texts = new Map(fresh.map((p) => [targets.get(p.path) as string, p.text]));
    for (const [path, text] of edited) texts.set(join(globals.root, path), text);
    const problem = await replaceSources(
      texts,
      gone.map((path) => join(globals.root, path)),
      io.pid,
    );
    if (problem) return broken(problem);
  }
  const left = samples.filter((path) => !dropped.includes(path));
  const tests = await lostTests(globals.root, before, replaced, replacing, plan.proposals);
  const about = { read, plan, replaced, unchanged, clashes, inTheWay, versions, tests, targets, written, dryRun };
  const adoption: Adoption = { ...about, samples: { dropped, left } };
  if (globals.format === 'json') writeJson(io, adoptJson(adoption, globals.root));
  else sayAdoption(adoption, call, io);
  return fine && read.refused.length === 0 ? EXIT.ok : EXIT.failed;
}

/** Whether the samples are to go: because it was said, or because it is what somebody who is asked says. */
async function dropsSamples(samples: readonly string[], { options }: Call, io: Io): Promise<boolean> {
  if (options['remove-samples'] === true) return true;
  if (options['interactive'] !== true) return false;
  const question = `The samples of \`init\` are still here as it wrote them (${samples.join(', ')}): take them away [y/n]? `;
  return (await io.ask?.(question))?.trim().toLowerCase().startsWith('y') === true;
}

function usageProblem(call: Call, io: Io): Problem | undefined {
  const url = textOption(call, 'url');
  if (call.args.length === 0 && url === undefined && call.options['remove-samples'] !== true) {
    return {
      code: 'usage',
      message: 'adopt needs to know what to take over.',
      help: 'Name rule files, manifests or directories of them, or a server: --url http://localhost:9090.',
    };
  }
  if (call.options['interactive'] === true && (!io.ask || call.globals.format === 'json')) {
    return {
      code: 'usage',
      message: '--interactive asks at a terminal, and there is none here.',
      help: 'Leave it out: whatever is proven equal is then taken over; --dry-run shows it first.',
    };
  }
  return undefined;
}

async function readEverything(
  call: Call,
  io: Io,
  sources: Loaded,
  context: Parameters<typeof readRules>[2],
): Promise<ReadRules | Problem> {
  const inputs = await readRuleInputs(call.args, io.cwd, call.globals.root);
  if (isProblem(inputs)) return inputs;
  const fromFiles = readRules(inputs.inputs, sources.settings, context);
  const read: ReadRules = {
    ...fromFiles,
    diagnostics: [...inputs.problems, ...fromFiles.diagnostics],
    refused: [...inputs.problems.map((p) => p.span.file.path), ...fromFiles.refused],
  };
  if (textOption(call, 'url') === undefined) return read;
  const server = await serverOf(call, sources.settings, io.env);
  if (isProblem(server)) return server;
  try {
    const live = await readServer(server, context);
    return isProblem(live) ? live : joined(read, live);
  } finally {
    await server.close();
  }
}

const joined = (files: ReadRules, live: ReadRules): ReadRules => ({
  ...live,
  items: [...files.items, ...live.items],
  diagnostics: [...files.diagnostics, ...live.diagnostics],
  refused: [...files.refused, ...live.refused],
  passedOver: files.passedOver,
});

/** The part of the output directory below `rules/`, with a slash at its end; '' where it lies elsewhere. */
function below(root: string, out: string): string {
  const path = relative(join(root, 'rules'), out).split(sep).join('/');
  return path === '' || path === '..' || path.startsWith('../') ? '' : `${path}/`;
}

/** Groups go to `groups/`: of the repository, or beside an output directory that lies outside of it. */
function targetOf({ path }: Proposal, root: string, out: string): string {
  const rules = join(root, 'rules');
  if (out === rules || out.startsWith(rules + sep)) return join(root, path);
  const [folder = '', ...rest] = path.split('/');
  return folder === 'rules'
    ? join(out, ...rest)
    : join(dirname(out), basename(out) === folder ? 'groups' : folder, ...rest);
}

/** The ids of our own rules, but for those in files that the items themselves would be written to. */
function takenIds(rules: readonly ResolvedRule[], items: readonly Adoptable[]): Set<string> {
  const names = new Set(items.map(({ name }) => name));
  const isTheirs = (path: string): boolean => names.has(path) || names.has(path.replace(/\/[^/]*$/, ''));
  const others = rules.filter(({ rule: { group } }) => !group.native && !isTheirs(pathOf(group.file.path)));
  return new Set(others.map(({ rule }) => rule.id.toLowerCase()));
}

const nameOf = (file: SourceFile | undefined): string => pathOf(file?.path ?? '');

const isWithin = (folder: string, path: string): boolean => path === folder || path.startsWith(folder + sep);

async function choose(
  items: readonly Adoptable[],
  options: AdoptOptions,
  call: Call,
  io: Io,
): Promise<{ plan: AdoptPlan; declined: Declined }> {
  const plan = planAdoption(items, options);
  return call.options['interactive'] === true
    ? askEach(items, plan, options, io)
    : { plan, declined: NOTHING_DECLINED };
}
