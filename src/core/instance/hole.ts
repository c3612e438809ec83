import type { HoleContext } from '../../promql/hole.ts';
import { regexQuote } from '../../promql/regex.ts';
import type { Value } from '../model/value.ts';
import { numberText } from '../model/value.ts';

/** Either the text that stands for a value, or why it can't stand there. */
export type Written =
  | { readonly text: string; readonly problem?: never }
  | { readonly problem: string; readonly help: string; readonly text?: never };

/** How a value is written where it stands in an expression: typed and escaped, so that it is one token. */
export function writeValue(value: Value, context: HoleContext): Written {
  switch (context.kind) {
    case 'number':
      return asNumber(value, context.tight);
    case 'duration':
      if (value.type === 'duration') return { text: value.text };
      if (value.type === 'number') {
        return {
          problem: 'A duration stands here, and a number has no unit.',
          help: 'give the param the type duration, e.g. 5m',
        };
      }
      return cannot(value, 'a range or an offset', 'give the param the type duration');
    case 'string':
      return asString(value, context);
    case 'name':
      return asName(value);
    case 'partial':
      if (value.type === 'number' && Number.isInteger(value.value) && value.value >= 0)
        return { text: numberText(value.value) };
      return cannot(value, 'the middle of a name or a number', 'let the param be the whole of it');
  }
}

const cannot = (value: Value, where: string, help: string): Written => ({
  problem: `A ${value.type} cannot stand in ${where}.`,
  help,
});

function asNumber(value: Value, tight: boolean): Written {
  // A duration counts as its seconds, which every server understands.
  const number = value.type === 'number' ? value.value : value.type === 'duration' ? value.ms / 1000 : undefined;
  if (number === undefined)
    return cannot(value, 'the place of a number', 'give the param the type number, or put the text in quotes');
  const text = numberText(number);
  return { text: tight && number < 0 ? `(${text})` : text };
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const KEYWORDS = /^(and|or|unless|by|without|on|ignoring|group_left|group_right|offset|bool|atan2|inf|nan)$/i;

function asName(value: Value): Written {
  if (value.type !== 'string' && value.type !== 'enum')
    return cannot(value, 'the place of a name', 'give the param the type string or enum');
  if (NAME.test(value.value) && !KEYWORDS.test(value.value)) return { text: value.value };
  return {
    problem: `${JSON.stringify(value.value)} is not a name, and could change the structure of the expression.`,
    help: 'put << >> in quotes if a text is meant',
  };
}

function asString(value: Value, context: Extract<HoleContext, { kind: 'string' }>): Written {
  const content = stringContent(value, context);
  if (typeof content !== 'string') return content;
  return escapeFor(content, context.quote);
}

function stringContent(value: Value, { matcher, whole }: Extract<HoleContext, { kind: 'string' }>): string | Written {
  if (matcher === 'regex') {
    const group = (pattern: string): string => (whole || !pattern.includes('|') ? pattern : `(?:${pattern})`);
    switch (value.type) {
      case 'list':
        return group(value.items.map(regexQuote).join('|'));
      case 'regex':
        return group(value.value);
      case 'string':
      case 'enum':
        return regexQuote(value.value);
    }
  }
  switch (value.type) {
    case 'list':
      return {
        problem: 'A list is an alternation, which only =~ and !~ understand.',
        help: 'write =~ or !~ in this matcher',
      };
    case 'regex':
      if (matcher === '=')
        return {
          problem: 'A regex means nothing to = and !=.',
          help: 'write =~ or !~ in this matcher, or give the param the type string',
        };
      return value.value;
    case 'number':
      return numberText(value.value);
    case 'duration':
      return value.text;
    case 'boolean':
      return String(value.value);
    default:
      return value.value;
  }
}

/** A text inside quotes that stand already; Go's escapes, which PromQL shares. */
export function escapeFor(content: string, quote: '"' | "'" | '`'): Written {
  if (quote === '`') {
    if (!content.includes('`')) return { text: content };
    return { problem: 'A string in backquotes cannot hold a backquote.', help: 'use double quotes in the expression' };
  }
  const inner = JSON.stringify(content).slice(1, -1);
  return { text: quote === '"' ? inner : inner.replace(/\\"/g, '"').replace(/'/g, "\\'") };
}
