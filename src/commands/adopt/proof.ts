import { differences, fieldDifferences, groupMeaning, ruleMeaning } from '../../core/adopt/compare.ts';
import { readPlain } from '../../core/adopt/cut.ts';
import type { Family } from '../../core/adopt/family.ts';
import type { Compiled } from '../../core/compile.ts';
import { compile } from '../../core/compile.ts';
import { hasErrors } from '../../core/ground/diagnostic.ts';
import type { SourceFile } from '../../core/ground/source.ts';
import type { CompiledRule, CompiledRuleGroup } from '../../core/model/ruleset.ts';
import { renderFile } from '../../outputs/prometheus/prometheus.ts';
import type { Proposal } from './layout.ts';

/** Settings that decide how rules compile, and the day of `until`. */
export interface ProofContext {
  readonly config?: SourceFile;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly today: string;
}

/** Something by which the proposals would not compile to what was taken over. */
export interface Flaw {
  /** The proposal that it was found in. */
  readonly path: string;
  /** Others that have a part in it. */
  readonly with?: readonly string[];
  readonly reason: string;
}

/** Compiles proposals in memory and compares the result with what they were made of, rule by rule. None: proven equal. */
export function flawsOf(proposals: readonly Proposal[], context: ProofContext): Flaw[] {
  const compiled = compileProposals(proposals, context);
  if (hasErrors(compiled.diagnostics) || !compiled.ruleSet) {
    const errors = compiled.diagnostics.filter((d) => d.severity === 'error');
    // Positions are left out: these files were never written, so nobody could look there.
    return errors.map((d) => ({
      path: d.span.file.path,
      with: d.notes.flatMap((n) => n.span?.file.path ?? []),
      reason: d.message,
    }));
  }
  const bySource = groupsBySource(compiled);
  const label = compiled.config.groupLabel === false ? undefined : compiled.config.groupLabel;
  return proposals.flatMap((proposal): Flaw[] => {
    const after = bySource.get(proposal.path) ?? [];
    const reasons =
      proposal.kind === 'group'
        ? []
        : proposal.kind === 'native'
          ? nativeFlaws(proposal, compiled)
          : proposal.families
            ? proposal.families.flatMap((family) => familyFlaws(family, after, label))
            : differences(withRules(proposal.groups ?? []), after, 'exact', false);
    const extra = proposal.families ? countFlaw(proposal, after) : [];
    return [...reasons, ...extra].map((reason) => ({ path: proposal.path, reason }));
  });
}

const withRules = (groups: readonly CompiledRuleGroup[]): CompiledRuleGroup[] =>
  groups.filter((g) => g.rules.length > 0);

function compileProposals(proposals: readonly Proposal[], { config, env, today }: ProofContext): Compiled {
  const files = (folder: string): SourceFile[] =>
    proposals.filter((p) => p.path.startsWith(folder)).map(({ path, text }) => ({ path, text }));
  const nothing = { templates: [], macros: [], inventory: [], problems: [] };
  const sources = { ...nothing, rules: files('rules/'), groups: files('groups/'), ...(config && { config }) };
  return compile(sources, { today, env });
}

/** The compiled rule groups by the source file that their rules are from. */
function groupsBySource({ ruleSet }: Compiled): Map<string, CompiledRuleGroup[]> {
  const found = new Map<string, CompiledRuleGroup[]>();
  for (const file of ruleSet?.files ?? []) {
    for (const group of file.ruleGroups()) {
      const path = group.span.file.path;
      found.set(path, [...(found.get(path) ?? []), group]);
    }
  }
  return found;
}

/** A native file is judged by the very text that would be written to `dist/`, read back. */
function nativeFlaws(proposal: Proposal, compiled: Compiled): string[] {
  const file = compiled.ruleSet?.files.find(
    (f) => f.fileName.startsWith('static-') && f.sources.includes(proposal.path),
  );
  const after = file && readPlain(renderFile(file));
  return after
    ? differences(proposal.groups ?? [], after, 'exact', true)
    : ['it compiles to nothing that could be read back'];
}

/** Every copy must have exactly one instance of its meaning, but for the label of the group. */
function familyFlaws(family: Family, after: readonly CompiledRuleGroup[], label: string | undefined): string[] {
  const instances = after.flatMap((group) => group.rules.map((rule) => [group, rule] as const));
  const meaning = (group: CompiledRuleGroup, rule: CompiledRule): string =>
    JSON.stringify([ruleMeaning(group, rule, 'matchers', label), groupMeaning(group)]);
  const found = instances.map(([group, rule]) => meaning(group, rule));
  return family.copies.flatMap((copy) => {
    const key = meaning(copy.group, copy.rule);
    const hits = found.filter((f) => f === key).length;
    if (hits === 1) return [];
    if (hits > 1) return [`"${family.name}": ${hits} instances would do what one copy did`];
    const near = instances.find(([, rule]) => rule.name === copy.rule.name && sharesLabels(rule, copy.rule));
    const why = near
      ? fieldDifferences(
          ruleMeaning(copy.group, copy.rule, 'matchers', label),
          ruleMeaning(near[0], near[1], 'matchers', label),
        )
      : [];
    return [`"${family.name}": no instance is equal to the copy \`${copy.rule.expr}\`${why[0] ? ` (${why[0]})` : ''}`];
  });
}

const sharesLabels = (a: CompiledRule, b: CompiledRule): boolean =>
  a.labels.get('severity') === b.labels.get('severity');

function countFlaw(proposal: Proposal, after: readonly CompiledRuleGroup[]): string[] {
  const made = after.reduce((sum, group) => sum + group.rules.length, 0);
  return made === proposal.rules ? [] : [`${proposal.rules} rules would become ${made}`];
}
