import { type ChangedFile, type ServerOutcome, succeeded } from '../../core/deploy/outcome.ts';

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
    changes: outcome.changes.map(changeJson),
    restored: outcome.restored
      ? {
          release: outcome.restored.release ?? null,
          status: outcome.restored.status,
          changes: outcome.restored.changes.map(changeJson),
        }
      : null,
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

function changeJson({ kind, fileName, groupId, rulesBefore, rulesAfter, rulesChanged }: ChangedFile): object {
  return {
    kind,
    file_name: fileName,
    group_id: groupId,
    rules_before: rulesBefore,
    rules_after: rulesAfter,
    rules_changed: rulesChanged ?? null,
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
