import type { ServerConfig } from '../core/model/config.ts';
import type { Problem } from '../io/problem.ts';
import { isServerProblem, shownUrl } from '../io/server/http.ts';
import { loadedRules } from '../io/server/rules.ts';
import { serverState } from '../io/server/state.ts';
import type { LoadedGroup } from '../io/server/types.ts';
import { style } from '../report/color.ts';
import { HEALTH, isWell, type RuleCounts, type ServerStatus, statusJson, statusText } from '../report/status.ts';
import { callerOf } from './caller.ts';
import { type Call, EXIT, type ExitCode, type Io, isProblem, useColor, writeJson } from './context.ts';
import { eachServer, serversJson, type Turn, worstExit } from './servers/each.ts';
import { rulePathOf } from './servers/rule-path.ts';

/** Tells how servers fare: versions, reloads, rules, alerts, and what was deployed. */
export async function status(call: Call, io: Io): Promise<ExitCode> {
  const { globals } = call;
  const done = await eachServer(call, io, statusOf, unknownStatus);
  if ('exit' in done) return done.exit;
  const { answers } = done;
  if (globals.format === 'json') writeJson(io, serversJson(answers.map(statusJson), HEALTH));
  else {
    const styles = style(useColor(globals, io, io.stdout));
    for (const one of answers) {
      if (!globals.quiet || !isWell(one))
        io.stdout.write(statusText(one, io.now(), styles, callerOf(call, io, one.name)));
    }
  }
  return worstExit(answers.map(exitOf));
}

function exitOf(status: ServerStatus): ExitCode {
  if (isWell(status)) return EXIT.ok;
  return status.problems.length > 0 ? EXIT.broken : EXIT.failed;
}

async function statusOf({ config, server }: Turn): Promise<ServerStatus> {
  const state = await serverState(server);
  const problems: Problem[] = [...state.problems];
  // Where nobody answers, the same complaint a second time helps nobody.
  const loaded = state.healthy === undefined && state.version === undefined ? undefined : await loadedRules(server);
  if (loaded && isServerProblem(loaded) && !problems.some(({ message }) => message === loaded.message)) {
    problems.push(loaded);
  }
  const known = loaded && !isServerProblem(loaded) ? loaded : undefined;
  const deployed = await rulePathOf(config, server, known);
  if (deployed && isProblem(deployed)) problems.push(deployed);
  return {
    ...state,
    name: config.name,
    url: server.name,
    startedAt: state.startTime === undefined ? undefined : Date.parse(state.startTime),
    lastReload: state.lastReload && { ...state.lastReload, at: state.lastReload.at * 1000 },
    rules: known && countRules(known),
    rulePath: deployed && !isProblem(deployed) ? deployed : undefined,
    // Until it is ready it says so to every question.
    problems: state.ready === false ? problems.filter(({ message }) => !/\(status 503\)/.test(message)) : problems,
  };
}

function unknownStatus({ name, url }: ServerConfig, problem: Problem): ServerStatus {
  return {
    name,
    url: shownUrl(url),
    version: undefined,
    ready: undefined,
    healthy: undefined,
    lifecycle: undefined,
    autoReload: undefined,
    startedAt: undefined,
    lastReload: undefined,
    rules: undefined,
    rulePath: undefined,
    problems: [problem],
  };
}

function countRules(groups: readonly LoadedGroup[]): RuleCounts {
  const rules = groups.flatMap((group) => group.rules);
  const alerts = rules.flatMap((rule) => rule.alerts);
  return {
    files: new Set(groups.map(({ file }) => file)).size,
    groups: groups.length,
    alerting: rules.filter(({ kind }) => kind === 'alert').length,
    recording: rules.filter(({ kind }) => kind === 'record').length,
    inError: rules.filter(({ health }) => health === 'err').length,
    firing: alerts.filter(({ state }) => state === 'firing').length,
    pending: alerts.filter(({ state }) => state === 'pending').length,
  };
}
