import { join } from 'node:path';
import type { Diagnostic } from '../../core/ground/diagnostic.ts';
import { type Cache, openCache } from '../../io/memory/cache.ts';
import { type Dist, readDist } from '../../io/dist/dist.ts';
import { formerReleases } from '../../io/memory/former.ts';
import { lookAgain, namesBelow } from '../../io/memory/known.ts';
import { readLast, writeLast, writeNext } from '../../io/memory/last.ts';
import type { Loaded } from '../../io/sources/load.ts';
import type { PlannedFile, ReleasePlan } from '../../io/dist/plan.ts';
import type { Problem } from '../../io/problem.ts';
import { programName } from '../../io/dist/program.ts';
import {
  type BuildRecord,
  type Circumstances,
  digestsOf,
  type RecordedFile,
  type RecordedRelease,
  readRecord,
  recordKey,
  writeRecord,
} from '../../io/memory/record.ts';
import { type ManifestEntry, manifest } from '../../outputs/manifest.ts';
import { type Call, type Io, isProblem, textOption } from '../context.ts';
import { findJudge, type Judge, judge } from './judge.ts';
import { type Patches, patch } from './patch.ts';
import { foreignFiles, type Prepared } from './prepare.ts';
import { compileOptions, failed, outOf, prefixOf } from '../repository.ts';

/** What earlier runs found out about these very sources, in these very circumstances. */
export interface Memory {
  readonly cache: Cache | undefined;
  readonly judge: Judge | Problem;
  /** The result of an earlier build where `dist/` still holds it to the byte; undefined where all must be done anew. */
  recall(): Promise<Recalled | undefined>;
  /** The same where nothing but numbers of groups changed since the last build: what they change is in the plans. */
  patch(): Promise<Recalled | undefined>;
  /** Keeps what a build found. `effective` are the texts that it wrote below `effective/`, by release and path. */
  keep(prepared: Prepared, effective?: ReadonlyMap<string, EffectiveDigests>): Promise<void>;
}

/** SHA-256 of the files below a release's `effective/`, by path. */
export type EffectiveDigests = ReadonlyMap<string, string>;

/** As after a build: what is said, and the plans, which change nothing or little. */
export interface Recalled {
  readonly diagnostics: readonly Diagnostic[];
  readonly validatedBy: string;
  readonly targetsCount: number;
  readonly releases: readonly { readonly prefix: string; readonly plan: ReleasePlan }[];
  /** Keeps it, once the plans are carried out. */
  settle(): Promise<void>;
}

/**
 * Opens the memory of a repository that was loaded. `whole`: whoever asks also wants `effective/` to be as it
 * should. Where something in the circumstances can't be told, such as what a script that stands for promtool
 * runs, nothing is recalled or kept.
 */
export async function openMemory(call: Call, io: Io, sources: Loaded, whole: boolean): Promise<Memory> {
  const { root } = call.globals;
  const cache = await openCache({ env: io.env, root, pid: io.pid });
  const judge = await findJudge(sources.settings, call.globals, io, cache);
  const around = circumstances(call, io, judge);
  const digests = cache && around ? digestsOf(sources) : [];
  const key = cache && around && recordKey(sources, digests, around);
  if (!cache || !around || key === undefined || isProblem(judge)) {
    const nothing = (): Promise<undefined> => Promise.resolve(undefined);
    return { cache, judge, recall: nothing, patch: nothing, keep: nothing };
  }
  const place: Place = { call, io, sources, cache, whole };
  return {
    cache,
    judge,
    recall: async () => {
      const record = await readRecord(cache, key, sources);
      const seen = record && (await look(record, place));
      if (!record || !seen) return undefined;
      // Files that had to be read are known by their looks the next time.
      if (seen.learnt) await writeRecord(cache, key, { ...record, releases: seen.releases });
      return { ...record, diagnostics: seen.diagnostics, releases: seen.plans, settle: () => Promise.resolve() };
    },
    patch: async () => {
      const last = await readLast(cache, root, around);
      const record = last && (await readRecord(cache, last.record, sources));
      const seen = record && (await look(record, place));
      if (!record || !seen) return undefined;
      const rules = join(seen.plans[0]?.plan.out ?? '', 'rules');
      const changes = await patch(sources, { last, record, rules, digests }, cache, io);
      const plans = changes && (await planPatch(changes.files, record, seen, judge, place));
      if (!plans) return undefined;
      const { diagnostics } = changes;
      const files = plans[0]?.plan.files.map((file) => recorded(file, changes.files.get(file.fileName)?.file)) ?? [];
      const settle = async (): Promise<void> => {
        const releases = seen.releases.map((release) => ({ ...release, files }));
        await writeRecord(cache, key, { ...record, diagnostics, releases });
        const old = new Map(last.sources);
        const now = new Map(digests);
        const changed = sources.groups.filter(({ path }) => old.get(path) !== now.get(path));
        await writeNext(cache, root, around, last, { changed, record: key });
      };
      // Those about files that are not ours stand behind the others.
      const foreign = seen.diagnostics.slice(record.diagnostics.length);
      return { ...record, diagnostics: [...diagnostics, ...foreign], releases: plans, settle };
    },
    keep: async (prepared, effective) => {
      await writeRecord(cache, key, recordOf(prepared, effective));
      const [{ program }] = prepared.compiled;
      const narrow = prepared.releases.length === 1 && sources.inventory.length === 0 && effective !== undefined;
      if (narrow) {
        const { outlineOf } = await import('../../core/change/narrow.ts');
        await writeLast(cache, root, around, {
          sources,
          digests,
          groups: outlineOf(program.tree),
          record: key,
          pid: io.pid,
        });
      }
      await cache.tidy(io.now());
    },
  };
}

