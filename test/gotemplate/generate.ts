/** Random templates, mostly of the right types: each argument is now and then of another. */

type Below = (n: number) => number;

interface Context {
  readonly below: Below;
  /** Variables in scope, with what they hold. */
  readonly variables: readonly { readonly name: string; readonly type: Kind }[];
  /** What `.` is. */
  readonly dot: Kind;
  /** Of a hundred arguments those that are of another type. */
  readonly wrong: number;
}

type Kind = 'text' | 'float' | 'int' | 'bool' | 'labels' | 'vector' | 'sample' | 'data' | 'time' | 'any';

const KINDS: readonly Kind[] = ['text', 'float', 'int', 'bool', 'labels', 'vector', 'sample', 'data', 'time'];

export function generate(below: Below): string {
  const variables = [
    { name: '$labels', type: 'labels' },
    { name: '$externalURL', type: 'text' },
    { name: '$value', type: 'float' },
    { name: '$', type: 'data' },
  ] as const;
  const context: Context = { below, variables, dot: 'data', wrong: [0, 3, 10][below(3)] as number };
  const named = below(8) === 0;
  const text = body(context, 3, named);
  if (!named) return text;
  const inside: Context = { ...context, variables: [{ name: '$', type: 'any' }], dot: pick(below, KINDS) };
  return `{{ define "t" }}${body(inside, 2, below(4) === 0)}{{ end }}${text}`;
}

function pick<T>(below: Below, all: readonly T[]): T {
  return all[below(all.length)] as T;
}

function body(context: Context, depth: number, named: boolean): string {
  let known = context;
  let text = '';
  for (let count = 1 + context.below(3); count > 0; count--) {
    const [part, next] = statement(known, depth, named);
    text += part;
    known = next;
  }
  return text;
}

function statement(context: Context, depth: number, named: boolean): [string, Context] {
  const { below } = context;
  const inner = (change: Partial<Context> = {}): string => body({ ...context, ...change }, depth - 1, named);
  switch (depth > 0 ? below(14) : below(6)) {
    case 5: {
      const type = pick(below, KINDS);
      const name = pick(below, ['$x', '$y']);
      return [
        `{{ ${name} := ${make(context, type, 2)} }}`,
        { ...context, variables: [...context.variables, { name, type }] },
      ];
    }
    case 6:
      return [
        `{{ if ${make(context, pick(below, ['bool', 'text', 'float', 'any']), 2)} }}${inner()}{{ end }}`,
        context,
      ];
    case 7:
      return [`{{ if ${make(context, 'bool', 2)} }}${inner()}{{ else }}${inner()}{{ end }}`, context];
    case 8: {
      const dot = pick(below, KINDS);
      return [`{{ with ${make(context, dot, 2)} }}${inner({ dot })}{{ else }}${inner()}{{ end }}`, context];
    }
    case 9:
      return [`{{ range ${make(context, 'vector', 2)} }}${inner({ dot: 'sample' })}{{ end }}`, context];
    case 10: {
      const variables = [...context.variables, { name: '$k', type: 'text' }, { name: '$v', type: 'text' }] as const;
      return [
        `{{ range $k, $v := ${make(context, 'labels', 1)} }}${inner({ variables, dot: 'text' })}{{ end }}`,
        context,
      ];
    }
    case 11: {
      const [variable] = context.variables.filter(({ name }) => /^\$[xy]/.test(name));
      if (!variable) return ['.', context];
      return [`{{ ${variable.name} = ${make(context, pick(below, KINDS), 2)} }}`, context];
    }
    case 12:
      return [named ? `{{ template "t" ${make(context, pick(below, KINDS), 1)} }}` : '-', context];
    default:
      return [`{{ ${make(context, pick(below, ['text', 'float', 'any', 'time']), 3)} }} `, context];
  }
}

const REGEXES = ['"(.*):.*"', '"a|b"', '".+"', '"^x"', '"("', '"[a"', '`\\d+`'];
const QUERIES = [
  'up',
  'sum(up)',
  'vector(1)',
  'sum(up) or vector(0)',
  'rate(x[5m])',
  'rate(x)',
  'up[5m]',
  'up{',
  'up{job=\\"a\\"}',
];
const FORMATS = ['"%s"', '"%v"', '"%.2f"', '"%d"', '"%q"', '"%5.1f%%"', '"a"'];

/** An expression of a kind, or now and then of another. */
function make(context: Context, wanted: Kind, depth: number): string {
  const { below } = context;
  const kind = wanted === 'any' || below(100) < context.wrong ? pick(below, KINDS) : wanted;
  const held = context.variables.filter(({ type }) => type === kind);
  if (held.length > 0 && below(4) === 0) return pick(below, held).name;
  if (context.dot === kind && below(4) === 0) return '.';
  if (depth <= 0) return leaf(context, kind, () => '');
  const of = (type: Kind): string => {
    const made = make(context, type, depth - 1);
    return /\s/.test(made) && !/^"[^"]*"$|^`[^`]*`$/.test(made) ? `(${made})` : made;
  };
  return pick(below, MADE[kind] ?? [leaf])(context, kind, of);
}

