import { anyOf, labelText } from '../../promql/matcher.ts';
import { regexProblem } from '../../promql/regex.ts';
import { parseSelector } from '../../promql/selector-text.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { subSpan } from '../ground/scalar-map.ts';
import type { Span } from '../ground/source.ts';
import type { LocatedMatcher } from '../model/written.ts';
import type { ParseOptions } from './names.ts';
import { checkLabelName } from './names.ts';
import type { Entry, ScalarNode, YamlNode } from './nodes.ts';
import { describe, headSpan, isNull, placeOf, shorten } from './nodes.ts';

/** `match`: a mapping of labels to a value or to any of several, or a PromQL selector as text. */
export function readMatch(match: Entry, options: ParseOptions, out: Diagnostic[]): LocatedMatcher[] {
  const node = match.value;
  if (node.kind === 'map') return [...node.entries.values()].flatMap((entry) => readEntry(entry, options, out));
  if (node.kind === 'scalar' && typeof node.value === 'string') return readSelector(node, options, out);
  const message = `\`match\` must be a mapping of labels or a selector, but it is ${describe(node)}.`;
  const help = 'For instance: `match: { env: prod }`, or `match: \'{env=~"prod|live"}\'`.';
  out.push(diagnostic('wrong-type', placeOf(match), message, { help }));
  return [];
}

function readEntry(entry: Entry, options: ParseOptions, out: Diagnostic[]): LocatedMatcher[] {
  const { key: label, keySpan, value } = entry;
  checkMatchLabel(label, keySpan, options, out);
  const items = value.kind === 'list' ? value.items : [value];
  const texts: string[] = [];
  for (const item of items) {
    if (item.kind !== 'scalar' || isNull(item)) {
      const help = isNull(item)
        ? 'For targets that lack the label, write `""`.'
        : 'Write `label: value` or `label: [any, of]`.';
      const message = `\`${shorten(label)}\` must be a value or a list of values, but it is ${describe(item)}.`;
      out.push(
        diagnostic('wrong-type', item.span.start === item.span.end ? keySpan : headSpan(item.span), message, { help }),
      );
      return [];
    }
    if (/^(?:=~|!=|!~|==)/.test(item.text)) {
      const message = `\`${shorten(item.text)}\` would be taken as the label's value, operator and all.`;
      const help = `Write a selector: \`match: '{${labelText(label)}=~"…"}'\`.`;
      out.push(diagnostic('invalid-matcher', item.span, message, { help }));
      return [];
    }
    texts.push(item.text);
  }
  if (texts.length === 0) {
    out.push(
      diagnostic(
        'invalid-matcher',
        value.span,
        `No value is in the list of \`${shorten(label)}\`, so nothing could match.`,
      ),
    );
    return [];
  }
  return [
    {
      matcher: { label, ...anyOf(texts) },
      span: { file: keySpan.file, start: keySpan.start, end: endOf(keySpan, value) },
    },
  ];
}

/** The end of a value that is written behind its key; where an alias or a merge puts it elsewhere, the key's. */
function endOf(keySpan: Span, value: YamlNode): number {
  return value.span.start >= keySpan.end && value.span.file === keySpan.file ? value.span.end : keySpan.end;
}

function readSelector(node: ScalarNode, options: ParseOptions, out: Diagnostic[]): LocatedMatcher[] {
  const { matchers, problems } = parseSelector(node.text);
  const text = { value: node.text, span: node.span };
  const place = (from: number, to: number): Span => subSpan(text, from, to);
  for (const { message, from, to, help } of problems)
    out.push(diagnostic('invalid-matcher', place(from, to), message, { help }));
  return matchers.flatMap(({ matcher, from, to, valueFrom, valueTo }) => {
    checkMatchLabel(matcher.label, place(from, to), options, out);
    const problem = matcher.op === '=~' || matcher.op === '!~' ? regexProblem(matcher.value) : undefined;
    if (problem === undefined) return [{ matcher, span: place(from, to) }];
    out.push(invalidRegex(place(valueFrom, valueTo), matcher.value, problem));
    return [];
  });
}

/** Not RE2, with what RE2 says of it. */
export function invalidRegex(span: Span, pattern: string, problem: string): Diagnostic {
  // The problem names the pattern as Prometheus anchors it, which nobody wrote.
  const why = problem.replace(/^error parsing regexp: /, '').replace(/`\^\(\?s:([\s\S]*)\)\$`/, '`$1`');
  const look = /\(\?[=!<]/.test(pattern)
    ? 'RE2, which Prometheus uses, has no look-ahead and look-behind.'
    : 'Prometheus reads RE2 (the syntax of Go).';
  return diagnostic(
    'invalid-regex',
    span,
    `\`${shorten(pattern)}\` is not a regular expression: ${shorten(why, 120)}.`,
    { help: look },
  );
}

function checkMatchLabel(label: string, span: Span, options: ParseOptions, out: Diagnostic[]): void {
  if (label === '__name__') {
    const message = '`match` is about targets, and `__name__` is the name of a metric.';
    out.push(
      diagnostic('invalid-matcher', span, message, { help: 'Remove it; what a rule watches is said in its `expr`.' }),
    );
  } else if (label.startsWith('__')) {
    const message = `Prometheus drops labels that start with \`__\` before it scrapes, so \`${shorten(label)}\` would match nothing.`;
    out.push(diagnostic('invalid-matcher', span, message, { help: 'Use a label that the scraped series have.' }));
  } else checkLabelName(label, span, options, out);
}
