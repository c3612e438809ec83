import type { LabelSet } from '../../promql/region.ts';
import { parseSelector } from '../../promql/selector-text.ts';
import type { Known } from '../ground/subject.ts';
import { suggest, suggestWhole } from '../ground/suggest.ts';
import type { Inventory, Target } from '../model/inventory.ts';
import { hostOf } from '../model/target.ts';

/** What a name of the command line stands for. */
export interface Found {
  readonly targets: readonly Target[];
  /** The host that they are all on; undefined where a target was named by its id. */
  readonly hostname?: string;
}

/**
 * The targets that a name stands for: a target's id, else an address as it is scraped, else a host,
 * whatever port is named with it. A host's name stands for all its targets. Sorted by id.
 */
export function findTargets({ targets }: Pick<Inventory, 'targets'>, name: string): Found {
  const host = hostOf(name);
  const byId = (a: Target, b: Target): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
  const onHost = targets.filter((t) => t.hostname === name || t.hostname === host);
  const exact = targets.filter((t) => t.id === name);
  if (exact.length > 0 && exact.some((t) => t.hostname !== name)) return { targets: exact };
  const address = targets.filter((t) => t.labels.get('instance') === name && t.hostname !== name);
  const found = (address.length > 0 ? address : onHost).sort(byId);
  return found.length === 0 ? { targets: exact } : { targets: found, hostname: found[0]?.hostname ?? host };
}

/** Names that were probably meant: one equal but for case, a host by the first part of its name, then what is spelt alike. */
export function suggestTargets({ targets }: Inventory, name: string): string[] {
  const wanted = name.toLowerCase();
  const host = hostOf(name).toLowerCase();
  const hosts = [...new Set(targets.map((t) => t.hostname))].sort();
  const names = [...new Set(targets.flatMap((t) => [t.id, t.labels.get('instance') ?? t.id]))].sort();
  const steps: readonly (() => string[])[] = [
    () => names.filter((n) => n.toLowerCase() === wanted),
    () => hosts.filter((h) => h.toLowerCase() === host),
    () => hosts.filter((h) => h.toLowerCase().startsWith(`${host}.`)),
    () => spelledAlike(name, host, names, hosts),
    () => suggestWhole(host, hosts),
  ];
  for (const step of steps) {
    const found = step();
    if (found.length > 0) return found.slice(0, MOST_NAMES);
  }
  return [];
}

const MOST_NAMES = 5;

/** Names at a small distance: of a target as a whole, of a host, of the first part of a host's name. */
function spelledAlike(name: string, host: string, names: readonly string[], hosts: readonly string[]): string[] {
  const id = suggest(name, names);
  const short = suggest(host, hosts);
  const dotted = hosts.filter((h) => h.includes('.'));
  const first = suggest(host, new Set(dotted.map((h) => h.slice(0, h.indexOf('.')))));
  const whole = first === undefined ? [] : dotted.filter((h) => h.startsWith(`${first}.`));
  return [...new Set([...(id ? [id] : []), ...(short ? [short] : []), ...whole])];
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
    const match = PAIR.exec(part);
    if (!match) return { problem: `${JSON.stringify(part.trim())} is no label and its value.`, help: SAY };
    const label = match[1] ?? match[2] ?? '';
    if (labels.has(label)) return twice(label);
    labels.set(label, (match[3] ?? match[4] ?? '').trim());
  }
  return { labels };
}

/** `env=prod`; a name as Prometheus 3 has them, such as `service.name`, with or without quotes. */
const PAIR = /^\s*(?:"([^"]+)"|([^\s"'{}=~!]+))\s*=\s*(?:"([^"]*)"|([^"~=][^"]*)|)\s*$/;

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
