import type { Effective } from '../../core/effective/effective.ts';
import { effectiveOf, selectorText } from '../../core/effective/effective.ts';
import { groupRules, groupsNamed } from '../../core/effective/group.ts';
import { ownerName } from '../../core/effective/row.ts';
import type { Why } from '../../core/effective/why.ts';
import { whyOf } from '../../core/effective/why.ts';
import type { Known, Subject } from '../../core/ground/subject.ts';
import { boxSubject, targetSubject } from '../../core/ground/subject.ts';
import { suggest, suggestWhole } from '../../core/ground/suggest.ts';
import type { Program, ResolvedRule } from '../../core/instance/program.ts';
import { sortedObject } from '../../core/inventory/file-sd.ts';
import { findTargets, knownWith, suggestTargets } from '../../core/inventory/find-targets.ts';
import type { Target } from '../../core/model/inventory.ts';
import { hostOf } from '../../core/model/target.ts';
import type { LabelSet } from '../../promql/region.ts';
import type { Failure } from '../context.ts';
import { groupLines, groupText, labelText } from './about.ts';

/** Whom `effective` is asked about, and what is in effect there. */
export interface Answer {
  /** The keys of the JSON before the rules. */
  readonly head: Readonly<Record<string, unknown>>;
  readonly title: string;
  readonly about: readonly string[];
  /** For people, behind the table. */
  readonly remark?: string;
  readonly subject: Subject;
  /** What the answer is from; with several servers, that of the one which watches the subject. */
  readonly program: Program;
  rules(): readonly Effective[];
  why(resolved: ResolvedRule): Why[];
}

export type Asked =
  | { readonly kind: 'one'; readonly answer: Answer }
  | { readonly kind: 'host'; readonly hostname: string; readonly answers: readonly Answer[] }
  | { readonly kind: 'all'; readonly total: number; answers(): Iterable<Answer> };

/** A target by id or address; a host, which may have several. */
export function targetAsked(program: Program, name: string): Asked | Failure {
  const { targets, hostname } = findTargets(program.inventory, name);
  const answers = targets.map((target) => targetAnswer(program, target));
  const first = answers[0];
  if (!first) {
    const near = suggestTargets(program.inventory, name);
    const help =
      program.inventory.targets.length === 0
        ? "The inventory is empty: list the targets in groups/targets/, or describe a machine with --labels 'env=prod'."
        : near.length > 0
          ? `Did you mean ${near.join(' or ')}?`
          : "A machine that does not exist yet is described by its labels: --labels 'env=prod'.";
    return { code: 'not-found', message: `The inventory has no target ${JSON.stringify(name)}.`, help };
  }
  if (answers.length === 1) return { kind: 'one', answer: first };
  return { kind: 'host', hostname: hostname ?? (targets[0] as Target).hostname, answers };
}

/** Every target of the inventory, each made when its turn comes. */
export function allAsked(program: Program): Asked {
  const { targets } = program.inventory;
  return {
    kind: 'all',
    total: targets.length,
    *answers() {
      for (const target of targets) yield targetAnswer(program, target);
    },
  };
}

/** A machine that is described by its labels. */
export function labelsAsked(program: Program, given: LabelSet): Asked {
  const labels = new Map([...given].filter(([, value]) => value !== ''));
  const instance = labels.get('instance');
  const head = {
    target_id: labels.get('target_id') ?? null,
    hostname: instance === undefined ? null : hostOf(instance),
    labels: Object.fromEntries(labels),
  };
  const title = `a machine with ${labelText(given) || 'no labels'}`;
  return { kind: 'one', answer: answerOf(program, labels, knownWith(program.inventory, given), head, title, []) };
}

/** A target of the program's inventory. */
export function targetAnswer(program: Program, { id, hostname, labels }: Target): Answer {
  const head = { target_id: id, hostname, labels: sortedObject(labels) };
  return answerOf(program, labels, program.inventory.known, head, id, [labelText(labels)]);
}

function answerOf(
  program: Program,
  labels: LabelSet,
  known: Known,
  head: Answer['head'],
  title: string,
  about: readonly string[],
): Answer {
  const subject = targetSubject(labels, known);
  return {
    head,
    title,
    get about() {
      return [...about, groupText(program.tree.groups, subject)];
    },
    subject,
    program,
    rules: () => program.rules.flatMap((resolved) => effectiveOf(resolved, subject)),
    why: (resolved) => whyOf(program, resolved, subject),
  };
}

/** A group's own region; a derived group by the id that joins its groups'. */
export function groupAsked(program: Program, id: string): Asked | Failure {
  const named = groupsNamed(program.tree, id);
  if (!named) {
    const ids = [...program.tree.byId.keys()];
    const alike = suggest(id, ids);
    const near = alike ? [alike] : suggestWhole(id, ids).slice(0, 5);
    const help =
      near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `The groups are: ${ids.sort().slice(0, 20).join(', ')}.`;
    const parts = id.split('--');
    const empty = parts.length > 1 && parts.every((part) => program.tree.byId.has(part));
    const message = empty
      ? `Nothing can be in all of ${parts.join(', ')} at once.`
      : `There is no group ${JSON.stringify(id)}.`;
    return { code: 'not-found', message, help };
  }
  const { rules, around, others, box } = groupRules(program, named);
  const subject = boxSubject(box);
  const match = selectorText(box);
  const list = others.slice(0, 8).map((o) => `${o.id} (${o.rules})`);
  const more = others.length > 8 ? ` and ${others.length - 8} more` : '';
  const remark = `In parts of it other groups have a say, in brackets of how many rules: ${list.join(', ')}${more}`;
  const answer: Answer = {
    head: { group_id: id, name: ownerName(id, program), match },
    title: `group ${id}`,
    about: [
      box.size === 0 ? 'every target' : match,
      ...(named.groups.length === 1 ? [groupLines(named.groups[0]?.ancestors ?? [])] : []),
    ],
    ...(others.length > 0 && { remark }),
    subject,
    program,
    rules: () => rules,
    why: (resolved) => whyOf(program, resolved, subject, around),
  };
  return { kind: 'one', answer };
}
