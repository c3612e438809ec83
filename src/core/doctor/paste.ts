import { commandLine, quoted } from '../ground/paste.ts';
import type { DoctorFacts } from './facts.ts';

/** Lines of a remedy as they can be pasted where the doctor was asked. */

/** How its rules are read anew: by us, or by whoever runs it where it takes no reloads. */
export function reloadLine({ live, url }: DoctorFacts): string {
  if (live.lifecycle !== false) return 'rulewright reload';
  const { hostname, port, protocol } = new URL(url);
  const listens = port || (protocol === 'https:' ? '443' : '80');
  // Of several servers on one machine only the one that listens there is meant; its pid is told by no API.
  return isHere(hostname)
    ? `kill -HUP "$(ss -ltnpH 'sport = :${listens}' | grep -o '"prometheus[^"]*",pid=[0-9]*' | cut -d= -f2 | sort -u)"   # as its user or root; or: systemctl reload prometheus`
    : `# on the server’s machine: systemctl reload prometheus, or kill -HUP with its pid`;
}

const isHere = (hostname: string): boolean => /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);

/** Which line of `rulewright.yaml` is to be changed so that a key of `prometheus:` has another value. */
export function settingLines({ settings }: DoctorFacts, key: string, value: string): readonly string[] {
  const { path, prometheus, keys } = settings;
  const there = keys.get(key);
  if (there) {
    const { line, lastLine, text } = there;
    if (text !== undefined) return [`# ${path}, line ${line}: change ${text} to ${key}: ${value}`];
    return [
      `# ${path}, lines ${line} to ${lastLine}: in place of ${key} and what it has there, write ${key}: ${value}`,
    ];
  }
  if (prometheus !== undefined) {
    if (prometheus.inline) return [`# ${path}, line ${prometheus.line}: add ${key}: ${value} inside of the braces`];
    return [`# ${path}: add this line below line ${prometheus.line} (prometheus:)`, `#   ${key}: ${value}`];
  }
  return [`# ${path}: add these lines`, '# prometheus:', `#   ${key}: ${value}`];
}

/** A line with what it takes to mean the same repository, server and promtool as this run. */
export function placed(
  line: string,
  { call: { directory, url, promtool }, server }: Pick<DoctorFacts, 'call' | 'server'>,
): string {
  const there = directory === undefined ? '' : ` -C ${quoted(directory)}`;
  return line
    .replace(
      /^((?:# or, [^:]*: )?(?:sudo -u '#\d+' )?)rulewright ((?:(?! {3}#).)*)/,
      (_, before: string, words: string) => {
        return before + commandLine(words, { directory, server, url });
      },
    )
    .replaceAll(/(^|&& )git /g, (start) => `${start.trimEnd()}${there} `)
    .replace(/^promtool /, `${promtool === undefined ? 'promtool' : quoted(promtool)} `);
}
