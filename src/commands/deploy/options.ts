import { resolve } from 'node:path';
import { hasErrors } from '../../core/ground/diagnostic.ts';
import { parseDuration } from '../../core/ground/duration.ts';
import { lineRef } from '../../core/ground/source.ts';
import type { Config, ServerConfig } from '../../core/model/config.ts';
import type { Problem } from '../../io/problem.ts';
import { loadSettings } from '../../io/sources/load.ts';
import { type Call, type Io, isProblem, textOption } from '../context.ts';
import { rootProblem } from '../repository.ts';
import { sayDiagnostics } from '../say.ts';
import { chosenServers } from '../servers/chosen.ts';
import type { DeploySettings } from './session.ts';

/** Milliseconds: a rule group without an interval of its own is evaluated once a minute by default. */
const WAIT = 90_000;
const KEEP = 10;
const MOST_KEPT = 1000;

/** What deploy and rollback have in common before any server is looked at. */
export interface Prelude {
  readonly config: Config;
  readonly servers: readonly ServerConfig[];
  readonly settings: DeploySettings;
}

/** Reads options and settings. Settings that are wrong are told, and nothing is deployed by them. */
export async function readPrelude(call: Call, io: Io): Promise<Prelude | Problem> {
  const { globals, options } = call;
  const missing = await rootProblem(globals.root);
  if (missing) return missing;
  const { settings: config, diagnostics } = await loadSettings(globals.root, io.env);
  sayDiagnostics(diagnostics, globals, io);
  if (hasErrors(diagnostics)) {
    const first = diagnostics.find(({ severity }) => severity === 'error');
    const place = first === undefined ? '' : ` (${lineRef(first.span).replace(/^(\$\w+):1$/, '$1')})`;
    const message = `The settings have errors, so that nothing was deployed: ${first?.message ?? ''}${place}`;
    return { code: 'usage', message, help: 'Mend rulewright.yaml, or the environment variable that it names.' };
  }
  const servers = chosenServers(call, config);
  if (isProblem(servers)) return servers;
  const waitMs = waitOf(textOption(call, 'wait'));
  if (typeof waitMs !== 'number') return waitMs;
  const keep = keepOf(textOption(call, 'keep'), config.prometheus.backupEnabled);
  if (typeof keep !== 'number') return keep;
  const to = textOption(call, 'to');
  return {
    config,
    servers,
    settings: {
      dryRun: options['dry-run'] === true || options['diff'] === true,
      offline: options['offline'] === true,
      usePromtool: options['no-promtool'] !== true,
      again: options['again'] === true,
      to: to === undefined ? undefined : resolve(io.cwd, to),
      waitMs,
      keep,
    },
  };
}

function waitOf(text: string | undefined): number | Problem {
  if (text === undefined) return WAIT;
  const parsed = parseDuration(text);
  if (parsed.problem === undefined) return parsed.ms;
  return {
    code: 'usage',
    message: `--wait: ${parsed.problem}`,
    help: 'Write --wait 2m, for instance; --wait 0 does not wait.',
  };
}

function keepOf(text: string | undefined, backup: boolean): number | Problem {
  if (text === undefined) return backup ? KEEP : 0;
  const count = Number(text);
  if (/^\d+$/.test(text) && count <= MOST_KEPT) return count;
  return {
    code: 'usage',
    message: `--keep is a number of releases from 0 to ${MOST_KEPT}, not ${JSON.stringify(text)}.`,
  };
}
