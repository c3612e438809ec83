import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { parseDuration } from '../ground/duration.ts';
import type { Located, Span } from '../ground/source.ts';
import type { Text, TextMap } from '../model/written.ts';
import { shorten } from './nodes.ts';

/** How the servers read names: before 3.0 ASCII words only, since then any UTF-8 where all servers know it. */
export interface ParseOptions {
  readonly utf8Names?: boolean;
}

const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** Label names of a mapping: those that Prometheus refuses, or would overwrite. */
export function checkLabelNames(labels: TextMap, options: ParseOptions, out: Diagnostic[], what = 'label'): void {
  for (const [name, { keySpan }] of labels) checkLabelName(name, keySpan, options, out, what);
}

/** One name of a label or an annotation. */
export function checkLabelName(
  name: string,
  span: Span,
  options: ParseOptions,
  out: Diagnostic[],
  what = 'label',
): void {
  if (name === '__name__' && what === 'label') {
    const help = 'It would rename the metric. Choose another label.';
    out.push(diagnostic('invalid-name', span, 'Prometheus refuses `__name__` as a label of a rule.', { help }));
  } else if (options.utf8Names ? name === '' : !LABEL.test(name)) {
    const message = `\`${shorten(name)}\` is not a name that every server takes for ${what === 'label' ? 'a label' : 'an annotation'}.`;
    const help = options.utf8Names
      ? 'The name must not be empty.'
      : `Letters, digits and \`_\` only, the first not a digit${asWord(name)}. Prometheus 3.0 and later take any name.`;
    out.push(diagnostic('invalid-name', span, message, { help }));
  }
}

function asWord(name: string): string {
  const word = name.replace(/[^a-zA-Z0-9_]+/g, '_').replace(/^(?=\d)/, '_');
  return LABEL.test(word) && word !== '_' ? `: \`${word}\`, for instance` : '';
}

/** An alert's name: any text without control characters, and never a template. */
export function checkAlertName(name: Located<string>, out: Diagnostic[]): void {
  if (name.value === '') {
    out.push(
      diagnostic('invalid-name', name.span, 'An alert needs a name.', { help: 'For instance: `alert: HighCPUUsage`.' }),
    );
    return;
  }
  checkPlainText(name, 'the name of an alert', out);
}

/** A recording rule's name: a metric name. */
export function checkMetricName(name: Located<string>, options: ParseOptions, out: Diagnostic[]): void {
  const before = out.length;
  checkPlainText(name, 'the name of a metric', out);
  if (out.length > before) return;
  const bare = !/[{}]/.test(name.value);
  // Servers that take any other text refuse braces here: they are taken for a selector that belongs elsewhere.
  if (options.utf8Names ? name.value !== '' && bare : METRIC.test(name.value)) return;
  const braces = bare ? '' : ' A selector belongs into `expr`.';
  out.push(
    diagnostic('invalid-name', name.span, `\`${shorten(name.value)}\` is not a metric name that every server takes.`, {
      help: `Letters, digits, \`_\` and \`:\` only, the first not a digit; by custom \`level:metric:operations\`.${braces}`,
    }),
  );
}

/** Names, ids and the like: no control characters, no template. */
export function checkPlainText(text: Located<string>, what: string, out: Diagnostic[]): void {
  if (CONTROL.test(text.value)) {
    const message = `A control character or a line break in ${what}.`;
    out.push(diagnostic('control-character', text.span, message, { help: 'Remove it.' }));
  } else if (/<<|<%|<#/.test(text.value)) {
    const message = `A template in ${what}: names aren't templated, for a changed value would change the alert's identity.`;
    out.push(
      diagnostic('param-in-identity', text.span, message, {
        help: 'Write the name out; put the value into an annotation.',
      }),
    );
  }
}

/** A group's id, which names a file: small letters, digits, `.` and `-`, no `--`, at most 100 characters. */
export function checkGroupId(id: Located<string>, out: Diagnostic[], fromFileName = false): void {
  const from = fromFileName ? ' (from the name of the file)' : '';
  checkFileId(id, { from, what: 'the id of a group', key: 'id', names: 'it names a file' }, out);
}

/** What names a file or a folder of `dist/`. */
export function checkFileId(
  id: Located<string>,
  { from, what, key, names }: { from: string; what: string; key: string; names: string },
  out: Diagnostic[],
): void {
  const { value } = id;
  if (
    /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/.test(value) &&
    !value.includes('--') &&
    !value.includes('..') &&
    value.length <= 100
  )
    return;
  const better = value
    .toLowerCase()
    .replace(/\.{2,}|[^a-z0-9.]+/g, '-')
    .replace(/^[.-]+|[.-]+$/g, '')
    .slice(0, 100);
  const why = /[/\\]/.test(value)
    ? 'it is a path'
    : value.length > 100
      ? 'it is longer than 100 characters'
      : value.includes('--') && key === 'id'
        ? '`--` joins the ids of overlapping groups'
        : names;
  const usable = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/.test(better) ? ` Write \`${key}: ${better}\`.` : '';
  out.push(
    diagnostic('invalid-id', id.span, `\`${shorten(value)}\`${from} cannot be ${what}: ${why}.`, {
      help: `Small letters, digits, \`.\` and \`-\` between them.${usable}`,
    }),
  );
}

/** An explicit rule id: no spaces, quotes, slashes or braces, so that groups can name it. */
export function checkRuleId(id: Located<string>, out: Diagnostic[]): void {
  if (/^[\p{L}\p{N}_:][\p{L}\p{N}_:.-]*$/u.test(id.value)) return;
  out.push(
    diagnostic('invalid-id', id.span, `\`${shorten(id.value)}\` cannot be the id of a rule.`, {
      help: 'Letters, digits, `_`, `:`, `.` and `-` only, starting with a letter, a digit, `_` or `:`.',
    }),
  );
}

/** The id of a case or the name of a tier. */
export function checkPartId(id: Located<string>, what: string, out: Diagnostic[]): void {
  if (/^[a-zA-Z0-9](?:[a-zA-Z0-9._-]*[a-zA-Z0-9])?$/.test(id.value) && id.value.length <= 100) return;
  out.push(
    diagnostic('invalid-id', id.span, `\`${shorten(id.value)}\` cannot be the ${what}.`, {
      help: 'Letters, digits, `.`, `_` and `-` only, a letter or a digit at both ends, at most 100 characters.',
    }),
  );
}

/** A duration that is never templated. */
export function checkDuration(text: Located<string> | undefined, what: string, out: Diagnostic[]): void {
  if (text === undefined) return;
  const parsed = parseDuration(text.value);
  if (parsed.problem === undefined) return;
  out.push(diagnostic('invalid-duration', text.span, `\`${what}\`: ${parsed.problem}`, { help: parsed.help }));
}

/** A templated duration: only a number without a unit is wrong before it is rendered. */
export function checkTemplatedDuration(text: Text | undefined, what: string, out: Diagnostic[]): void {
  if (text === undefined || text.value === null) return;
  if (!/^[+-]?\d+(\.\d+)?$/.test(text.value) || text.value === '0') return;
  const number = text.value.replace(/^[+-]/, '').replace(/\..*/, '');
  out.push(
    diagnostic('invalid-duration', text.span, `\`${what}\`: ${text.value} of what? A duration needs a unit.`, {
      help: `Write \`${number}m\` or \`${number}s\`.`,
    }),
  );
}
