import { regexProblem } from '../../promql/regex.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { parseDuration } from '../ground/duration.ts';
import type { Located, Span } from '../ground/source.ts';
import { bytesText, parseBytes } from './bytes.ts';
import type { ParamType, Value } from './value.ts';
import { numberText, valueText } from './value.ts';
import type { RawScalar, RawValue, WrittenParam } from './written.ts';

/** A param of a rule, typed. */
export interface Param {
  readonly name: string;
  readonly type: ParamType;
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  /** Of an enum. */
  readonly values?: readonly string[];
  readonly fixed: boolean;
  readonly description?: string;
  /** Its declaration is wrong, which was reported: that it has no value then says nothing new. */
  readonly broken?: true;
  readonly span: Span;
}

/** Either what was made of an input, with what is to be said of it all the same, or what is wrong with it. */
export type Result<T> =
  | { readonly value: T; readonly remark?: Diagnostic; readonly problem?: never }
  | { readonly problem: Diagnostic; readonly value?: never; readonly remark?: never };

/** A number as people write it in YAML or as a string of it. */
function parseNumber(raw: RawScalar): number | undefined {
  if (typeof raw.value === 'number') return raw.value;
  if (typeof raw.value !== 'string') return undefined;
  const text = raw.value.trim();
  if (/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text)) return Number(text);
  if (/^[+-]?inf$/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return undefined;
}

/**
 * The type of a param: written, else read off its default, its `values` or its bounds.
 * `threshold` is a number unless something says otherwise.
 */
export function inferType(param: WrittenParam): ParamType | undefined {
  if (param.type) return param.type.value;
  if (param.values) return 'enum';
  const raw = param.default?.value;
  if (raw === undefined)
    return param.min || param.max || param.unit || param.name.value === 'threshold' ? 'number' : undefined;
  if (isList(raw)) return 'list';
  if (typeof raw.value === 'number') return 'number';
  if (typeof raw.value === 'boolean') return 'boolean';
  if (raw.value === null) return undefined;
  if (parseBytes(raw.value) !== undefined) return 'number';
  return parseDuration(raw.value).problem === undefined && raw.value !== '0' ? 'duration' : 'string';
}

export const isList = (raw: RawValue): raw is readonly Located<RawScalar>[] => Array.isArray(raw);

/** Types a written value for a param; `null` is the caller's business. */
export function typedValue(param: Param, raw: Located<RawValue>): Result<Value> {
  const wrong = (expected: string): Result<Value> => ({
    problem: diagnostic(
      'wrong-type',
      raw.span,
      `Param "${param.name}" takes ${expected}, not ${describe(raw.value)}.`,
      {
        notes: [{ message: `"${param.name}" is declared here`, span: param.span }],
      },
    ),
  });
  if (param.type === 'list') return typedList(raw, wrong);
  if (isList(raw.value)) return wrong(article(param.type));
  const scalar = raw.value;
  switch (param.type) {
    case 'number': {
      const bytes = param.unit === 'bytes' && typeof scalar.value === 'string' ? parseBytes(scalar.value) : undefined;
      const number = bytes ?? parseNumber(scalar);
      if (number === undefined || Number.isNaN(number))
        return wrong(param.unit === 'bytes' ? 'a number of bytes, such as 10GiB' : 'a number');
      return inRange(param, { value: number, text: scalar.text, span: raw.span });
    }
    case 'duration': {
      const parsed = parseDuration(scalar.text);
      if (parsed.problem !== undefined) {
        return {
          problem: diagnostic(
            'invalid-duration',
            raw.span,
            `Param "${param.name}" takes a duration. ${parsed.problem}`,
            {
              help: parsed.help,
              notes: [{ message: `"${param.name}" is declared here`, span: param.span }],
            },
          ),
        };
      }
      return { value: { type: 'duration', ms: parsed.ms, text: scalar.text } };
    }
    case 'boolean':
      return typeof scalar.value === 'boolean'
        ? { value: { type: 'boolean', value: scalar.value } }
        : wrong('true or false');
    case 'enum':
      if (!param.values?.includes(scalar.text)) return wrong(`one of ${(param.values ?? []).join(', ')}`);
      return { value: { type: 'enum', value: scalar.text } };
    case 'regex': {
      const problem = regexProblem(scalar.text);
      if (problem !== undefined) {
        return {
          problem: diagnostic(
            'invalid-regex',
            raw.span,
            `Param "${param.name}" takes an RE2 regular expression; this is none: ${problem}.`,
            {
              help: 'Prometheus uses RE2: no lookahead, no backreferences',
              notes: [{ message: `"${param.name}" is declared here`, span: param.span }],
            },
          ),
        };
      }
      return { value: { type: 'regex', value: scalar.text } };
    }
    case 'string':
      return { value: { type: 'string', value: scalar.text } };
  }
}

function typedList(raw: Located<RawValue>, wrong: (expected: string) => Result<Value>): Result<Value> {
  if (!isList(raw.value)) return wrong('a list');
  if (raw.value.length === 0) {
    return {
      problem: diagnostic('invalid-value', raw.span, 'An empty list would match only series without the label.', {
        help: 'list at least one value',
      }),
    };
  }
  if (raw.value.some((item) => item.value.value === null)) return wrong('a list of texts');
  return { value: { type: 'list', items: raw.value.map((item) => item.value.text) } };
}

