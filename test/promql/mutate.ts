/** Deterministic damage to expressions, to compare two judges of them. */

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const TOKENS =
  /\s+|#.*|[A-Za-z_:][\w:]*|[0-9]+[\w.]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|[=!<>]=|=~|!~|[\s\S]/gu;

/** An expression in pieces that join to it; cruder than the parser's own tokens, so that it is no help to it. */
export function pieces(text: string): string[] {
  return text.match(TOKENS) ?? [];
}

const STRAY = [
  ...[
    '(',
    ')',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '@',
    '=',
    '==',
    '!=',
    '=~',
    '!~',
    '>',
    '<',
    '>=',
    '+',
    '-',
    '*',
    '/',
    '%',
    '^',
  ],
  ...['and', 'or', 'unless', 'bool', 'offset', 'by', 'without', 'on', 'ignoring', 'group_left', 'group_right', 'atan2'],
  ...['sum', 'topk', 'rate', 'start', 'end', 'inf', 'NaN', 'step', 'limitk', 'count_values', 'absent', 'foo', 'a:b'],
  ...[
    '0',
    '1',
    '.5',
    '1e3',
    '1e',
    '0x1F',
    '017',
    '5m',
    '1h30m',
    '30m1h',
    '0s',
    '1_000',
    '300',
    '"x"',
    "'y'",
    '`z`',
    '"\\d"',
    '"("',
  ],
  ...[
    '[5m]',
    '[5m:]',
    '[5m:1m]',
    '[300]',
    '[1m5h]',
    '{}',
    '{a="b"}',
    '{a=~".*"}',
    '{a!=""}',
    '{"q.r"}',
    '()',
    '(a)',
    '(a,)',
  ],
  ...[
    'by (a)',
    'on (a)',
    'on ()',
    'ignoring (a)',
    'group_left (a)',
    'offset 5m',
    'offset -1h',
    '@ 5',
    '@ end()',
    '> bool 1',
    '# c\n',
  ],
];

const WRAPS: readonly (readonly [string, string])[] = [
  ['sum(', ')'],
  ['sum by (a) (', ')'],
  ['topk(3, ', ')'],
  ['rate(', ')'],
  ['rate(', '[5m])'],
  ['abs(', ')'],
  ['scalar(', ')'],
  ['vector(', ')'],
  ['max_over_time(', '[5m:])'],
  ['(', ')'],
  ['-', ''],
  ['1 > ', ''],
  ['', ' > bool 1'],
  ['', ' and 1'],
  ['', ' or on() vector(1)'],
  ['', '[5m]'],
  ['', ' offset 5m'],
];

/** An expression with one to three places damaged; `pool` lends pieces of others. */
export function mutate(text: string, pool: readonly string[], next: () => number): string {
  let parts = pieces(text);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const index = (): number => Math.floor(next() * parts.length);
  const times = 1 + Math.floor(next() ** 3 * 3);
  for (let i = 0; i < times; i++) {
    const at = index();
    const other = index();
    const part = parts[at] ?? '';
    switch (Math.floor(next() * 9)) {
      case 0:
      case 1:
        parts.splice(at, 1);
        break;
      case 2:
        parts.splice(at, 0, part, ' ');
        break;
      case 3:
        if (other < parts.length) [parts[at], parts[other]] = [parts[other] ?? '', part];
        break;
      case 4:
        parts[at] = pick(pieces(pick(pool)));
        break;
      case 5:
        parts.splice(at, 0, ' ', pick(STRAY), ' ');
        break;
      case 6:
        parts[at] = pick(STRAY);
        break;
      case 7: {
        const [before, after] = pick(WRAPS);
        const to = Math.min(parts.length, at + 1 + Math.floor(next() ** 2 * (parts.length - at)));
        parts = [...parts.slice(0, at), before, ...parts.slice(at, to), after, ...parts.slice(to)];
        break;
      }
      default: {
        const chars = [...part];
        const place = Math.floor(next() * (chars.length + 1));
        chars.splice(place, next() < 0.5 ? 1 : 0, ...(next() < 0.5 ? [] : [pick([...'aZ_09.:"\'\\(){}[]=~!<>-+ é'])]));
        parts[at] = chars.join('');
      }
    }
  }
  return parts.join('');
}
