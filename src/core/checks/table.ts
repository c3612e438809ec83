import type { Diagnostic } from '../ground/diagnostic.ts';
import type { Program } from '../instance/program.ts';
import { checkCases } from './cases.ts';
import { checkContradictions } from './contradiction.ts';
import { checkDisjoint } from './disjoint.ts';
import { checkEffect, checkLabels } from './effect.ts';
import { checkOrder } from './evaluation-order.ts';
import { checkEveryThreshold } from './every-threshold.ts';
import { checkFileNames } from './file-names.ts';
import { checkFleet } from './fleet.ts';
import { checkVersions } from './group-fields.ts';
import { checkGroupJoins } from './group-joins.ts';
import { checkGroupLabel } from './group-label.ts';
import { checkGroupQueries } from './group-queries.ts';
import { checkHalfThreshold } from './half-threshold.ts';
import { checkIdentity } from './identity.ts';
import { checkInventory } from './inventory.ts';
import { checkLimits } from './limit-copied.ts';
import { checkNumbersInTexts } from './number-in-text.ts';
import { checkPrinted } from './printed.ts';
import { checkSameLabelset } from './same-labelset.ts';
import { checkWindows } from './short-window.ts';
import { checkTexts } from './texts.ts';
import { checkTiers } from './tiers.ts';
import { checkUnusedParams } from './unused-params.ts';

/** Everything that is checked of a resolved program; each row is one question. */
export const CHECKS: readonly ((program: Program) => Diagnostic[])[] = [
  checkTexts,
  checkDisjoint,
  checkIdentity,
  checkSameLabelset,
  checkGroupLabel,
  checkGroupJoins,
  checkGroupQueries,
  checkCases,
  checkTiers,
  checkFleet,
  checkEveryThreshold,
  checkHalfThreshold,
  checkEffect,
  checkContradictions,
  checkWindows,
  checkUnusedParams,
  checkNumbersInTexts,
  checkLabels,
  checkInventory,
  checkFileNames,
  checkOrder,
  checkLimits,
  checkPrinted,
  checkVersions,
];