type Maker = (context: Context, kind: Kind, of: (type: Kind) => string) => string;

const leaf: Maker = ({ below, dot }, kind) => {
  const data = dot === 'data' ? '' : '$';
  switch (kind) {
    case 'text':
      return pick(below, ['"a"', '""', '"5"', '"5m"', '`x`', '$labels.job', '$labels.instance', `${data}.ExternalURL`]);
    case 'float':
      return pick(below, ['5.0', '0.5', '1e3', '-1.5', '$value', `${data}.Value`]);
    case 'int':
      return pick(below, ['0', '1', '5', '-1', '0x10', "'a'"]);
    case 'bool':
      return pick(below, ['true', 'false']);
    case 'labels':
      return pick(below, ['$labels', `${data}.Labels`, '$externalLabels']);
    case 'vector':
      return `(query "${pick(below, QUERIES)}")`;
    case 'sample':
      return `(query "${pick(below, QUERIES)}" | first)`;
    case 'time':
      return '(toTime $value)';
    default:
      return '$';
  }
};

const MADE: Partial<Record<Kind, readonly Maker[]>> = {
  text: [
    leaf,
    leaf,
    ({ below }, _, of) =>
      `${of('text')} | ${pick(below, ['title', 'toUpper', 'toLower', 'stripPort', 'stripDomain', 'safeHtml', 'urlquery', 'html', 'urlQueryEscape', 'graphLink'])}`,
    ({ below }, _, of) =>
      `${of(pick(below, ['float', 'float', 'text']))} | ${pick(below, ['humanize', 'humanize1024', 'humanizeDuration', 'humanizePercentage', 'humanizeTimestamp'])}`,
    ({ below }, _, of) => `reReplaceAll ${pick(below, REGEXES)} "$1" ${of('text')}`,
    ({ below }, _, of) => `printf ${pick(below, FORMATS)} ${of(pick(below, ['text', 'float', 'int']))}`,
    ({ below }, _, of) => `print ${of('any')} ${pick(below, ['', '1', '" "'])}`,
    (_, __, of) => `index ${of('labels')} "job"`,
    ({ below }, _, of) => `slice ${of('text')} ${pick(below, ['0', '1', '0 1', '3 2'])}`,
    (_, __, of) => `label "job" ${of('sample')}`,
    (_, __, of) => `${of('sample')} | strvalue`,
    (_, __, of) => `${of('sample')}.Labels.job`,
    (_, __, of) => `or ${of('text')} ${of('text')}`,
    ({ below }) => `$labels.${pick(below, ['job', 'a', 'a.b', 'Value'])}`,
    () => 'externalURL',
  ],
  float: [
    leaf,
    leaf,
    (_, __, of) => `${of('sample')} | value`,
    (_, __, of) => `${of('sample')}.Value`,
    (_, __, of) => `parseDuration ${of('text')}`,
    (_, __, of) => `or ${of('float')} ${of('float')}`,
    () => 'now',
    ({ below }) => `$value${pick(below, ['', '', '', '.Count', '.x'])}`,
  ],
  int: [
    leaf,
    (_, __, of) => `len ${of('text')}`,
    (_, __, of) => `len ${of('vector')}`,
    (_, __, of) => `len ${of('labels')}`,
    (_, __, of) => `${of('time')}.Unix`,
  ],
  bool: [
    ({ below }, _, of) => `${pick(below, ['gt', 'lt', 'ge', 'le', 'eq', 'ne'])} ${of('float')} ${of('float')}`,
    ({ below }, _, of) => `${pick(below, ['eq', 'ne', 'lt'])} ${of('text')} ${of('text')}`,
    ({ below }, _, of) => `${pick(below, ['eq', 'ne', 'gt'])} ${of('int')} ${of('int')}`,
    ({ below }, _, of) => `${pick(below, ['and', 'or'])} ${of('bool')} ${of('bool')}`,
    (_, __, of) => `not ${of('any')}`,
    ({ below }, _, of) => `match ${pick(below, REGEXES)} ${of('text')}`,
    (_, __, of) => `eq ${of('any')} nil`,
    leaf,
  ],
  vector: [
    leaf,
    leaf,
    (_, __, of) => `query ${of('text')}`,
    (_, __, of) => `${of('vector')} | sortByLabel "job"`,
    ({ below }, _, of) =>
      `query (printf "up{job=${pick(below, ['%q', '%s', "'%s'", '\\"%s\\"'])}${pick(below, ['}', ''])}" ${of('text')})`,
    ({ below }, _, of) => `query (printf "up > ${pick(below, ['%f', '%d', '%v', '%s'])}" ${of('float')})`,
  ],
  sample: [
    leaf,
    (_, __, of) => `${of('vector')} | first`,
    ({ below }, _, of) => `index ${of('vector')} ${pick(below, ['0', '1'])}`,
  ],
  time: [leaf, (_, __, of) => `toTime ${of('float')}`, (_, __, of) => `${of('time')}.UTC`],
};
