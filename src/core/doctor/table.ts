import { clock } from './clock.ts';
import { diskFull } from './disk-full.ts';
import { distBroken } from './dist-broken.ts';
import { edited } from './edited.ts';
import { externalLabels } from './external-labels.ts';
import type { DoctorFacts } from './facts.ts';
import { failingRules } from './failing-rules.ts';
import { featureFlags } from './feature-flags.ts';
import type { Check, Found } from './finding.ts';
import { lifecycle } from './lifecycle.ts';
import { loadedTwice } from './loaded-twice.ts';
import { lost } from './lost.ts';
import { mountedElsewhere } from './mounted-elsewhere.ts';
import { notCovered } from './not-covered.ts';
import { notDeployed } from './not-deployed.ts';
import { notReady } from './not-ready.ts';
import { otherService } from './other-service.ts';
import { password } from './password.ts';
import { placed } from './paste.ts';
import { permission } from './permission.ts';
import { promtoolMissing } from './promtool-missing.ts';
import { promtoolOlder } from './promtool-older.ts';
import { readOnly } from './read-only.ts';
import { reloadDue } from './reload-due.ts';
import { reloadFailed } from './reload-failed.ts';
import { rulePathMissing } from './rule-path-missing.ts';
import { sourcesBroken } from './sources-broken.ts';
import { stale } from './stale.ts';
import { tooOld } from './too-old.ts';
import { tooWide } from './too-wide.ts';
import { unfinished } from './unfinished.ts';
import { unreachable } from './unreachable.ts';

/**
 * Every question, and in this order what is found is told: what stands in the way of all else comes first, what
 * follows from it later, what only might matter last.
 */
export const CHECKS: readonly Check[] = [
  unreachable,
  otherService,
  password,
  notReady,
  reloadFailed,
  rulePathMissing,
  readOnly,
  permission,
  diskFull,
  promtoolMissing,
  notCovered,
  tooWide,
  mountedElsewhere,
  lifecycle,
  tooOld,
  featureFlags,
  externalLabels,
  sourcesBroken,
  stale,
  distBroken,
  unfinished,
  lost,
  edited,
  notDeployed,
  reloadDue,
  loadedTwice,
  failingRules,
  promtoolOlder,
  clock,
];

/** What a doctor has to say. */
export interface Diagnosis {
  /** The most likely cause first. */
  readonly findings: readonly (Found & { readonly code: string })[];
  /** What was looked at and is as it should be. */
  readonly checked: readonly { readonly code: string; readonly what: string }[];
  /** What could not be looked at, for something that it takes is not known. */
  readonly unchecked: readonly string[];
}

/** Asks every question of the table. Errors come before warnings, else in the table's order. */
export function diagnose(facts: DoctorFacts): Diagnosis {
  const answers = CHECKS.map(({ code, look }) => ({ code, answer: look(facts) }));
  const findings = answers.flatMap(({ code, answer }) =>
    answer && 'message' in answer
      ? [{ code, ...answer, remedy: answer.remedy.map((line) => placed(line, facts)) }]
      : [],
  );
  return {
    findings: [...findings].sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning')),
    checked: answers.flatMap(({ code, answer }) => (answer && 'fine' in answer ? [{ code, what: answer.fine }] : [])),
    unchecked: answers.flatMap(({ code, answer }) => (answer ? [] : [code])),
  };
}
