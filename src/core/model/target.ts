import type { LabelSet } from '../../promql/region.ts';

/** A target's labels: `instance` is its address where it has no such label, as in Prometheus. */
export function withInstance({ address, labels }: { readonly address: string; readonly labels: LabelSet }): LabelSet {
  return labels.get('instance') ? labels : new Map([...labels, ['instance', address]]);
}

/** What a target is called: its `target_id`, else its job and instance. */
export function targetId(labels: LabelSet): string {
  const job = labels.get('job');
  const instance = labels.get('instance') ?? '';
  return labels.get('target_id') ?? (job ? `${job}/${instance}` : instance);
}

/** A host without its port: `db-1:9100` is `db-1`, `[::1]:9100` is `::1`. Of a URL that is probed, its host. */
export function hostOf(address: string): string {
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#]+)/i.exec(address)?.[1];
  if (host !== undefined) return hostOf(host);
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(address);
  if (bracketed) return bracketed[1] as string;
  const parts = address.split(':');
  return parts.length === 2 ? (parts[0] as string) : address;
}
