import { type ServerOutcome, succeeded } from '../../core/deploy/outcome.ts';

/** The JSON of `deploy` and `rollback`. `diffs` are unified diffs by server, where they were asked for. */
export function deployJson(
  outcomes: readonly ServerOutcome[],
  duration: number,
  diffs: ReadonlyMap<string, string> | undefined,
): object {
  const planned = outcomes.some(({ status }) => status === 'planned');
  return {
    status: !outcomes.every(succeeded) ? 'error' : planned ? 'planned' : 'success',
    servers: outcomes.map((outcome) => ({
      ...serverJson(outcome),
      ...(diffs && { diff: diffs.get(outcome.name) ?? '' }),
    })),
    errors: outcomes.filter((outcome) => !succeeded(outcome)).map(errorJson),
    duration,
  };
}

function serverJson(outcome: ServerOutcome): object {
  return {
    name: outcome.name,
    url: outcome.url,
    status: outcome.status,
    release: outcome.release ?? null,
    previous: outcome.previous ?? null,
    now: outcome.now ?? null,
    files_count: outcome.filesCount,
    rules_count: outcome.rulesCount,
    changes: outcome.changes.map((change) => ({
      kind: change.kind,
      file_name: change.fileName,
      group_id: change.groupId,
      rules_before: change.rulesBefore,
      rules_after: change.rulesAfter,
      rules_changed: change.rulesChanged ?? null,
    })),
    alerts_reset: outcome.alertsReset.map(({ alert, state, labels, activeAt, why }) => {
      return { alert, state, labels, active_at: activeAt, why };
    }),
    verified: outcome.verified,
    drift: outcome.drift,
    message: outcome.message,
    help: outcome.help ?? null,
    details: outcome.details,
    warnings: outcome.warnings,
  };
}

/** As every command tells of an error that has no place in a source. */
function errorJson({ name, message, help, fault, status }: ServerOutcome): object {
  const own = status === 'not-tried' || status === 'damaged' || status === 'unconfirmed';
  const code = own ? status : fault === 'release' ? 'deploy-failed' : 'environment';
  const who = name === '' ? '' : `${name}: `;
  return {
    code,
    severity: 'error',
    message: `${who}${message}`,
    file: null,
    line: null,
    col: null,
    help: help ?? null,
    notes: [],
  };
}
