import type { LabelSet } from '../promql/region.ts';
import { parseSelector } from '../promql/selector-text.ts';
import type { Inventory, Target } from './inventory.ts';
import { hostOf } from './parse/sources.ts';
import type { Known } from './subject.ts';
import { suggest } from './suggest.ts';

/** What a name of the command line stands for. */
export interface Found {
  readonly targets: readonly Target[];
  /** The host that they are all on; undefined where a target was named by its id. */
  readonly hostname?: string;
}

/**
 * The targets that a name stands for: a target's id, else an address as it is scraped, else a host,
 * whatever port is named with it. A host's name stands for all its targets.
 */
export function findTargets({ targets }: Inventory, name: string): Found {
  const host = hostOf(name);
  const onHost = targets.filter((t) => t.hostname === name || t.hostname === host);
  const exact = targets.filter((t) => t.id === name);
  if (exact.length > 0 && exact.some((t) => t.hostname !== name)) return { targets: exact };
  const address = targets.filter((t) => t.labels.get('instance') === name && t.hostname !== name);
  const found = address.length > 0 ? address : onHost;
  return found.length === 0 ? { targets: exact } : { targets: found, hostname: found[0]?.hostname ?? host };
}

/** Names that were probably meant: a host by the first part of its name, else what is spelt alike. */
export function suggestTargets({ targets }: Inventory, name: string): string[] {
  const host = hostOf(name).toLowerCase();
  const starts = [...new Set(targets.map((t) => t.hostname))].filter((h) => h.toLowerCase().startsWith(`${host}.`));
  if (starts.length > 0) return starts.sort().slice(0, 5);
  const short = suggest(host, new Set(targets.map((t) => t.hostname)));
  const id = suggest(name, new Set(targets.map((t) => t.id)));
  const first = targets.map((t) => t.hostname).filter((h) => h.includes('.'));
  const byFirst = suggest(host, new Set(first.map((h) => h.slice(0, h.indexOf('.')))));
  const whole = byFirst === undefined ? [] : first.filter((h) => h.startsWith(`${byFirst}.`));
  return [...new Set([...(id ? [id] : []), ...(short ? [short] : []), ...whole.sort()])].slice(0, 5);
}

export type GivenLabels =
  | { readonly labels: LabelSet; readonly problem?: undefined }
  | { readonly problem: string; readonly help?: string };

/** Labels of the command line: `env=prod,tier=gpu`, or a selector of `=` matchers. An empty value says that the label is absent. */
export function parseLabels(text: string): GivenLabels {
  const labels = new Map<string, string>();
  if (text.trim().startsWith('{')) {
    const { matchers, problems } = parseSelector(text);
    const problem = problems[0];
    if (problem) return { problem: problem.message, ...(problem.help !== undefined && { help: problem.help }) };
    for (const { matcher } of matchers) {
      if (matcher.op !== '=')
        return { problem: `A machine has one value of ${matcher.label}, not \`${matcher.op}\`.`, help: SAY };
      if (labels.has(matcher.label)) return twice(matcher.label);
      labels.set(matcher.label, matcher.value);
    }
    return { labels };
  }
  for (const part of text.split(',')) {
    if (part.trim() === '') continue;
    const match = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*(?:"([^"]*)"|([^"~=][^"]*)|)\s*$/.exec(part);
    if (!match) return { problem: `${JSON.stringify(part.trim())} is no label and its value.`, help: SAY };
    const label = match[1] as string;
    if (labels.has(label)) return twice(label);
    labels.set(label, (match[2] ?? match[3] ?? '').trim());
  }
  return { labels };
}

const SAY = `Write --labels 'env=prod,tier=gpu', or --labels '{env="prod",tier="gpu"}' where a value has a comma.`;

const twice = (label: string): GivenLabels => ({ problem: `The label ${label} is given twice.`, help: SAY });

/** Labels that every target has, whatever else: a machine that is only described has them as well, with some value. */
const IDENTITY = new Set(['job', 'instance', 'target_id']);

/**
 * What is known of a machine that is only described: the labels that are given, and that it lacks the
 * others of the inventory. Its job and its address are open where they are not given: it will have some.
 */
export function knownWith(inventory: Inventory, given: LabelSet): Known {
  return { has: (label) => given.has(label) || (inventory.known.has(label) && !IDENTITY.has(label)) };
}
