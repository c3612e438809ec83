/** Durations as Prometheus writes them: integers with units, from the largest to the smallest. */

const UNITS = [
  ['y', 365 * 24 * 3600_000],
  ['w', 7 * 24 * 3600_000],
  ['d', 24 * 3600_000],
  ['h', 3600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const; // milliseconds

const DURATION = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** Go keeps durations as nanoseconds in 64 bits, which bounds them to some 292 years. */
const MAX_MS = Math.floor(2 ** 63 / 1e6);

export type ParsedDuration =
  | { readonly ms: number; readonly problem?: undefined }
  | { readonly problem: string; readonly help?: string };

/** Milliseconds of a duration such as `1h30m`, exactly where Prometheus takes it; else what is wrong with it. */
export function parseDuration(text: string): ParsedDuration {
  if (text === '0') return { ms: 0 };
  if (text === '')
    return { problem: 'The duration is empty.', help: 'Write a number with a unit, as in `5m` or `1h30m`.' };
  const match = DURATION.exec(text);
  if (!match) return notADuration(text);
  let total = 0;
  for (const [i, [, unit]] of UNITS.entries()) total += Number(match[i + 1] ?? 0) * unit;
  if (total > MAX_MS) return { problem: `The duration \`${text}\` is longer than Prometheus can count (292 years).` };
  return { ms: total };
}

/** The duration as Prometheus prints it: `90m` is `1h30m`, weeks and years only where nothing is left over. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  let rest = ms;
  let text = '';
  for (const [unit, size] of UNITS) {
    if ((unit === 'y' || unit === 'w') && rest % size !== 0) continue;
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}

function notADuration(text: string): ParsedDuration {
  const problem = `\`${text}\` is not a duration as Prometheus writes them.`;
  if (/^\d+$/.test(text)) return { problem, help: `It lacks a unit: \`${text}s\` or \`${text}m\`, for instance.` };
  if (/^\d+\.\d+[a-z]+$/.test(text)) {
    return { problem, help: 'The numbers are whole ones: write `1h30m` for one and a half hours.' };
  }
  const parts = [...text.matchAll(/(\d+)(ms|[ywdhms])/g)];
  if (parts.length > 1 && parts.map((p) => p[0]).join('') === text) {
    return { problem, help: 'Each unit stands once, from the largest to the smallest: `1h30m`, never `30m1h`.' };
  }
  return { problem, help: 'Write whole numbers with the units y, w, d, h, m, s or ms, as in `5m` or `1h30m`.' };
}
