/** Commands that we print, so that they mean the same when they are pasted where we were called. */

/** How we were called, as far as a command must say it too. */
export interface Caller {
  /** The repository, where it is not the current directory. */
  readonly directory?: string | undefined;
  /** Of several servers the one that is spoken of; "": there is one alone. */
  readonly server?: string | undefined;
  /** What `--url` gave, without user and password. */
  readonly url?: string | undefined;
  /** What `--from` gave a deploy, or `--out` another command. Absolute. */
  readonly from?: string | undefined;
}

/** A path or a name as part of a command that is pasted. */
export const quoted = (path: string): string =>
  /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;

/** A text whose commands, which stand in backticks, name the repository and the server that are meant. */
export function placedIn(text: string, caller: Caller): string {
  return text.replaceAll(/`rulewright ([a-z]+[^`]*)`/g, (_, words: string) => `\`${commandLine(words, caller)}\``);
}

/** A command with what it takes to mean the same repository and server as the run that prints it. */
export function commandLine(words: string, { directory, server = '', url, from }: Caller): string {
  const [command = ''] = words.split(' ');
  const there = directory === undefined ? '' : ` -C ${quoted(directory)}`;
  const has = (option: string): boolean => new RegExp(` --${option}\\b`).test(words);
  const which = server !== '' && OF_SERVERS.has(command) && !has('server') ? ` --server ${quoted(server)}` : '';
  const address = url !== undefined && ASKING.has(command) && !has('url') ? ` --url ${quoted(url)}` : '';
  const release = from !== undefined && command === 'deploy' && !has('from') ? ` --from ${quoted(from)}` : '';
  return `rulewright${there} ${words}${which}${address}${release}`;
}

/** Commands that take `--server`, and those that take `--url` too. */
const OF_SERVERS: ReadonlySet<string> = new Set(['deploy', 'rollback', 'drift', 'reload', 'status', 'doctor']);
const ASKING: ReadonlySet<string> = new Set(['drift', 'reload', 'status', 'doctor']);
