/** Numbers as Go writes and reads them: `fmt`'s verbs for floats, `strconv.ParseFloat`, and Prometheus' `humanize…`. */

/** `%g`: the shortest text without a precision; the exponent appears from `10^limit` on. */
export function formatG(value: number, precision?: number, limit = 21): string {
  if (!Number.isFinite(value)) return special(value);
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits = '', power = '0'] = (
    precision === undefined ? value.toExponential() : value.toExponential(Math.max(precision, 1) - 1)
  ).split('e');
  const exponent = Number(power);
  const short = digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
  if (exponent < -4 || exponent >= (precision ?? limit)) return `${short}e${signed(exponent)}`;
  const decimals = Math.max(0, short.replace(/^-|\./g, '').length - 1 - exponent);
  return precision === undefined && Math.abs(exponent) > 15
    ? plainDigits(short, exponent)
    : value.toFixed(Math.min(decimals, 100));
}

function plainDigits(short: string, exponent: number): string {
  const sign = short.startsWith('-') ? '-' : '';
  return sign + short.replace(/^-|\./g, '').padEnd(exponent + 1, '0');
}

const signed = (exponent: number): string =>
  `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;

const special = (value: number): string => (Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf');

/** `%f`; undefined where JavaScript would write an exponent. */
export function formatF(value: number, precision = 6): string | undefined {
  if (!Number.isFinite(value)) return special(value);
  return Math.abs(value) < 1e21 ? value.toFixed(Math.min(precision, 100)) : undefined;
}

/** `%e`. */
export function formatE(value: number, precision = 6): string {
  if (!Number.isFinite(value)) return special(value);
  const [digits, power] = value.toExponential(Math.min(precision, 100)).split('e');
  return `${digits}e${signed(Number(power))}`;
}

const FLOAT = /^[+-]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?$/;
const HEX_FLOAT = /^[+-]?0[xX][\da-fA-F_]*\.?[\da-fA-F_]*[pP][+-]?\d+$/;

/** Whether a text is a number for `strconv.ParseFloat`, and not too large for one. */
export function isFloatText(text: string): boolean {
  if (/^(?:[+-]?inf(?:inity)?|nan)$/i.test(text) || HEX_FLOAT.test(text)) return true;
  return FLOAT.test(text) && Number.isFinite(Number(text.replaceAll('_', '')));
}

/** The number in such a text; undefined for what only Go reads. */
export function floatOf(text: string): number | undefined {
  if (/^[+-]?inf/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(text)) return Number.NaN;
  return HEX_FLOAT.test(text) ? undefined : Number(text.replaceAll('_', ''));
}

const LARGE = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];
const SMALL = ['m', 'u', 'n', 'p', 'f', 'a', 'z', 'y'];

export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return formatG(value, 4);
  return Math.abs(value) >= 1 ? scaled(value, LARGE, 1000, (v) => v < 1000) : scaledDown(value);
}

export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return formatG(value, 4);
  const prefixes = LARGE.map((prefix) => `${prefix}i`);
  return scaled(value, prefixes, 1024, (v) => v < 1024);
}

function scaled(value: number, prefixes: readonly string[], by: number, enough: (value: number) => boolean): string {
  let prefix = '';
  let left = value;
  for (const next of prefixes) {
    if (enough(Math.abs(left))) break;
    prefix = next;
    left /= by;
  }
  return formatG(left, 4) + prefix;
}

function scaledDown(value: number): string {
  return scaled(value, SMALL, 1 / 1000, (v) => v >= 1);
}

export function humanizeDuration(value: number): string {
  if (!Number.isFinite(value)) return formatG(value, 4);
  if (value === 0) return `${formatG(value, 4)}s`;
  if (Math.abs(value) < 1) return `${scaledDown(value)}s`;
  const sign = value < 0 ? '-' : '';
  const all = Math.trunc(Math.abs(value));
  const [seconds, minutes, hours, days] = [
    all % 60,
    Math.trunc(all / 60) % 60,
    Math.trunc(all / 3600) % 24,
    Math.trunc(all / 86400),
  ];
  if (days !== 0) return `${sign}${days}d ${hours}h ${minutes}m ${seconds}s`;
  if (hours !== 0) return `${sign}${hours}h ${minutes}m ${seconds}s`;
  return minutes !== 0 ? `${sign}${minutes}m ${seconds}s` : `${sign}${formatG(Math.abs(value), 4)}s`;
}
