import { CHECKS } from './checks/table.ts';
import { checkUntil } from './checks/until.ts';
import type { Config } from './config.ts';
import { conflictDiagnostics } from './conflict.ts';
import { declarations } from './declare.ts';
import type { Diagnostic } from './diagnostic.ts';
import { hasErrors, sortDiagnostics } from './diagnostic.ts';
import { expandRules } from './expand.ts';
import { groupTree } from './groups.ts';
import { expandNative } from './native.ts';
import { parseSources } from './parse/sources.ts';
import { plan } from './plan.ts';
import type { Program } from './resolve.ts';
import { resolve } from './resolve.ts';
import type { RuleSet } from './ruleset.ts';
import type { Sources } from './sources.ts';
import { applySuppressions } from './suppress.ts';
import { macroLibrary } from './template/template.ts';
import { textsOf } from './texts.ts';
import { versionRange } from './versions.ts';

export interface CompileOptions {
  /** YYYY-MM-DD: only for warnings of `until`; the bytes never depend on it. */
  readonly today: string;
  /** Environment variables that win over rulewright.yaml. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface Compiled {
  /** Sorted, suppressions applied. */
  readonly diagnostics: readonly Diagnostic[];
  readonly config: Config;
  /** What to write; undefined where a diagnostic is an error. */
  readonly ruleSet?: RuleSet;
  readonly program: Program;
  readonly targetsCount: number;
}

/** The compiler on one screen: text in, values out. All diagnostics are collected; nothing throws for bad input. */
export function compile(sources: Sources, options: CompileOptions): Compiled {
  const written = parseSources(sources, options.env);
  const { config, inventory } = written;
  const versions = versionRange(config.prometheus.version.value);

  const expanded = expandRules(written);
  const native = expandNative(written.native, expanded.rules);
  const rules = [...expanded.rules, ...native.rules];
  const { library, diagnostics: inMacros } = macroLibrary(written.macros);
  const { tree, diagnostics: inTree } = groupTree(written, config.prometheus.version.span.file);
  const declared = declarations(rules, tree, { broken: expanded.broken, unread: written.unread });
  const texts = textsOf(library, versions);

  const { program, diagnostics: inRules } = resolve(rules, { config, versions, tree, declared, inventory, texts });
  const conflicts = conflictDiagnostics(
    program.rules.flatMap((r) => r.cascade.conflicts),
    inventory.targets,
  );
  const checked = CHECKS.flatMap((check) => check(program));

  const all: Diagnostic[] = [
    ...written.diagnostics,
    ...expanded.diagnostics,
    ...native.diagnostics,
    ...inMacros,
    ...inTree,
    ...declared.diagnostics,
    ...inRules,
    ...conflicts,
    ...checked,
    ...texts.diagnostics,
    ...checkUntil(tree, options.today),
  ];
  const diagnostics = sortDiagnostics(applySuppressions(all, written.files, options.today));
  const result = { diagnostics, config, program, targetsCount: inventory.targets.length };
  return hasErrors(diagnostics) ? result : { ...result, ruleSet: plan(program, native.files) };
}
