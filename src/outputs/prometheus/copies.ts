import { memo } from '../../core/ground/memo.ts';
import type { CompiledRule, RuleCopy } from '../../core/model/ruleset.ts';
import { scalar } from '../yaml/scalar.ts';

/**
 * The text of rules that many have in common: the sample is written once, as any rule is, and cut at its marks;
 * each rule then is the pieces with its values between them. That is right because a value is of a kind
 * (`RuleCopy` says which) that changes nothing of how the text around it is written; where
 * it could, because it stands first or alone, it is looked at, and in doubt the rule is written as any other.
 */
interface Cut {
  /** One more than there are marks. */
  readonly pieces: readonly string[];
  /** By mark: the number of the value, and whether it is a scalar of its own, which may need quotes. */
  readonly values: readonly number[];
  readonly alone: readonly boolean[];
}

const MARK = /[\ue000-\uf8ff]/;
const MARKS = /[\ue000-\uf8ff]/g;
const FIRST = 0xe000;
/** The text of a mark that is a whole value starts a line behind the key and ends it. */
const ALONE_BEFORE = /: $/;

const cuts = new WeakMap<CompiledRule, { readonly cut: Cut | undefined }>();

/** The text of a rule; `write` gives that of a whole one. */
export function copyText({ sample, values }: RuleCopy, write: (rule: CompiledRule) => string): string {
  const { cut } = memo(cuts, sample, () => ({ cut: isEasy(sample) ? cutAt(write(sample)) : undefined }));
  if (!cut) return write(filled(sample, values));
  let text = cut.pieces[0] as string;
  for (let i = 0; i < cut.values.length; i++) {
    const value = values[cut.values[i] as number] as string;
    text += (cut.alone[i] ? quoted(value) : value) + (cut.pieces[i + 1] as string);
  }
  return text;
}

function cutAt(text: string): Cut {
  const pieces = text.split(MARK);
  const marks = text.match(MARKS) ?? [];
  return {
    pieces,
    values: marks.map((mark) => mark.charCodeAt(0) - FIRST),
    alone: marks.map((_, i) => ALONE_BEFORE.test(pieces[i] as string) && (pieces[i + 1] as string).startsWith('\n')),
  };
}

/** Whether each text with marks is either a mark alone or written alike whatever the values are. */
function isEasy({ name, expr, labels, annotations, for: wait, keepFiringFor }: CompiledRule): boolean {
  const names = [name, ...labels.keys(), ...annotations.keys(), wait ?? '', keepFiringFor ?? ''];
  if (names.some((text) => MARK.test(text))) return false;
  return (
    [...labels.values(), ...annotations.values()].every((text) => isMark(text) || isSteady(text)) && isSteady(expr)
  );
}

const isMark = (text: string): boolean => text.length === 1 && MARK.test(text);

/** What starts with a mark, and what digits in its gaps could make a number or a date of, is not. */
const UNSTEADY = /^(?:[\ue000-\uf8ff]|[0-9\ue000-\uf8ff]+-|[0-9a-f_xo,.:+\ue000-\uf8ff-]*$)/i;

const isSteady = (text: string): boolean => !MARK.test(text) || !UNSTEADY.test(text);

/** Ids come again and again: whether they need quotes is found once. */
const known = new Map<string, string>();
const MOST_KNOWN = 10_000;

function quoted(value: string): string {
  if (known.size > MOST_KNOWN) known.clear();
  return memo(known, value, () => scalar(value, 10, 'value'));
}

function filled(sample: CompiledRule, values: readonly string[]): CompiledRule {
  const fill = (text: string): string => text.replace(MARKS, (mark) => values[mark.charCodeAt(0) - FIRST] ?? mark);
  const all = (texts: ReadonlyMap<string, string>): Map<string, string> =>
    new Map([...texts].map(([name, text]) => [name, fill(text)]));
  return {
    ...sample,
    expr: fill(sample.expr),
    labels: all(sample.labels),
    annotations: all(sample.annotations),
    comment: sample.comment.map(fill),
  };
}
