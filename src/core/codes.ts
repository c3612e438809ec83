import type { Severity } from './diagnostic.ts';

/**
 * Every kind of diagnostic that the compiler has: a closed list. Each has a row in
 * docs/diagnostics.md and a case in test/cases (tests assert both).
 */
export const CODES = {
  // Files and YAML
  'unreadable-file': { severity: 'error', title: 'A source file cannot be read' },
  'file-too-large': { severity: 'error', title: 'A source file is larger than the compiler reads' },
  'path-outside-repository': { severity: 'error', title: 'A source lies outside the repository' },
  'path-clash': { severity: 'error', title: 'Two paths differ only in case, or compile to one file' },
  'control-character': { severity: 'error', title: 'A control character in a text' },
  'yaml-syntax': { severity: 'error', title: 'Not YAML' },
  'yaml-duplicate-key': { severity: 'error', title: 'A key that stands twice' },
  'yaml-too-deep': { severity: 'error', title: 'YAML that nests too deep' },
  'yaml-alias': { severity: 'error', title: 'Aliases that expand without measure' },
  'yaml-many-documents': { severity: 'error', title: 'Several YAML documents where one belongs' },
  'ignored-document': { severity: 'warning', title: 'A YAML document that Prometheus never reads' },
  'several-files-fit': { severity: 'warning', title: 'A name in a unit test that several sources have' },
  'empty-file': { severity: 'warning', title: 'A source file that says nothing' },
  // Shape of the sources
  'unknown-key': { severity: 'error', title: 'A key that the format does not have' },
  'missing-key': { severity: 'error', title: 'A key that the format demands' },
  'wrong-type': { severity: 'error', title: 'A value of the wrong type' },
  'invalid-value': { severity: 'error', title: 'A value that cannot be' },
  'not-our-format': { severity: 'error', title: 'A file of another tool' },
  'secret-in-repository': { severity: 'warning', title: 'A file with a secret inside of the repository' },
  'invalid-id': { severity: 'error', title: 'An id that cannot name a file' },
  'invalid-name': { severity: 'error', title: 'A label, alert or metric name that Prometheus refuses' },
  'invalid-duration': { severity: 'error', title: 'Not a duration as Prometheus writes them' },
  'invalid-regex': { severity: 'error', title: 'Not an RE2 regular expression' },
  'invalid-matcher': { severity: 'error', title: 'Not a label matcher' },
  // Names that must resolve
  'duplicate-id': { severity: 'error', title: 'Two things of one id' },
  'unknown-rule': { severity: 'error', title: 'No rule has this id' },
  'unknown-group': { severity: 'error', title: 'No group has this id' },
  'unknown-template': { severity: 'error', title: 'No template has this name' },
  'unknown-param': { severity: 'error', title: 'The rule has no such param' },
  'missing-value': { severity: 'error', title: 'A param without a value' },
  'value-out-of-range': { severity: 'error', title: 'A value outside of min and max' },
  cycle: { severity: 'error', title: 'Groups or templates that lead back to themselves' },
  'tier-order': { severity: 'error', title: 'Tiers whose thresholds are in the wrong order' },
  // Templates
  'template-syntax': { severity: 'error', title: 'A template that does not parse' },
  'template-undefined': { severity: 'error', title: 'A name that the template does not know' },
  'template-forbidden': { severity: 'error', title: 'Something that a template may not do' },
  'template-limit': { severity: 'error', title: 'A template that loops or grows without measure' },
  'param-in-identity': { severity: 'error', title: 'A param in a label or a name' },
  'param-position': { severity: 'error', title: 'A param where its type cannot stand' },
  'param-changes-structure': { severity: 'error', title: 'A value that would change the structure of the expression' },
  'go-template-in-expr': { severity: 'error', title: 'Go template braces in an expression' },
  'go-template': { severity: 'error', title: 'A template that Prometheus cannot run' },
  'value-in-label': { severity: 'warning', title: 'A label that changes with the value' },
  'dropped-label': { severity: 'warning', title: 'A label that the expression drops' },
  // PromQL
  'promql-syntax': { severity: 'error', title: 'PromQL that does not parse' },
  'promql-type': { severity: 'error', title: 'PromQL that does not type-check' },
  // Versions
  'version-gate': { severity: 'error', title: 'Something that a server in prometheus.version lacks' },
  'printed-otherwise': {
    severity: 'warning',
    title: 'An expression that some servers evaluate otherwise than it is written',
  },
  // The cascade and regions
  'empty-region': { severity: 'error', title: 'A group that nothing can match' },
  'group-on-no-server': { severity: 'warning', title: 'A group that is on none of the servers' },
  'case-on-no-server': { severity: 'warning', title: 'A case that holds on none of the servers' },
  'target-on-no-server': { severity: 'warning', title: 'Targets that none of the servers has' },
  'external-label': { severity: 'warning', title: 'A matcher on a label that only leaves the server' },
  'match-missing': { severity: 'warning', title: 'A group that matches all that its parent does' },
  'priority-below-parent': { severity: 'error', title: 'A priority lower than the parent’s' },
  ambiguous: { severity: 'error', title: 'Two unrelated groups that disagree' },
  'derived-id-too-long': { severity: 'error', title: 'A derived group whose id is too long for a file' },
  'too-many-cells': { severity: 'error', title: 'Overlapping groups that multiply beyond the limit' },
  'many-derived-cells': { severity: 'warning', title: 'Overlapping groups that multiply' },
  'not-disjoint': { severity: 'error', title: 'A metric that lacks the label that would tell two instances apart' },
  'too-many-selectors': { severity: 'error', title: 'A region that would take too many selectors' },
  'same-identity': { severity: 'error', title: 'Two rules of equal name and labels for one target' },
  'fleet-wide-split': { severity: 'warning', title: 'A fleet-wide rule that is now computed per region' },
  'labels-cannot-reach': { severity: 'warning', title: 'Rules that group-wide labels cannot reach' },
  'every-cannot-reach': { severity: 'warning', title: 'Rules that "*" cannot reach' },
  'every-threshold': { severity: 'warning', title: 'One threshold for rules that measure different things' },
  'split-from-nothing': { severity: 'error', title: 'A rule from nothing that is split without an inventory' },
  'region-without-target': { severity: 'note', title: 'A region left out, for it has no target' },
  'order-lost': { severity: 'note', title: 'A recording rule and its reader in different files' },
  'until-passed': { severity: 'warning', title: 'An `until` that has passed' },
  'group-without-target': { severity: 'warning', title: 'A group that no target of the inventory is in' },
  'rule-without-target': { severity: 'warning', title: 'A rule that watches no target of the inventory' },
  'inventory-without-file': { severity: 'warning', title: 'An inventory entry that no file matches' },
  'no-effect': { severity: 'warning', title: 'A setting that always loses' },
  'missing-label': { severity: 'warning', title: 'A matcher on a label that the series lack' },
  'group-label-join': { severity: 'error', title: 'A join of series of which only some carry the group label' },
  'group-label-double': {
    severity: 'error',
    title: 'Two series that differ in the group label alone, where one is needed',
  },
  'group-label-kept': { severity: 'error', title: 'A group label that may or may not count' },
  'group-label-taken': { severity: 'error', title: 'A target that carries the group label already' },
  'unused-suppression': { severity: 'warning', title: 'A suppression that suppresses nothing' },
  'invalid-suppression': { severity: 'warning', title: 'A suppression without a code or a reason' },
  // What a server really has: `check --live`
  'live-missing-label': {
    severity: 'error',
    title: 'Series on the server that lack a label which an instance demands',
  },
  'live-missing-metric': { severity: 'note', title: 'A metric that the server does not have' },
  'foreign-file': { severity: 'warning', title: 'A rule file among the compiled ones that nobody compiled' },
  // The second opinion
  promtool: { severity: 'error', title: 'promtool refuses what was compiled' },
  'promtool-too-old': { severity: 'note', title: 'A promtool that cannot judge all that the servers take' },
} as const satisfies Record<string, { severity: Severity; title: string }>;

export type Code = keyof typeof CODES;
