import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { MapNode, YamlNode } from './nodes.ts';
import { child, headSpan } from './nodes.ts';

/** Where a file was found: what it should have been. */
export type Place = 'rules' | 'groups' | 'templates';

/**
 * Files of other tools, and of other folders, that people drop by mistake: recognised by their
 * keys, with the remedy named. Undefined where the file is not one of them.
 */
export function foreignFile(root: YamlNode, place: Place): Diagnostic | undefined {
  const found =
    root.kind === 'map' ? foreignMap(root, place) : root.kind === 'list' ? foreignList(root.items, place) : undefined;
  return found && diagnostic('not-our-format', headSpan(root.span), found[0], { help: found[1] });
}

/** A manifest for Kubernetes that has rules in it, or may have them. */
export function isManifestOfRules(root: YamlNode): boolean {
  const kind = root.kind === 'map' && root.entries.has('apiVersion') ? child(root, 'kind') : undefined;
  return kind?.kind === 'scalar' && RULE_KINDS.test(kind.text);
}

const RULE_KINDS = /^PrometheusRule(?:List)?$|^AlertingRule$|^List$/;

type Remedy = readonly [message: string, help: string];

function foreignMap(map: MapNode, place: Place): Remedy | undefined {
  const has = (...keys: string[]): boolean => keys.every((key) => map.entries.has(key));
  const kind = child(map, 'kind');
  if (has('apiVersion', 'kind') && kind?.kind === 'scalar') {
    return RULE_KINDS.test(kind.text)
      ? [
          `A Kubernetes manifest (${kind.text}), not a file of ${place}/.`,
          'Take its rules over with `rulewright adopt FILE`.',
        ]
      : [
          `A Kubernetes manifest (${kind.text}), which holds no Prometheus rules that rulewright could read.`,
          'Move it out of this folder.',
        ];
  }
  if (has('tests') && (has('rule_files') || has('evaluation_interval') || !has('groups', 'rules'))) {
    return ['A unit test of promtool, not a source.', 'Move it to `tests/`, where `rulewright test` finds it.'];
  }
  if (has('route') && has('receivers')) return ['A configuration of Alertmanager.', 'Move it out of this folder.'];
  if (has('scrape_configs') || (has('global') && has('rule_files'))) {
    return ['A configuration of Prometheus itself.', 'Move it out of this folder.'];
  }
  if (has('sloth') || has('service', 'slos'))
    return ['A specification of SLOs (Sloth).', 'Generate its rules and put those here.'];
  if (place === 'rules') return foreignInRules(has);
  if (has('groups') || has('rules')) return ['A rule file.', 'Move it to `rules/`.'];
  if (place === 'templates' && (has('thresholds') || has('overrides') || has('match')))
    return ['A group.', 'Move it to `groups/`.'];
  if (place === 'groups' && has('expr'))
    return ['A rule or a template of one.', 'Move it to `rules/` (under `rules:`) or to `templates/`.'];
  return undefined;
}

function foreignInRules(has: (...keys: string[]) => boolean): Remedy | undefined {
  if (has('namespace') && has('groups')) {
    return [
      'A rule file of mimirtool, cortextool or lokitool (`namespace:`).',
      'Take its rules over with `rulewright adopt FILE` (each namespace becomes a file), or remove the line `namespace:`.',
    ];
  }
  if (has('groups') || has('rules')) return undefined;
  if (has('expr') && (has('alert') || has('record')))
    return ['A single rule without a file around it.', 'Write `rules:` above it and make it an item: `- alert: …`.'];
  if (has('expr'))
    return [
      'A rule without a name, or a template.',
      'Name it with `alert:` under `rules:`, or move the file to `templates/`.',
    ];
  if (has('thresholds') || has('overrides') || has('match')) return ['A group.', 'Move it to `groups/`.'];
  return undefined;
}

function foreignList(items: readonly YamlNode[], place: Place): Remedy | undefined {
  const [first] = items;
  if (first?.kind !== 'map') return undefined;
  if (first.entries.has('targets')) return ['A list of targets (file_sd).', 'Move it to `groups/targets/`.'];
  if (first.entries.has('rules')) {
    return [
      'A bare list of rule groups.',
      place === 'rules' ? 'Write `groups:` above it.' : 'Move it to `rules/` and write `groups:` above it.',
    ];
  }
  if (first.entries.has('alert') || first.entries.has('record')) {
    return [
      'A bare list of rules.',
      place === 'rules' ? 'Write `rules:` above it.' : 'Move it to `rules/` and write `rules:` above it.',
    ];
  }
  return undefined;
}

/** Fields that other servers add to rule groups and rules, with whose they are. */
export const FOREIGN_FIELDS: Readonly<Record<string, string>> = {
  type: 'vmalert',
  concurrency: 'vmalert',
  eval_offset: 'vmalert',
  eval_delay: 'vmalert',
  eval_alignment: 'vmalert',
  notifier_headers: 'vmalert',
  headers: 'vmalert',
  params: 'vmalert',
  tenant: 'vmalert',
  debug: 'vmalert',
  update_entries_limit: 'vmalert',
  source_tenants: 'Mimir',
  evaluation_delay: 'Mimir',
  align_evaluation_time_on_interval: 'Mimir',
  remote_write: 'Loki or the Grafana Agent',
  partial_response_strategy: 'Thanos',
};

/** What Prometheus calls such a field, since 2.53. */
export const PROMETHEUS_NAMES: Readonly<Record<string, string>> = {
  evaluation_delay: 'query_offset',
  eval_delay: 'query_offset',
};

/** LogQL in a rule file of Loki: a line filter or a parser behind the braces, outside of any string. */
export function isLogQl(expr: string): boolean {
  if (!expr.includes('|')) return false;
  const bare = expr.replace(/"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'|`[^`]*`/g, '""');
  return /\}\s*(?:!=\s*""\s*)*\|(?:[=~]|\s*(?:json|logfmt|regexp|pattern|unpack|line_format|label_format|unwrap|decolorize)\b)/.test(
    bare,
  );
}