function circumstances(call: Call, io: Io, judge: Judge | Problem): Circumstances | undefined {
  const program = programName(io.env);
  if (program === undefined || isProblem(judge) || judge.identity === undefined) return undefined;
  return { program, out: outOf(call, io), judge: judge.identity, env: io.env, today: compileOptions(io).today };
}

interface Place {
  readonly call: Call;
  readonly io: Io;
  readonly sources: Loaded;
  readonly cache: Cache;
  readonly whole: boolean;
}

interface Seen {
  /** The record's, and those about files that are not ours. */
  readonly diagnostics: readonly Diagnostic[];
  readonly plans: Recalled['releases'];
  readonly dists: readonly Dist[];
  /** The record's, with what was learnt of the looks of files. */
  readonly releases: readonly RecordedRelease[];
  readonly learnt: boolean;
}

/** Looks whether the output directory still holds what the record tells of; any doubt is an undefined. */
async function look(record: BuildRecord, { call, io, sources, whole }: Place): Promise<Seen | undefined> {
  const { root } = call.globals;
  const chosen = textOption(call, 'out') !== undefined;
  const out = outOf(call, io);
  const diagnostics = [...record.diagnostics];
  const plans: Recalled['releases'][number][] = [];
  const releases: RecordedRelease[] = [];
  const dists: Dist[] = [];
  for (const release of record.releases) {
    const dist = await readDist(root, join(out, release.name), chosen);
    if (isProblem(dist) || dist.leftovers.length > 0 || !hasManifestOf(release, dist)) return undefined;
    const files = lookAgain(join(dist.out, 'rules'), release.files, io.now());
    const effective = whole ? lookAtEffective(dist.out, release, io.now()) : release.effective;
    if (!files || (whole && !effective)) return undefined;
    releases.push({ ...release, files, ...(effective && { effective }) });
    dists.push(dist);
    const planned = files.map((file): PlannedFile => ({ ...file, change: 'unchanged', parts: () => [] }));
    diagnostics.push(...foreignFiles(dist, { files: planned }, root));
    const manifest = { text: dist.manifestText, changed: false };
    const plan = { out: dist.out, files: planned, removed: [], left: [], manifest, leftovers: [] };
    plans.push({ prefix: prefixOf(release.name), plan });
  }
  const names = sources.settings.servers.map((server) => server.name);
  const former = await formerReleases(root, out, chosen, names);
  if (isProblem(former) || former.length > 0 || failed(diagnostics, call.globals)) return undefined;
  const learnt = releases.some((release, i) => !isSame(release, record.releases[i]));
  return { diagnostics, plans, dists, releases, learnt };
}

/** The plan of a patch, where promtool has nothing against its files. */
async function planPatch(
  changes: Patches,
  record: BuildRecord,
  { plans, dists }: Seen,
  judgeFound: Judge,
  { call, io }: Place,
): Promise<Recalled['releases'] | undefined> {
  const [{ prefix, plan }] = plans as [Recalled['releases'][number]];
  const files = plan.files.map((file): PlannedFile => {
    const change = changes.get(file.fileName);
    return change ? { ...file, ...change.file, change: 'changed', parts: () => [change.text] } : file;
  });
  const [first] = changes.values();
  const changed = files.filter(({ change }) => change === 'changed');
  const judged = await judge([{ ruleSet: first?.compiled.ruleSet, files: changed }], judgeFound, call.globals, io);
  if (isProblem(judged) || judged.length > 0) return undefined;
  const text = manifest(files.map(manifestRow), record.releases[0]?.name);
  return [{ prefix, plan: { ...plan, files, manifest: { text, changed: text !== dists[0]?.manifestText } } }];
}

function hasManifestOf({ name, files }: RecordedRelease, dist: Dist): boolean {
  return dist.owned.length === files.length && dist.manifestText === manifest(files.map(manifestRow), name);
}

function manifestRow({ fileName, groupId, ruleCount, sizeBytes, sha256 }: Omit<RecordedFile, 'path'>): ManifestEntry {
  return { file: `rules/${fileName}`, group_id: groupId, rule_count: ruleCount, size_bytes: sizeBytes, sha256 };
}

function lookAtEffective(out: string, { effective }: RecordedRelease, now: number): RecordedRelease['effective'] {
  if (!effective || namesBelow(join(out, 'effective')).length !== effective.length) return undefined;
  return lookAgain(join(out, 'effective'), effective, now);
}

/** Looking again gives the same objects where nothing new was learnt. */
function isSame(one: RecordedRelease, other: RecordedRelease | undefined): boolean {
  return one.files === other?.files && one.effective === other.effective;
}

function recordOf(prepared: Prepared, effective?: ReadonlyMap<string, EffectiveDigests>): BuildRecord {
  const { releases, diagnostics, validatedBy, targetsCount } = prepared;
  return {
    version: 1,
    diagnostics: diagnostics.filter(({ code }) => code !== 'foreign-file'),
    targetsCount,
    validatedBy,
    releases: releases.map(({ prefix, plan, compiled: { server } }): RecordedRelease => {
      const digests = effective?.get(prefix);
      return {
        name: server.name,
        files: plan.files.map((file) => recorded(file)),
        ...(digests && { effective: [...digests].map(([path, sha256]) => ({ path, sha256 })) }),
      };
    }),
  };
}

/** A file of a plan as it is kept; `other` is what is known of it instead. */
function recorded(file: PlannedFile & { readonly signature?: string }, other?: RecordedFile): RecordedFile {
  const { fileName, groupId, ruleCount, sizeBytes, sha256, signature } = file;
  if (other) return other;
  return { path: fileName, fileName, groupId, ruleCount, sizeBytes, sha256, ...(signature && { signature }) };
}
