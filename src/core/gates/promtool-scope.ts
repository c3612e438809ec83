import type { Version } from '../../promql/version.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { Span } from '../ground/source.ts';
import { allLabels } from '../model/plain.ts';
import type { CompiledRule, CompiledRuleGroup } from '../model/ruleset.ts';
import { type Refusal, refusedBy, serverVersion } from './version-gates.ts';

/** A promtool that is older than the servers, or can't be told of their feature flags, refuses what they take. */

interface Complaint {
  readonly fileName: string;
  readonly group?: string;
  readonly name?: string;
  readonly lint: boolean;
}

export interface KnownPromtool {
  readonly version: string;
  /** The feature flags that it is told of. */
  readonly flags: readonly string[];
}

export interface InScope<T> {
  /** What servers would complain of, too. */
  readonly kept: readonly T[];
  /** What the others are about. */
  readonly beyond: readonly Beyond[];
  /** The files that it could not read for it, as far as it can: to be judged once more. Rules keep their numbers. */
  readonly again: ReadonlyMap<string, readonly CompiledRuleGroup[]>;
}

export interface Beyond {
  readonly fileName: string;
  /** A rule or rule group, as people call it. */
  readonly what: string;
  /** A sentence. */
  readonly lacks: string;
  readonly span: Span;
}

/**
 * Parts the complaints of a promtool. Nothing that a promtool of this version lacks would have been compiled unless every
 * server had it, so that such a refusal says nothing of the servers.
 * @param groupsOf what is in a file of the release
 */
export function inScope<T extends Complaint>(
  complaints: readonly T[],
  { version, flags }: KnownPromtool,
  groupsOf: (fileName: string) => readonly CompiledRuleGroup[],
): InScope<T> {
  const known = serverVersion(version);
  if (!known) return { kept: complaints, beyond: [], again: new Map() };
  const accused = [...new Set(complaints.filter(({ lint }) => !lint).map(({ fileName }) => fileName))];
  const refusals = accused.flatMap((fileName) => refusedBy(known, [{ fileName, groups: groupsOf(fileName) }], flags));
  // Of a field that it doesn't know it speaks before it has read any rule.
  const isBeyond = (c: Complaint): boolean =>
    !c.lint &&
    refusals.some(
      ({ fileName, group, rule }) =>
        fileName === c.fileName && (c.group === undefined || (group === c.group && (rule ?? c.name) === c.name)),
    );
  const left = refusals.filter(({ fileName }) => complaints.some((c) => c.fileName === fileName && isBeyond(c)));
  const files = [...new Set(left.map(({ fileName }) => fileName))];
  return {
    kept: complaints.filter((complaint) => !files.includes(complaint.fileName)),
    beyond: left.map(beyondOf),
    again: new Map(
      files.map((fileName) => [fileName, groupsOf(fileName).map((group) => without(group, known, flags))]),
    ),
  };
}

const beyondOf = ({ fileName, group, rule, message, span }: Refusal): Beyond => ({
  fileName,
  what: rule === undefined ? `rule group ${group}` : rule,
  lacks: message,
  span,
});

/** A rule group as an older promtool can read it; a rule that it can't keeps its place, name and labels. */
function without(group: CompiledRuleGroup, version: Version, flags: readonly string[]): CompiledRuleGroup {
  const { queryOffset: _, ...known } = group;
  const readable = (rule: CompiledRule): boolean =>
    refusedBy(version, [{ fileName: '', groups: [{ ...known, labels: new Map(), rules: [rule] }] }], flags).length ===
    0;
  return {
    ...known,
    labels: new Map(),
    rules: group.rules.map((rule) => {
      const whole = { ...rule, labels: allLabels(group, rule) };
      return readable(whole)
        ? whole
        : { ...whole, labels: plainNames(whole.labels), annotations: new Map(), expr: 'vector(0)' };
    }),
  };
}

const plainNames = (labels: ReadonlyMap<string, string>): Map<string, string> =>
  new Map([...labels].filter(([name]) => /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)));

const MOST_NAMED = 5;
const MOST_IN_LINE = 5;

/** One note for all that a promtool could not judge, or run. */
export function beyondNote(
  beyond: readonly Beyond[],
  version: string,
  span: Span,
  did: 'judge' | 'run' = 'judge',
): Diagnostic[] {
  if (beyond.length === 0) return [];
  const count = beyond.length === 1 ? 'one part' : `${beyond.length} parts`;
  const names = [...new Set(beyond.map(({ what }) => what))];
  const some = names.slice(0, MOST_IN_LINE).join(', ') + (names.length > MOST_IN_LINE ? ', …' : '');
  const message = `promtool ${version} is older than the servers, or can't be told what they run with: it could not ${did} ${count} of what ${did === 'run' ? 'the tests are about' : 'was compiled'} (${some}), which the compiler alone has checked. Get the one that came with the servers.`;
  const more = beyond.length - MOST_NAMED;
  return [
    diagnostic('promtool-too-old', span, message, {
      help: 'set PROMTOOL_PATH or `prometheus.promtool_path` to it; until then this one judges what both know',
      notes: [
        ...beyond
          .slice(0, MOST_NAMED)
          .map(({ fileName, what, lacks, span: at }) => ({ message: `${fileName}: ${what}: ${lacks}`, span: at })),
        ...(more > 0 ? [{ message: `and ${more} more` }] : []),
      ],
    }),
  ];
}
