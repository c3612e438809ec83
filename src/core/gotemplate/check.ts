import type { VersionRange } from '../../promql/version.ts';
import type { Problem } from './cursor.ts';
import type { Failure } from './frame.ts';
import { lexGoTemplate } from './lex.ts';
import { parseText } from './parse.ts';
import { runTemplate } from './run.ts';
import type { LabelUse, Parser } from './scope.ts';
import { outerScope } from './scope.ts';

/** Templates of labels and annotations, which Prometheus fills in when an alert fires: Go's text/template. */

export interface GoTemplateCheck {
  /** None where Prometheus can parse it. Like Go's parser, this stops at the first one. */
  readonly problems: readonly Problem[];
  /** What goes wrong when it runs, where it can be parsed, in the order of the text. */
  readonly failures: readonly Failure[];
  /** From `$labels.x`, `.Labels.x` and `index $labels "x"`, in the order of the text. */
  readonly labelsUsed: readonly LabelUse[];
  /** In a label, the value changes the alert's identity at each evaluation. */
  readonly usesValue: boolean;
}

/** Parses and runs a template as Prometheus does, which declares `$labels`, `$externalLabels`, `$externalURL` and `$value` first. */
export function checkGoTemplate(text: string, versions: VersionRange): GoTemplateCheck {
  if (!text.includes('{{')) return { problems: [], failures: [], labelsUsed: [], usesValue: false };
  const parser: Parser = {
    cursor: { tokens: lexGoTemplate(text), at: 0, problem: undefined },
    uses: { labels: [], value: false },
    min: versions.min,
    definitions: new Map(),
    depth: 0,
  };
  const statements = parseText(parser, outerScope());
  const { problem } = parser.cursor;
  const uses = { labelsUsed: parser.uses.labels, usesValue: parser.uses.value };
  if (problem) return { problems: [problem], failures: [], ...uses };
  const definitions = new Map([...parser.definitions].map(([name, body]) => [name, body.statements]));
  return { problems: [], failures: runTemplate(text, { statements, definitions }, versions), ...uses };
}
