import type { Inventory } from '../model/inventory.ts';

/**
 * What file_sd files rarely say and a server knows: the `job`, and the port in `instance`. Where they are missing, a
 * matcher on `job` can't be decided, and a target's name is not the one that its alerts carry.
 */
export function thinNotes({ targets }: Inventory): string[] {
  const jobless = targets.filter(({ labels }) => (labels.get('job') ?? '') === '').length;
  const portless = targets.filter(({ labels }) => isHostAlone(labels.get('instance') ?? '')).length;
  const lack = (count: number): string =>
    count === targets.length ? `none of the ${count} targets has a` : `${count} of ${targets.length} targets have no`;
  const notes: string[] = [];
  if (jobless > 0)
    notes.push(
      `${lack(jobless)} \`job\`, which Prometheus adds from the scrape configuration. Say it: a label in the file, or \`inventory: [{ files: "groups/targets/nodes.json", labels: { job: node } }]\` in rulewright.yaml.`,
    );
  if (portless > 0)
    notes.push(
      `${lack(portless)} port in \`instance\`. Where Prometheus scrapes \`web-1:9100\` write that, or its alerts carry another name than this list.`,
    );
  return notes;
}

/** A host without a port: not an address of the web, as probes have, and no IPv6 address in brackets with one. */
const isHostAlone = (instance: string): boolean =>
  instance !== '' && !instance.includes('/') && !/:\d+$/.test(instance);
