import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Compiled } from '../core/compile.ts';
import type { RuleFile } from '../core/ruleset.ts';
import type { Sources } from '../core/sources.ts';
import type { Cache } from '../io/cache.ts';
import { digest } from '../io/dist.ts';
import { changedSince, type Last } from '../io/last.ts';
import type { BuildRecord, RecordedFile } from '../io/record.ts';
import { carryOver } from '../outputs/blocks.ts';
import { renderFile } from '../outputs/prometheus.ts';
import type { Io } from './context.ts';
import { compileOptions } from './repository.ts';

/** Files of `dist/rules/` that are other than they were, by name, with their texts. */
export type Patch = ReadonlyMap<
  string,
  { readonly text: string; readonly file: RecordedFile; readonly compiled: Compiled }
>;

/** The last build, and where it wrote; its files lie there as it left them, which whoever asks has seen to. */
export interface Patched {
  readonly last: Last;
  readonly record: BuildRecord;
  /** Absolute. */
  readonly rules: string;
}

/**
 * What a change of numbers in group files does to the compiled files, found by compiling what it can be about, as
 * it was and as it is. Undefined, and all must be compiled, wherever anything else changed, anything is said now
 * that was not said before, or what was compiled as it was is not what stands in the files.
 */
export async function patch(
  sources: Sources,
  { last, record, rules }: Patched,
  cache: Cache,
  io: Io,
): Promise<Patch | undefined> {
  const [release, ...others] = record.releases;
  // What is in effect where would have to be worked out for all targets.
  if (!release || others.length > 0 || release.name !== '' || sources.inventory.length > 0) return undefined;
  const old = await changedSince(cache, last, sources);
  if (!old || old.size === 0 || isSpokenOf(record, old)) return undefined;
  const [{ narrow }, { compile }] = await Promise.all([import('../core/narrow.ts'), import('../core/compile.ts')]);
  const part = narrow(sources, old, last.groups);
  if (!part) return undefined;
  const before = compile(part.before, compileOptions(io));
  const after = compile(part.after, compileOptions(io));
  const known = new Set(after.program.rules.map(({ rule }) => rule.id));
  if (![...part.rules].every((id) => known.has(id)) || said(before) !== said(after)) return undefined;
  return carry(before, after, release.files, rules);
}

/** Whether a diagnostic points at a file that changed: its place there may be another now. */
function isSpokenOf({ diagnostics }: BuildRecord, files: ReadonlyMap<string, string>): boolean {
  return diagnostics.some((d) => [d.span, ...d.notes.map((n) => n.span)].some((at) => at && files.has(at.file.path)));
}

/** All that is said of a part, as far as it does not hang on the places of things. */
function said({ diagnostics }: Compiled): string {
  return JSON.stringify(
    diagnostics.map(({ code, severity, message, help, span, notes }) => {
      return [code, severity, message, help, span.file.path, notes.map((note) => [note.message, note.span?.file.path])];
    }),
  );
}

function carry(before: Compiled, after: Compiled, files: readonly RecordedFile[], rules: string): Patch | undefined {
  const [old, now] = [before.ruleSet?.files, after.ruleSet?.files];
  if (!old || !now || old.map(nameOf).join() !== now.map(nameOf).join()) return undefined;
  const recorded = new Map(files.map((file) => [file.fileName, file]));
  const patches = new Map<string, { text: string; file: RecordedFile; compiled: Compiled }>();
  for (const [i, file] of now.entries()) {
    const texts = [renderFile(old[i] as RuleFile), renderFile(file)] as const;
    if (texts[0] === texts[1]) continue;
    const known = recorded.get(file.fileName);
    if (!known) return undefined;
    const bytes = readFileSync(join(rules, file.fileName));
    // It was looked at a moment ago; read now, it must still be what it was.
    if (digest([bytes]).sha256 !== known.sha256) return undefined;
    const text = carryOver(bytes.toString('utf8'), ...texts);
    if (text === undefined) return undefined;
    const { sha256, size } = digest([text]);
    const { signature: _, ...rest } = known;
    patches.set(file.fileName, { text, file: { ...rest, sha256, sizeBytes: size }, compiled: after });
  }
  return patches;
}

const nameOf = ({ fileName, ruleCount }: RuleFile): string => `${fileName} ${ruleCount}`;
