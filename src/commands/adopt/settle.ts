import { liftKey, type Proposal } from './layout.ts';
import {
  type AdoptOptions,
  type AdoptPlan,
  type Declined,
  familyKey,
  planAdoption,
  type StayedNative,
} from './plan.ts';
import type { Replaced, Replacing } from './take-place.ts';

/** Leaves as they are the files whose rules would not go on as they were for the groups that speak of them. */
export function settle(
  { plan: first, declined: asked }: { readonly plan: AdoptPlan; readonly declined: Declined },
  options: AdoptOptions,
  { items, by }: Replacing,
  place: (plan: AdoptPlan) => Replaced,
): { plan: AdoptPlan; replaced: Replaced } {
  let plan = first;
  let replaced = place(plan);
  if (replaced.unlike.length === 0) return { plan, replaced };
  const reasons = new Map(replaced.unlike.map((one) => [one.name, one.reason]));
  const guilty = items.flatMap((item, i) =>
    by.has(item) && item.groups.some((g) => g.rules.some((r) => reasons.has(r.name))) ? [i] : [],
  );
  const lifts = new Set([
    ...asked.lifts,
    ...guilty.flatMap((i) => [...(items[i]?.groups.keys() ?? [])].map((g) => liftKey(i, g))),
  ]);
  const own = plan.families.filter((f) => f.copies.some((c) => guilty.includes(c.place.item))).map(familyKey);
  plan = planAdoption(items, options, { families: new Set([...asked.families, ...own]), lifts });
  replaced = place(plan);
  const stayed = guilty.flatMap((i): StayedNative[] => {
    const { from = '', groups = [] } = items[i] ?? {};
    const name = groups.flatMap((g) => g.rules).find((r) => reasons.has(r.name))?.name ?? '';
    const reason = `with what groups say of it "${name}" would become another rule: ${reasons.get(name)}`;
    return [{ what: from, from: [from], reason }];
  });
  const flaws = replaced.unlike.map(({ path, name, reason }) => ({ path, reason: `"${name}": ${reason}` }));
  return { plan: { ...plan, stayed: [...plan.stayed, ...stayed], flaws: [...plan.flaws, ...flaws] }, replaced };
}

/** Whether a proposal stands there already: the same text, or rules that are left as they are in the file that they are in. */
export function isThere(proposal: Proposal, standing: ReadonlyMap<string, string>, { by }: Replacing): boolean {
  if (standing.get(proposal.path) === proposal.text) return true;
  if (proposal.kind !== 'native') return false;
  const whole = [...by].find(([, file]) => file.path === proposal.path)?.[0];
  return whole !== undefined && whole.groups.reduce((sum, group) => sum + group.rules.length, 0) === proposal.rules;
}
