import { numberText } from './value.ts';

/** Sizes as people write them: `512MiB`. */

const BYTES: Record<string, number> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** A size such as `10GiB` or `1.5 MB` as a number of bytes. */
export function parseBytes(text: string): number | undefined {
  const match = /^(-?\d+(?:\.\d+)?)\s*([kKMGTP]i?)?B$/.exec(text.trim());
  if (!match) return undefined;
  const prefix = (match[2] ?? '').replace(/^K(?!i)/, 'k').replace(/^ki/, 'Ki');
  const factor = BYTES[prefix];
  return factor === undefined ? undefined : Number(match[1]) * factor;
}

/** A number of bytes as people write it, where it comes out even: `512MiB`. */
export function bytesText(bytes: number): string {
  const units = Object.entries(BYTES).sort(([, a], [, b]) => b - a);
  const [prefix, factor] = units.find(([, size]) => bytes !== 0 && Number.isInteger(bytes / size)) ?? ['', 1];
  return `${numberText(bytes / factor)}${prefix}B`;
}
