import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Compiled } from '../../core/compile.ts';
import type { Diagnostic } from '../../core/ground/diagnostic.ts';
import { moved } from '../../core/change/narrow-text.ts';
import { fileNameOf, type OutputFile, textOf } from '../../core/model/output-file.ts';
import type { Span } from '../../core/ground/source.ts';
import type { Sources } from '../../core/ground/sources.ts';
import type { Cache } from '../../io/memory/cache.ts';
import { digest } from '../../io/dist/dist.ts';
import { changedSince, type Last } from '../../io/memory/last.ts';
import type { BuildRecord, Digests, RecordedFile } from '../../io/memory/record.ts';
import { outputOf } from '../../outputs/table.ts';
import type { Io } from '../context.ts';
import { compileOptions } from '../repository.ts';

export interface Patch {
  readonly files: Patches;
  /** Those of the last build, at the places where they are now. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Files of `dist/rules/` that are other than they were, by name, with their texts. */
export type Patches = ReadonlyMap<
  string,
  { readonly text: string; readonly file: RecordedFile; readonly compiled: Compiled }
>;

/** The last build, and where it wrote; its files lie there as it left them, which whoever asks has seen to. */
export interface Patched {
  readonly last: Last;
  readonly record: BuildRecord;
  /** Absolute. */
  readonly rules: string;
  /** Of the sources as they are now. */
  readonly digests: Digests;
}

/**
 * What a change of numbers in group files does to the compiled files, found by compiling what it can be about, as
 * it was and as it is. Undefined, and all must be compiled, wherever anything else changed, anything is said now
 * that was not said before, or what was compiled as it was is not what stands in the files.
 */
export async function patch(
  sources: Sources,
  { last, record, rules, digests }: Patched,
  cache: Cache,
  io: Io,
): Promise<Patch | undefined> {
  const [release, ...others] = record.releases;
  // What is in effect where would have to be worked out for all targets.
  if (!release || others.length > 0 || release.name !== '' || sources.inventory.length > 0) return undefined;
  const old = await changedSince(cache, last, sources, digests);
  if (!old || old.size === 0) return undefined;
  const [{ narrow }, { compile }] = await Promise.all([import('../../core/change/narrow.ts'), import('../../core/compile.ts')]);
  const part = narrow(sources, old, last.groups);
  if (!part) return undefined;
  const before = compile(part.before, compileOptions(io));
  const after = compile(part.after, compileOptions(io));
  const known = new Set(after.program.rules.map(({ rule }) => rule.id));
  if (![...part.rules].every((id) => known.has(id)) || said(before) !== said(after)) return undefined;
  const files = carry(before, after, release.files, rules);
  return files && { files, diagnostics: record.diagnostics.map((d) => movedWith(d, old)) };
}

/** A diagnostic about texts that were restored as they are now, with places of texts as they were. */
function movedWith(d: Diagnostic, old: ReadonlyMap<string, string>): Diagnostic {
  const span = (at: Span): Span => {
    const before = old.get(at.file.path);
    if (before === undefined) return at;
    const to = moved(before, at.file.text);
    return { file: at.file, start: to(at.start), end: to(at.end) };
  };
  const notes = d.notes.map((note) => (note.span ? { ...note, span: span(note.span) } : note));
  return { ...d, span: span(d.span), notes };
}

/** All that is said of a part, as far as it does not hang on the places of things. */
function said({ diagnostics }: Compiled): string {
  return JSON.stringify(
    diagnostics.map(({ code, severity, message, help, span, notes }) => {
      return [code, severity, message, help, span.file.path, notes.map((note) => [note.message, note.span?.file.path])];
    }),
  );
}

function carry(before: Compiled, after: Compiled, files: readonly RecordedFile[], rules: string): Patches | undefined {
  const output = outputOf(after.server);
  const filesOf = ({ ruleSet, server }: Compiled): OutputFile[] => (ruleSet ? [...output.files(ruleSet, server)] : []);
  const [old, now] = [filesOf(before), filesOf(after)];
  if (!before.ruleSet || !after.ruleSet || old.map(nameOf).join() !== now.map(nameOf).join()) return undefined;
  const recorded = new Map(files.map((file) => [file.fileName, file]));
  const patches = new Map<string, { text: string; file: RecordedFile; compiled: Compiled }>();
  for (const [i, file] of now.entries()) {
    const texts = [textOf(old[i] as OutputFile), textOf(file)] as const;
    if (texts[0] === texts[1]) continue;
    const known = recorded.get(fileNameOf(file));
    if (!known) return undefined;
    const bytes = read(join(rules, fileNameOf(file)));
    // It was looked at a moment ago; read now, it must still be what it was.
    if (!bytes || digest([bytes]).sha256 !== known.sha256) return undefined;
    const text = output.carryOver(bytes.toString('utf8'), ...texts);
    if (text === undefined) return undefined;
    const { sha256, size } = digest([text]);
    const { signature: _, ...rest } = known;
    patches.set(fileNameOf(file), { text, file: { ...rest, sha256, sizeBytes: size }, compiled: after });
  }
  return patches;
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

const nameOf = ({ path, ruleCount }: OutputFile): string => `${path} ${ruleCount}`;
