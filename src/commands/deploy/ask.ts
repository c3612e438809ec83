import { coverage } from '../../core/deploy/coverage.ts';
import { withSureFailures } from '../../core/deploy/health.ts';
import { serverVersion } from '../../core/gates/version-gates.ts';
import type { Deployed, Layout, Release } from '../../io/deploy/types.ts';
import { visiblePaths } from '../../io/deploy/visible.ts';
import { environmentProblem, type Problem } from '../../io/problem.ts';
import { connect } from '../../io/server/connect.ts';
import { isServerProblem, type Server } from '../../io/server/http.ts';
import { loadedRules } from '../../io/server/rules.ts';
import { serverConfig, serverState } from '../../io/server/state.ts';
import type { LoadedGroup, ServerState } from '../../io/server/types.ts';
import { type Losses, lossesOf } from '../../promql/losses.ts';
import { isProblem } from '../context.ts';
import type { Session } from './session.ts';

/** What a server said before anything was changed. The caller closes `connection`. */
export interface Asked {
  readonly connection: Server;
  readonly state: ServerState;
  /** What it has loaded. */
  readonly loaded: readonly LoadedGroup[];
  /** Seconds; of rule groups without an interval of their own. */
  readonly evaluationInterval: number | undefined;
  /** What it loses of expressions that it tells. */
  readonly losses: Losses;
  /** `rule_files`; undefined: it doesn't say. */
  readonly globs: readonly string[] | undefined;
  /** The rule path as the server sees it; undefined: it doesn't say. */
  readonly folder: string | undefined;
  readonly warnings: readonly string[];
}

/** Asks a server for all that a deploy must know. A problem: nothing may be switched, for nothing could be proven. */
export async function askServer(
  session: Session,
  deployed: Deployed,
  release: Release,
  layout: Layout,
): Promise<Asked | Problem> {
  const { server, prometheus } = session;
  const connection = await connect(server, { timeoutMs: prometheus.reloadTimeout * 1000, root: session.globals.root });
  if (isProblem(connection)) return connection;
  session.progress.show(`${server.name || 'deploy'}: asking ${connection.name}`);
  const asked = await ask(session, connection, deployed, release, layout);
  if (isProblem(asked)) await connection.close();
  return asked;
}

async function ask(
  session: Session,
  connection: Server,
  deployed: Deployed,
  release: Release,
  layout: Layout,
): Promise<Asked | Problem> {
  const state = await serverState(connection);
  if (state.ready === false) {
    return environmentProblem(
      `${connection.name} is not ready yet: it is still starting, or stopping.`,
      'Wait until it is (GET /-/ready answers 200), then run this again.',
    );
  }
  const losses = lossesOf(serverVersion(state.version));
  const told = await loadedRules(connection);
  if (isServerProblem(told)) return told;
  const loaded = losses.has('quotes') ? withSureFailures(told) : told;
  const switchedOff = lifecycleProblem(session, connection, state);
  if (switchedOff) return switchedOff;

  const config = await serverConfig(connection);
  if (isServerProblem(config)) {
    const message = `${connection.name} does not tell its rule_files, so that nobody can say whether it loads the rule path.`;
    return { ...NOTHING, connection, state, loaded, losses, warnings: [`${message} ${config.message}`] };
  }
  const { ruleFiles: globs, evaluationInterval } = config;
  const { rules, others } = visiblePaths(layout, release);
  const found = coverage({
    globs,
    rulePaths: [session.server.rulePath, deployed.rulePath],
    rules,
    others,
    loaded: loaded.map(({ file }) => file),
  });
  const lists = globs.length === 0 ? 'It has no rule_files at all.' : `Its rule_files: ${globs.join(', ')}.`;
  const path = session.server.rulePath;
  if (found.kind === 'uncovered') {
    const all = found.folder === undefined || found.missed.length === rules.length;
    const some = found.missed.slice(0, 3).join(', ');
    const what = all ? `what lies in ${path}` : `all that lies in ${path}, but not ${some}`;
    return environmentProblem(
      `${connection.name} would not load ${what}: no rule_files of its configuration lead there. ${lists}`,
      `Add ${path}/*.yml (as the server sees that folder) to rule_files and reload it, or set prometheus.rule_path to a folder that it loads.`,
    );
  }
  if (found.kind === 'too-wide') {
    return environmentProblem(
      `${connection.name} would load files of ours that are no rules, such as ${found.folder}/${found.loaded[0]}, and refuse its whole configuration. ${lists}`,
      `Let rule_files end in ${found.folder}/*.yml.`,
    );
  }
  const warnings = found.sure
    ? []
    : [
        `${connection.name} sees the rule path elsewhere than this machine: ${found.folder}, by its rule_files, is taken for ${path}. Whether it is, reading back will prove.`,
      ];
  return { connection, state, loaded, losses, evaluationInterval, globs, folder: found.folder, warnings };
}

const NOTHING = { evaluationInterval: undefined, globs: undefined, folder: undefined };

/** A server that takes no reloads would hold the old rules in memory and the new ones on disk. */
function lifecycleProblem({ prometheus }: Session, { name }: Server, state: ServerState): Problem | undefined {
  if (state.lifecycle !== false || state.autoReload === true || !prometheus.reloadEnabled) return undefined;
  return environmentProblem(
    `${name} takes no reloads over HTTP: it was started without --web.enable-lifecycle.`,
    'Start it with that flag; or set `reload_enabled: false` (PROMETHEUS_RELOAD_ENABLED=false) and reload it by other means, such as SIGHUP.',
  );
}
