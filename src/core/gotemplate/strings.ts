import { RE2JS } from 're2js';
import type { Formatted } from './format.ts';
import { print } from './format.ts';
import type { Alternative } from './values.ts';

/** What functions make of texts. */

const HTML: Readonly<Record<string, string>> = { '"': '&#34;', "'": '&#39;', '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** `html`, `js` and `urlquery`. */
export function escaped(args: readonly Alternative[], { name }: { readonly name: string }): Formatted {
  const { text: plain } = print(args);
  if (plain === undefined || name === 'js') return {};
  return {
    text:
      name === 'html'
        ? plain.replace(/["'&<>]/g, (c) => HTML[c] ?? c)
        : encodeURIComponent(plain).replaceAll('%20', '+'),
  };
}

/** As Go does it: `$1x` is the group called `1x`, so that nothing is put there. */
export function replaceAll(pattern: string, replacement: string, written: string): string {
  const matcher = RE2JS.compile(pattern).matcher(written);
  let text = '';
  let at = 0;
  while (matcher.find()) {
    const group = (_: string, braced?: string, plain?: string): string => {
      const name = braced ?? plain ?? '';
      if (!/^\d+$/.test(name)) return '';
      return Number(name) <= matcher.groupCount() ? (matcher.group(Number(name)) ?? '') : '';
    };
    text += written.slice(at, matcher.start());
    text += replacement.replace(/\$(?:\{(\w+)\}|(\w+)|\$)/g, (whole, braced, plain) =>
      whole === '$$' ? '$' : group(whole, braced, plain),
    );
    at = matcher.end();
  }
  return text + written.slice(at);
}

export function stripDomain(written: string): string {
  const [, host = written, port = ''] = /^(.*)(:\d+)$/.exec(written) ?? [];
  return /^[\d.]+$|:/.test(host) ? written : (host.split('.')[0] ?? '') + port;
}