function inRange(param: Param, { value: number, text, span }: Located<number> & { text: string }): Result<Value> {
  const { min, max, unit } = param;
  if (!Number.isFinite(number)) {
    const message = `${text} is infinite: nothing is over it or everything is, so that an alert would be switched off or fire for ever without a word.`;
    const help = 'Write the number that is meant; to switch a rule off: `disabled: [{ rule: …, reason: … }]`';
    return { problem: diagnostic('value-out-of-range', span, message, { help }) };
  }
  const limit = (bound: number): string => (unit === 'bytes' ? bytesText(bound) : numberText(bound));
  if ((min !== undefined && number < min) || (max !== undefined && number > max)) {
    const bounds =
      min === undefined
        ? `at most ${limit(max as number)}`
        : max === undefined
          ? `at least ${limit(min)}`
          : `${limit(min)} to ${limit(max)}`;
    return {
      problem: diagnostic(
        'value-out-of-range',
        span,
        `${text} is out of range: "${param.name}" takes ${bounds}${unit && unit !== 'bytes' ? ` (${unit})` : ''}.`,
        {
          notes: [{ message: `"${param.name}" is declared here`, span: param.span }],
        },
      ),
    };
  }
  const value: Value = { type: 'number', value: number };
  if (!losesDigits(text, number)) return { value };
  const message = `${text} has more digits than a number holds, here and in Prometheus: it is compiled as ${numberText(number)}.`;
  return { value, remark: diagnostic('lost-digits', span, message, { help: 'write the number that is meant' }) };
}

/** Whether a decimal text says more digits than the double that it was read as gives back. */
function losesDigits(text: string, number: number): boolean {
  // Fifteen digits always come back.
  if (text.length <= 15) return false;
  const significant = (decimal: string): string | undefined => {
    const [, whole, fraction = ''] = /^[-+]?(\d+)(?:\.(\d*))?(?:[eE].*)?$/.exec(decimal) ?? [];
    return whole === undefined ? undefined : (whole + fraction).replace(/^0+|0+$/g, '');
  };
  const written = significant(text);
  return written !== undefined && written !== significant(String(number));
}

const article = (type: ParamType): string => (type === 'enum' ? 'one value' : `a ${type}`);

function describe(raw: RawValue): string {
  if (isList(raw)) return 'a list';
  if (raw.value === null) return 'nothing';
  if (typeof raw.value === 'string') return `the text ${JSON.stringify(raw.value)}`;
  return `the ${typeof raw.value} ${raw.text}`;
}

/** A declared param, typed: its bounds and its default. */
export function typedParam(written: WrittenParam): {
  param?: Param;
  value?: Located<Value>;
  diagnostics: Diagnostic[];
} {
  const type = inferType(written);
  if (!type) {
    return {
      param: { name: written.name.value, type: 'number', fixed: false, broken: true, span: written.name.span },
      diagnostics: [
        diagnostic(
          'missing-key',
          written.span,
          `Param "${written.name.value}" has neither a type nor a default to tell it.`,
          {
            help: `write ${written.name.value}: { type: number }, or give it a default`,
          },
        ),
      ],
    };
  }
  const diagnostics: Diagnostic[] = [];
  const bound = (key: 'min' | 'max'): number | undefined => {
    const raw = written[key];
    if (!raw) return undefined;
    const number =
      (written.unit?.value === 'bytes' && typeof raw.value.value === 'string'
        ? parseBytes(raw.value.value)
        : undefined) ?? parseNumber(raw.value);
    if (type !== 'number' || number === undefined || !Number.isFinite(number)) {
      diagnostics.push(
        diagnostic('wrong-type', raw.span, `\`${key}\` is a finite number, and only a param of type number has it.`),
      );
    }
    return number;
  };
  const min = bound('min');
  const max = bound('max');
  if (min !== undefined && max !== undefined && min > max) {
    diagnostics.push(
      diagnostic(
        'invalid-value',
        written.span,
        `\`min\` ${numberText(min)} is over \`max\` ${numberText(max)}: no value fits.`,
      ),
    );
  }
  if (type === 'enum' && !written.values?.length) {
    diagnostics.push(
      diagnostic('missing-key', written.span, `Param "${written.name.value}" is an enum without \`values\`.`, {
        help: 'list them: values: [a, b]',
      }),
    );
  }
  if (type !== 'enum' && written.values) {
    diagnostics.push(
      diagnostic(
        'invalid-value',
        written.span,
        `\`values\` belongs to a param of type enum; "${written.name.value}" is a ${type}.`,
      ),
    );
  }
  const param: Param = {
    name: written.name.value,
    type,
    fixed: written.fixed?.value ?? false,
    span: written.name.span,
    ...(written.unit && { unit: written.unit.value }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(written.values && { values: written.values.map((v) => v.value) }),
    ...(written.description !== undefined && { description: written.description }),
  };
  const raw = written.default;
  if (!raw || (!isList(raw.value) && raw.value.value === null)) return { param, diagnostics };
  const typed = typedValue(param, raw);
  if (typed.problem) return { param: { ...param, broken: true }, diagnostics: [...diagnostics, typed.problem] };
  if (typed.remark) diagnostics.push(typed.remark);
  return { param, value: { value: typed.value, span: raw.span }, diagnostics };
}

/** A value with its unit, for people: `80 %`, `85 °C`, `10GiB` where a number of bytes comes out even. */
export function withUnit(value: Value, param: Param | undefined): string {
  const text = valueText(value);
  if (value.type !== 'number' || !param?.unit) return text;
  if (param.unit === 'bytes' && value.value >= 1000) {
    const size = bytesText(value.value);
    if (!/\dB$/.test(size)) return size;
  }
  return `${text} ${SIGNS.get(param.unit) ?? param.unit}`;
}

const SIGNS: ReadonlyMap<string, string> = new Map([
  ['percent', '%'],
  ['celsius', '°C'],
]);
