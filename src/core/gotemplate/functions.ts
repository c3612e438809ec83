import type { Version } from '../../promql/version.ts';

/** The functions that templates of labels and annotations can call, and the first version that has them (undefined: all). */

export const GO_FUNCTIONS: ReadonlyMap<string, Version | undefined> = new Map<string, Version | undefined>([
  // Go's own
  ...every('and', 'call', 'html', 'index', 'slice', 'js', 'len', 'not', 'or', 'print', 'printf', 'println', 'urlquery'),
  ...every('eq', 'ge', 'gt', 'le', 'lt', 'ne'),
  // Those of Prometheus for queries and their results
  ...every('query', 'first', 'label', 'value', 'strvalue', 'sortByLabel'),
  // Numbers and times
  ...every('humanize', 'humanize1024', 'humanizeDuration', 'humanizePercentage', 'humanizeTimestamp'),
  ...every('toTime', 'parseDuration'),
  ['toDuration', [3, 6]],
  ['now', [3, 6]],
  // Texts and links
  ...every('title', 'toUpper', 'toLower', 'match', 'reReplaceAll', 'stripPort', 'stripDomain'),
  ...every('graphLink', 'tableLink', 'externalURL', 'pathPrefix', 'args', 'safeHtml'),
  ['urlQueryEscape', [3, 8]],
]);

/** What people write who come from other templates, and what there is instead. */
export const NOT_HERE: Readonly<Record<string, string>> = {
  tmpl: 'Only console templates have it.',
  join: 'Only Alertmanager’s templates have it.',
  default: 'Helm has it: `{{ or $labels.x "none" }}` does the same.',
  quote: 'Helm has it: `{{ printf "%q" … }}` does the same.',
  upper: 'Did you mean `toUpper`?',
  lower: 'Did you mean `toLower`?',
  replace: 'Did you mean `reReplaceAll`? It takes a regex, the replacement and the text.',
  humanizeBytes: 'Did you mean `humanize1024`?',
};

function every(...names: readonly string[]): [string, undefined][] {
  return names.map((name) => [name, undefined]);
}
