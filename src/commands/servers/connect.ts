import type { Config, ServerAuth, ServerConfig } from '../../core/model/config.ts';
import { environmentAuth } from '../../core/parse/auth.ts';
import { parseConfig } from '../../core/parse/config.ts';
import type { Problem } from '../../io/problem.ts';
import { connect } from '../../io/server/connect.ts';
import type { Server } from '../../io/server/http.ts';
import { type Call, type Io, isProblem, textOption } from '../context.ts';
import { chosenServers } from './chosen.ts';

/**
 * The one server that `--url`, `--server`, the environment or the settings name. A URL that can't be one is not repeated:
 * it may hold a password.
 */
export async function serverOf(call: Call, settings: Config, env: Io['env']): Promise<Server | Problem> {
  const servers = serversOf(call, settings, env);
  if (isProblem(servers)) return servers;
  const [server, another] = servers;
  if (server && !another) return connectTo(call, settings, server);
  const message = 'rulewright.yaml lists several servers, and nothing says which of them is meant.';
  return {
    code: 'usage',
    message,
    help: `Say --server NAME; there are ${servers.map(({ name }) => name).join(', ')}.`,
  };
}

/**
 * The servers that a command is about: those that `--server` names or else all, with `--url` one by its address.
 * @param needsPlace whether it must be known which server's `dist/` and rule path an address belongs to.
 */
export function serversOf(
  call: Call,
  settings: Config,
  env: Io['env'],
  needsPlace = false,
): readonly ServerConfig[] | Problem {
  // A caller that has chosen already gives the settings of that one alone.
  const [one, more] = settings.servers;
  const said = call.options['server'];
  const already = one && !more && Array.isArray(said) && said.includes(one.name);
  const chosen = already ? settings.servers : chosenServers(call, settings);
  const given = textOption(call, 'url');
  if (isProblem(chosen) || given === undefined) return chosen;
  const judged = parseConfig(undefined, { PROMETHEUS_URL: given.trim() });
  if (given.trim() === '' || judged.diagnostics.length > 0) {
    const help = 'It begins with http:// or https://, for instance http://localhost:9090.';
    return { code: 'usage', message: 'What --url gives is not the URL of a server.', help };
  }
  const { url } = judged.config.prometheus;
  const [server, another] = chosen;
  if (server && !another) return [{ ...server, url, auth: authFor(url, [server], env) }];
  if (!needsPlace && server) return [{ ...server, name: '', url, auth: authFor(url, chosen, env) }];
  const message = '--url is the address of one server, but rulewright.yaml lists several.';
  return { code: 'usage', message, help: `Say which one it is of: --server ${server?.name ?? 'NAME'}.` };
}

/** What rulewright.yaml says proves who we are to the server that it names; another place gets what the environment gives. */
function authFor(url: string, servers: readonly ServerConfig[], env: Io['env']): ServerAuth {
  const { origin } = new URL(url);
  return servers.find((server) => new URL(server.url).origin === origin)?.auth ?? environmentAuth(env);
}

/** Opens a server; its name in messages is its URL. */
export function connectTo(call: Call, settings: Config, server: ServerConfig): Promise<Server | Problem> {
  return connect(server, { timeoutMs: settings.prometheus.reloadTimeout * 1000, root: call.globals.root });
}
