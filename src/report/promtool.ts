import type { Diagnostic, Note } from '../core/ground/diagnostic.ts';
import { diagnostic } from '../core/ground/diagnostic.ts';
import type { Span } from '../core/ground/source.ts';
import type { CompiledRule, CompiledRuleGroup, RuleFile } from '../core/model/ruleset.ts';

/** What promtool said of a compiled file, as `io/promtool` reads it. Lines are of the compiled file, 1-based. */
export interface PromtoolComplaint {
  /** Below `dist/rules/`. */
  readonly fileName: string;
  readonly line?: number;
  readonly group?: string;
  /** 1-based, in the rule group. */
  readonly ruleNumber?: number;
  readonly name?: string;
  readonly message: string;
  /** Prometheus would load it all the same. */
  readonly lint: boolean;
  readonly labels?: ReadonlyMap<string, string>;
}

/**
 * promtool's complaints as diagnostics that point at the sources: at the rule, where it can be told,
 * else at the rule group. A lint finding in a rule file that is used as it is only warns: Prometheus loads it.
 */
export function promtoolDiagnostics(
  complaints: readonly PromtoolComplaint[],
  files: readonly RuleFile[],
  version: string,
): Diagnostic[] {
  const fileOf = new Map(files.map((file) => [file.fileName, file]));
  return complaints.map((complaint) => {
    const file = fileOf.get(complaint.fileName);
    const places = file ? locate(complaint, file) : [];
    const place = places.at(-1);
    const span = place?.rule?.span ?? place?.group.span ?? nowhere(complaint.fileName);
    const native = complaint.fileName.startsWith('static-');
    const asAdopted = complaint.lint && native;
    const made = diagnostic('promtool', span, messageOf(complaint), {
      help: asAdopted
        ? 'Prometheus loads the file all the same, so that this can stay. Where both fire for one series, give one of them a label of its own.'
        : place?.rule
          ? 'Change the rule, or the setting of a group that made it so.'
          : 'Look at the compiled file: `rulewright build` in a copy with `validate_rules: false` writes it.',
      notes: asAdopted ? [{ message: `promtool ${version}` }] : notesOf(complaint, places, version),
    });
    return asAdopted ? { ...made, severity: 'warning' } : made;
  });
}

interface Place {
  readonly group: CompiledRuleGroup;
  readonly rule?: CompiledRule;
  /** 1-based. */
  readonly number?: number;
}

/** Where a complaint is about: one place, or for duplicates every rule of that name and labels. */
function locate(complaint: PromtoolComplaint, file: RuleFile): Place[] {
  const places: Place[] = [];
  const named: Place[] = [];
  let first: CompiledRuleGroup | undefined;
  for (const group of file.ruleGroups()) {
    first ??= group;
    if (complaint.labels) {
      group.rules.forEach((rule, index) => {
        if (rule.name !== complaint.name) return;
        const place = { group, rule, number: index + 1 };
        named.push(place);
        if (sameLabels(merged(group, rule), complaint.labels)) places.push(place);
      });
    } else if (group.name === complaint.group) {
      const rule = group.rules[(complaint.ruleNumber ?? 0) - 1];
      return [rule && complaint.ruleNumber ? { group, rule, number: complaint.ruleNumber } : { group }];
    }
  }
  if (places.length > 0) return places;
  // A label value of several lines can't be read back from promtool's list; the name still tells.
  if (named.length > 0) return named;
  return first ? [{ group: first }] : [];
}

function messageOf(complaint: PromtoolComplaint): string {
  const said = complaint.message.trim().replace(/\s*\n\s*/g, ' ');
  const what = complaint.name
    ? `${JSON.stringify(complaint.name)} as it is compiled`
    : `the compiled ${complaint.fileName}`;
  if (complaint.lint) return `promtool warns of ${what}: ${said}.`;
  return `promtool refuses ${what}, and Prometheus would refuse the whole reload: ${said}.`;
}

function notesOf(complaint: PromtoolComplaint, places: readonly Place[], version: string): Note[] {
  const line = complaint.line === undefined ? '' : ` line ${complaint.line},`;
  const notes: Note[] = places.slice(0, -1).flatMap(({ rule }) => {
    return rule ? [{ message: 'the other rule', span: rule.span }] : [];
  });
  const last = places.at(-1);
  if (last?.rule) {
    notes.push({
      message: `in rules/${complaint.fileName},${line} rule ${last.number} of ${JSON.stringify(last.group.name)}: ${last.rule.expr}`,
    });
  } else if (line !== '') notes.push({ message: `in rules/${complaint.fileName},${line.slice(0, -1)}` });
  notes.push({ message: `promtool ${version}` });
  return notes;
}

/** Group labels count as the rules' own, the rule's winning. */
function merged(group: CompiledRuleGroup, rule: CompiledRule): ReadonlyMap<string, string> {
  return group.labels.size === 0 ? rule.labels : new Map([...group.labels, ...rule.labels]);
}

function sameLabels(labels: ReadonlyMap<string, string>, wanted: ReadonlyMap<string, string> | undefined): boolean {
  return labels.size === wanted?.size && [...labels].every(([name, value]) => wanted.get(name) === value);
}

/** Every file of a release is known; should promtool name another, the complaint is not lost. */
function nowhere(fileName: string): Span {
  return { file: { path: fileName, text: '' }, start: 0, end: 0 };
}
