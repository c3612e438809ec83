import type { Config } from '../core/config.ts';
import { parseConfig } from '../core/parse/config.ts';
import type { Problem } from '../io/problem.ts';
import { openServer, type Server } from '../io/prometheus.ts';
import { type Call, textOption } from './context.ts';

/** The server that `--url`, the environment or the settings name. A URL that can't be one is not repeated: it may hold a password. */
export function serverOf(call: Call, settings: Config): Server | Problem {
  const { url, reloadTimeout } = settings.prometheus;
  const options = { timeoutMs: reloadTimeout * 1000 };
  const given = textOption(call, 'url');
  if (given === undefined) return openServer(url, options);
  const judged = parseConfig(undefined, { PROMETHEUS_URL: given.trim() });
  if (given.trim() === '' || judged.diagnostics.length > 0) {
    const help = 'It begins with http:// or https://, for instance http://localhost:9090.';
    return { code: 'usage', message: 'What --url gives is not the URL of a server.', help };
  }
  return openServer(judged.config.prometheus.url, options);
}
