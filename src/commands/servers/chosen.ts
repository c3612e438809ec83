import { suggest } from '../../core/ground/suggest.ts';
import type { Config, ServerConfig } from '../../core/model/config.ts';
import type { Problem } from '../../io/problem.ts';
import type { Call } from '../context.ts';

/** What a server is called in messages: its name, or what it is where there is only one. */
export function serverTitle({ name }: Pick<ServerConfig, 'name'>): string {
  return name === '' ? 'the server' : `server ${name}`;
}

/** The servers that `--server` names (once, or several times), in the settings' order; without it all. */
export function chosenServers(call: Call, { servers }: Config): readonly ServerConfig[] | Problem {
  const said = call.options['server'];
  const names = typeof said === 'string' ? [said] : Array.isArray(said) ? (said as readonly string[]) : [];
  if (names.length === 0) return servers;
  const known = servers.map(({ name }) => name).filter((name) => name !== '');
  for (const name of names) {
    if (known.includes(name)) continue;
    const message = `There is no server ${JSON.stringify(name)}.`;
    if (known.length === 0) {
      const help = 'rulewright.yaml lists none in `prometheus.servers`: leave --server out.';
      return { code: 'usage', message, help };
    }
    const near = suggest(name, known);
    return { code: 'usage', message, help: near ? `Did you mean ${near}?` : `The servers are: ${known.join(', ')}.` };
  }
  return servers.filter(({ name }) => names.includes(name));
}

/** The settings as they are for one server, for what knows of one alone. */
export function settingsOf(config: Config, server: ServerConfig): Config {
  const { url, rulePath, layout } = server;
  return { ...config, prometheus: { ...config.prometheus, url, rulePath, layout }, servers: [server] };
}
