import type { Compiled } from '../../core/compile.ts';
import { groupsNamed } from '../../core/effective/group.ts';
import { labelRemarks } from '../../core/effective/labels.ts';
import type { Program } from '../../core/instance/program.ts';
import { findTargets } from '../../core/inventory/find-targets.ts';
import { isOnServer, withoutExternal } from '../../core/lookup/servers.ts';
import type { Target } from '../../core/model/inventory.ts';
import { matcherText } from '../../promql/matcher.ts';
import type { LabelSet } from '../../promql/region.ts';
import type { Failure } from '../context.ts';
import { type Answer, type Asked, allAsked, groupAsked, labelsAsked, targetAnswer, targetAsked } from './answer.ts';

/**
 * What is asked, with the server that watches it: of several the first whose external labels and groups don't
 * contradict it. `servers` are those that may answer; a repository with one server has no question of which.
 */
export function asked(servers: readonly Compiled[], what: Wanted): Asked | Failure {
  const [first] = servers;
  if (!first) return { code: 'not-found', message: 'There is no server.' };
  if (what.kind === 'target') return askedTarget(servers, first.program, what.name);
  if (what.kind === 'group') {
    const one = servers.find(({ program }) => groupsNamed(program.tree, what.id)) ?? first;
    return named(groupAsked(one.program, what.id), one);
  }
  if (what.kind === 'labels') {
    const one = servers.find((s) => isOnServer(what, s.program.tree.everywhere ?? s.program.tree, s.server));
    if (!one) return onNone(servers, 'A machine with these labels');
    return named(labelsAsked(one.program, withoutExternal(what.labels, one.server.labels)), one);
  }
  return servers.length === 1 ? named(allAsked(first.program), first) : everyTarget(servers);
}

/** Whom `effective` is asked about. */
export type Wanted =
  | { readonly kind: 'target'; readonly name: string }
  | { readonly kind: 'group'; readonly id: string }
  | { readonly kind: 'labels'; readonly labels: LabelSet }
  | { readonly kind: 'all' };

/** What is odd about labels that describe a machine; an external label is none of the targets', so it isn't odd. */
export function remarksOf(servers: readonly Compiled[], labels: LabelSet): string[] {
  const one = servers.find((s) => isOnServer({ labels }, s.program.tree.everywhere ?? s.program.tree, s.server));
  return one ? labelRemarks(one.program, withoutExternal(labels, one.server.labels)) : [];
}

function askedTarget(servers: readonly Compiled[], program: Program, name: string): Asked | Failure {
  const { whole } = program.inventory;
  if (!whole) return targetAsked(program, name);
  const { targets, hostname } = findTargets(whole, name);
  if (targets.length === 0) return targetAsked({ ...program, inventory: whole }, name);
  const watch = watchers(servers);
  const answers = targets.flatMap((target) => watch(target) ?? []);
  const [answer] = answers;
  if (!answer) return onNone(servers, `The target ${JSON.stringify(name)}`);
  if (answers.length === 1) return { kind: 'one', answer };
  return { kind: 'host', hostname: hostname ?? (targets[0] as Target).hostname, answers };
}

function everyTarget(servers: readonly Compiled[]): Asked {
  const targets = servers[0]?.program.inventory.whole?.targets ?? [];
  const seen = new Set(servers.flatMap(({ program }) => program.inventory.targets.map((t) => t.span)));
  const watch = watchers(servers);
  return {
    kind: 'all',
    total: targets.filter((t) => seen.has(t.span)).length,
    *answers() {
      for (const target of targets) {
        const answer = watch(target);
        if (answer) yield answer;
      }
    },
  };
}

/** Finds the first server that watches a target. A place in the inventory is one target, whatever a server calls its labels. */
function watchers(servers: readonly Compiled[]): (target: Target) => Answer | undefined {
  const places = servers.map((one) => ({ one, at: new Map(one.program.inventory.targets.map((t) => [t.span, t])) }));
  return ({ span }) => {
    for (const { one, at } of places) {
      const target = at.get(span);
      if (target) return onServer(targetAnswer(one.program, target), one);
    }
    return undefined;
  };
}

/** An answer that says which server it is of. A repository's only server needs no word. */
function onServer(answer: Answer, { server: { name, labels } }: Compiled): Answer {
  if (name === '') return answer;
  const own = answer.head['labels'];
  const all = typeof own === 'object' && own !== null ? { labels: { ...own, ...Object.fromEntries(labels) } } : {};
  const external = [...labels].map(([label, value]) => matcherText({ label, op: '=', value })).join(', ');
  const about = `on server ${name}${external === '' ? '' : `, whose external labels are ${external}`}`;
  return {
    ...answer,
    head: { server: name, ...answer.head, ...all },
    get about() {
      return [...answer.about, about];
    },
  };
}

function named(result: Asked | Failure, one: Compiled): Asked | Failure {
  if (!('kind' in result) || one.server.name === '') return result;
  if (result.kind === 'one') return { ...result, answer: onServer(result.answer, one) };
  if (result.kind === 'host') return { ...result, answers: result.answers.map((a) => onServer(a, one)) };
  return {
    ...result,
    *answers() {
      for (const answer of result.answers()) yield onServer(answer, one);
    },
  };
}

function onNone(servers: readonly Compiled[], who: string): Failure {
  const names = servers.map(({ server }) => server.name).join(', ');
  const [message, help] =
    servers.length === 1
      ? [
          `${who} is not on server ${names}: its labels or groups contradict those of the server.`,
          'Leave --server out.',
        ]
      : [
          `${who} is on none of the servers (${names}): its labels or groups contradict those of each.`,
          'Compare its labels with `labels` and `groups` of `prometheus.servers` in rulewright.yaml.',
        ];
  return { code: 'not-found', message, help };
}
