/** Go's constants: numbers, characters and strings, as its template parser takes them. */

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const HEX_FLOAT = /^[+-]?0[xX](?:[0-9a-fA-F]+(?:\.[0-9a-fA-F]*)?|\.[0-9a-fA-F]+)[pP][+-]?\d+$/;
const INTEGER = /^[+-]?(?:0|[1-9](?:_?\d)*|0[xX](?:_?[0-9a-fA-F])+|0[oO]?(?:_?[0-7])+|0[bB](?:_?[01])+)$/;

const MAX_UNSIGNED = 2n ** 64n - 1n;
const MIN_SIGNED = -(2n ** 63n);

/** True for a number that Go can read: an integer of 64 bits, a float, an imaginary or a complex number. */
export function isGoNumber(text: string): boolean {
  if (text.endsWith('i')) return isComplex(text);
  if (INTEGER.test(text)) {
    const value = integer(text);
    return value <= MAX_UNSIGNED && value >= MIN_SIGNED;
  }
  return isFloat(text) && /[.eEpP]/.test(text);
}

/** What Go makes of a number or character where nothing says which type it is; undefined: an integer too large for one. */
export function goNumber(
  text: string,
): { readonly type: 'int' | 'float64' | 'complex128'; readonly value: number } | undefined {
  if (text.startsWith("'")) return { type: 'int', value: goCharacter(text, 1, "'")?.value.codePointAt(0) ?? 0 };
  if (text.endsWith('i'))
    return { type: 'complex128', value: Number(/^[+-]?0*\.?0*(?:[eE][+-]?\d+)?i$/.test(text) ? 0 : 1) };
  if (!INTEGER.test(text)) return { type: 'float64', value: Number(text.replaceAll('_', '')) };
  const value = integer(text);
  return value > MAX_UNSIGNED / 2n ? undefined : { type: 'int', value: Number(value) };
}

function integer(text: string): bigint {
  const digits = text
    .replace(/^[+-]/, '')
    .replaceAll('_', '')
    .replace(/^0(?=[0-7])/, '0o');
  return text.startsWith('-') ? -BigInt(digits) : BigInt(digits);
}

function isFloat(text: string): boolean {
  const plain = text.replaceAll('_', '');
  if (HEX_FLOAT.test(plain)) return true;
  return DECIMAL.test(text) && Number.isFinite(Number(text));
}

function isComplex(text: string): boolean {
  const split = /^([+-]?.+?)([+-](?:[^eEpP]|[eEpP][+-]?)+)i$/.exec(text);
  const imaginary = text.slice(0, -1);
  return isFloat(imaginary) || (split !== null && isFloat(split[1] as string) && isFloat(split[2] as string));
}

const ESCAPE = /\\(?:[abfnrtv\\]|x[0-9a-fA-F]{2}|[0-3][0-7]{2}|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/y;

/** The value of a string in double quotes or backquotes, quotes included; undefined where it has a bad escape. */
export function goString(text: string): string | undefined {
  if (text.startsWith('`')) return text.slice(1, -1).replaceAll('\r', '');
  let value = '';
  for (let i = 1; i < text.length - 1; ) {
    const read = goCharacter(text, i, '"');
    if (!read || read.end > text.length - 1) return undefined;
    value += read.value;
    i = read.end;
  }
  return value;
}

/** True for one character in single quotes. */
export function isGoCharacter(text: string): boolean {
  const read = text[1] === "'" ? undefined : goCharacter(text, 1, "'");
  return read !== undefined && read.end === text.length - 1;
}

const SIMPLE: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

function goCharacter(text: string, at: number, quote: string): { value: string; end: number } | undefined {
  if (text[at] !== '\\') {
    const value = String.fromCodePoint(text.codePointAt(at) ?? 0);
    return { value, end: at + value.length };
  }
  if (text[at + 1] === quote) return { value: quote, end: at + 2 };
  ESCAPE.lastIndex = at;
  const match = ESCAPE.exec(text);
  if (!match) return undefined;
  const end = at + match[0].length;
  const kind = text[at + 1] as string;
  const unicode = match[1] ?? match[2];
  if (unicode !== undefined) {
    const code = Number.parseInt(unicode, 16);
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return undefined;
    return { value: String.fromCodePoint(code), end };
  }
  if (kind === 'x') return { value: String.fromCharCode(Number.parseInt(match[0].slice(2), 16)), end };
  if (kind >= '0' && kind <= '7') return { value: String.fromCharCode(Number.parseInt(match[0].slice(1), 8)), end };
  return { value: SIMPLE[kind] ?? kind, end };
}
