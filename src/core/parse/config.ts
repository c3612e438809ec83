import semver from 'semver';
import { KNOWN_FLAGS } from '../../promql/features.ts';
import { regexProblem } from '../../promql/regex.ts';
import { suggest } from '../../promql/suggest.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { parseDuration } from '../ground/duration.ts';
import type { Located, SourceFile, Span } from '../ground/source.ts';
import type { Config, InventorySource, MetricFact, PrometheusConfig } from '../model/config.ts';
import { environmentAuth, readAuth, SECRET_HINTS, withEnvironment, withoutSecretKeys, withoutUsers } from './auth.ts';
import { checkShape } from './check.ts';
import type { Settings } from './environment.ts';
import { environmentSettings } from './environment.ts';
import { invalidRegex } from './match.ts';
import { checkLabelName } from './names.ts';
import type { MapNode } from './nodes.ts';
import { child, headSpan, shorten } from './nodes.ts';
import { readOwners } from './owners.ts';
import { readBoolean, readInteger, readText, readTexts } from './read.ts';
import { DEFAULTS } from './schema/defaults.ts';
import { configSchema } from './schema/schema-config.ts';
import { notEmpty, readServers, readUrl } from './servers.ts';
import { parseYaml } from './yaml/yaml.ts';

/**
 * `rulewright.yaml`, or the defaults where there is none. What is wrong falls back on its
 * default, so that the rest can be judged.
 * @param env environment variables by name, which win over the file.
 */
export function parseConfig(
  file: SourceFile | undefined,
  env: Readonly<Record<string, string | undefined>> = {},
): { config: Config; diagnostics: Diagnostic[] } {
  const source = withoutSecretKeys(file ?? { path: 'rulewright.yaml', text: '' });
  const { root, diagnostics } = file ? readRoot(source) : { root: undefined, diagnostics: [] };
  const map = root ?? emptyMap(source);
  const section = child(map, 'prometheus');
  const prometheus = section?.kind === 'map' ? section : emptyMap(source);
  const fromFile: Settings = {
    url: readText(prometheus, 'url'),
    rulePath: readText(prometheus, 'rule_path'),
    reloadEnabled: readBoolean(prometheus, 'reload_enabled'),
    reloadTimeout: readText(prometheus, 'reload_timeout'),
    validateRules: readText(prometheus, 'validate_rules'),
    backupEnabled: readBoolean(prometheus, 'backup_enabled'),
    promtoolPath: readText(prometheus, 'promtool_path'),
  };
  const fromEnv = environmentSettings(env, diagnostics);
  const said: Settings = { ...fromFile, ...fromEnv };
  const prometheusConfig: PrometheusConfig = {
    version: readVersion(prometheus, source, diagnostics),
    features: readFeatures(prometheus, diagnostics),
    url: readUrl(said.url, diagnostics),
    rulePath: notEmpty(said.rulePath, 'rule_path', diagnostics) ?? DEFAULTS.rulePath,
    reloadEnabled: said.reloadEnabled?.value ?? DEFAULTS.reloadEnabled,
    reloadTimeout: readTimeout(said.reloadTimeout, diagnostics),
    validateRules: asValidate(said.validateRules?.value),
    promtoolPath: notEmpty(said.promtoolPath, 'promtool_path', diagnostics) ?? DEFAULTS.promtoolPath,
    backupEnabled: said.backupEnabled?.value ?? DEFAULTS.backupEnabled,
    layout: readText(prometheus, 'layout')?.value === 'bundle' ? 'bundle' : 'files',
  };
  const authOfEnv = environmentAuth(env, diagnostics);
  const config: Config = {
    prometheus: prometheusConfig,
    servers: readServers(
      prometheus,
      { own: prometheusConfig, auth: readAuth(prometheus, diagnostics), env: fromEnv, span: section?.span ?? map.span },
      diagnostics,
    ).map((server) => ({ ...server, auth: withEnvironment(server.auth, authOfEnv) })),
    groupLabel: readGroupLabel(map, diagnostics),
    inventory: readInventory(map, source, diagnostics),
    metrics: readMetrics(map, diagnostics),
    owners: readOwners(map, diagnostics),
    maxCells: Math.max(1, readInteger(map, 'max_cells')?.value ?? DEFAULTS.maxCells),
  };
  // A URL may hold a password, and a complaint shows the lines that it points at.
  const shown = withoutUsers(source);
  const masked = (span: Span): Span => (span.file === source ? { ...span, file: shown } : span);
  return {
    config,
    diagnostics: diagnostics.map((d) => ({
      ...d,
      span: masked(d.span),
      notes: d.notes.map((note) => (note.span ? { ...note, span: masked(note.span) } : note)),
    })),
  };
}

function readRoot(file: SourceFile): { root?: MapNode; diagnostics: Diagnostic[] } {
  const { documents, diagnostics } = parseYaml(file);
  const [first, second] = documents.flatMap((d) => d.root ?? []);
  if (!first) return { diagnostics };
  if (second) {
    const message = 'A second YAML document: rulewright.yaml holds one.';
    diagnostics.push(diagnostic('yaml-many-documents', headSpan(second.span), message, { help: 'Remove it.' }));
  }
  if (first.kind !== 'map') {
    diagnostics.push(
      diagnostic('wrong-type', headSpan(first.span), 'The settings must be a mapping of keys to values.'),
    );
    return { diagnostics };
  }
  const version = versionNumber(first);
  for (const d of checkShape(first, configSchema, { hints: SECRET_HINTS })) {
    // Of a version that YAML read as a number there is a better message.
    if (!version || d.span.start !== version.start) diagnostics.push(d);
  }
  return { root: first, diagnostics };
}

function versionNumber(map: MapNode): Span | undefined {
  const section = child(map, 'prometheus');
  const node = section?.kind === 'map' ? child(section, 'version') : undefined;
  return node?.kind === 'scalar' && typeof node.value === 'number' ? node.span : undefined;
}

function emptyMap(file: SourceFile): MapNode {
  return { kind: 'map', entries: new Map(), span: { file, start: 0, end: 0 } };
}

/** A semver range; a bare version is the least one. */
function readVersion(map: MapNode, source: SourceFile, out: Diagnostic[]): Located<string> {
  const fallback = { value: DEFAULTS.version, span: { file: source, start: 0, end: 0 } };
  const node = child(map, 'version');
  if (node?.kind !== 'scalar' || node.value === null) return fallback;
  const text = node.text.trim();
  if (typeof node.value !== 'string') {
    if (typeof node.value === 'number') {
      const message = `\`version\` must be text, but YAML reads ${text} as a number (and 3.10 as 3.1).`;
      out.push(diagnostic('wrong-type', node.span, message, { help: `Put it in quotes: \`version: "${text}"\`.` }));
    }
    return fallback;
  }
  const value = /^v?\d+(\.\d+){0,2}$/.test(text) ? `>=${text.replace(/^v/, '')}` : text;
  const range = text === '' ? null : semver.validRange(value);
  if (range === null || semver.minVersion(range) === null) {
    const why = range === null ? 'is not a range of versions' : 'is a range that no version is in';
    const help = 'For instance `">=2.42"`, `">=2.53 <4"`, or `"3.4"`, which means 3.4 and later.';
    out.push(diagnostic('invalid-value', node.span, `\`${shorten(text)}\` ${why}.`, { help }));
    return fallback;
  }
  return { value, span: node.span };
}

/** Flags of PromQL must be known ones, for a slip of the pen would switch nothing on; any other is the server's own business. */
function readFeatures(map: MapNode, out: Diagnostic[]): string[] {
  const texts = readTexts(map, 'features') ?? [];
  for (const { value, span } of texts) {
    if (!value.startsWith('promql-') || KNOWN_FLAGS.includes(value)) continue;
    const meant = suggest(value, KNOWN_FLAGS);
    out.push(
      diagnostic('invalid-value', span, `No Prometheus has a feature flag \`${shorten(value)}\`.`, {
        help: meant ? `Did you mean \`${meant}\`?` : `Those of PromQL are ${KNOWN_FLAGS.join(', ')}.`,
      }),
    );
  }
  return texts.map(({ value }) => value);
}

/** Seconds. */
function readTimeout(text: Located<string> | undefined, out: Diagnostic[]): number {
  if (!text) return DEFAULTS.reloadTimeout;
  const parsed = parseDuration(text.value);
  if (parsed.problem !== undefined) {
    out.push(diagnostic('invalid-duration', text.span, `\`reload_timeout\`: ${parsed.problem}`, { help: parsed.help }));
  } else if (parsed.ms === 0) {
    const message = 'A `reload_timeout` of nothing: every reload would fail.';
    out.push(diagnostic('invalid-value', text.span, message, { help: 'Write `30s`, for instance.' }));
  } else return parsed.ms / 1000;
  return DEFAULTS.reloadTimeout;
}

function asValidate(text: string | undefined): 'auto' | 'true' | 'false' {
  const lower = text?.toLowerCase();
  return lower === 'true' || lower === 'false' ? lower : DEFAULTS.validateRules;
}

function readGroupLabel(map: MapNode, out: Diagnostic[]): string | false {
  const node = child(map, 'group_label');
  if (node?.kind !== 'scalar') return DEFAULTS.groupLabel;
  if (node.value === false) return false;
  if (typeof node.value !== 'string') return DEFAULTS.groupLabel;
  const taken =
    node.text === 'alertname' || node.text === 'job' || node.text === 'instance' || node.text.startsWith('__');
  if (taken) {
    const message = `\`${shorten(node.text)}\` is a label of Prometheus' own.`;
    out.push(
      diagnostic('invalid-name', node.span, message, {
        help: `Choose another, for instance \`${DEFAULTS.groupLabel}\`.`,
      }),
    );
    return DEFAULTS.groupLabel;
  }
  const before = out.length;
  checkLabelName(node.text, node.span, {}, out);
  return out.length > before ? DEFAULTS.groupLabel : node.text;
}

function readInventory(map: MapNode, source: SourceFile, out: Diagnostic[]): InventorySource[] {
  const node = child(map, 'inventory');
  if (node?.kind !== 'list') {
    return [{ files: { value: DEFAULTS.inventoryFiles, span: { file: source, start: 0, end: 0 } }, labels: {} }];
  }
  return node.items.flatMap((item) => {
    const files = item.kind === 'map' ? readText(item, 'files') : undefined;
    if (item.kind !== 'map' || !files) return [];
    const pairs: [string, string][] = [];
    const labels = child(item, 'labels');
    for (const { key, keySpan, value } of labels?.kind === 'map' ? labels.entries.values() : []) {
      if (value.kind !== 'scalar' || value.value === null) continue;
      checkLabelName(key, keySpan, { utf8Names: true }, out);
      pairs.push([key, value.text]);
    }
    return [{ files, labels: Object.fromEntries(pairs) }];
  });
}

function readMetrics(map: MapNode, out: Diagnostic[]): MetricFact[] {
  const node = child(map, 'metrics');
  if (node?.kind !== 'map') return [];
  return [...node.entries.values()].flatMap(({ key, keySpan, value }) => {
    const problem = regexProblem(key);
    if (problem !== undefined) out.push(invalidRegex(keySpan, key, problem));
    const labels = value.kind === 'map' ? readTexts(value, 'labels') : undefined;
    if (problem !== undefined || !labels) return [];
    for (const label of labels) checkLabelName(label.value, label.span, { utf8Names: true }, out);
    return [{ metric: { value: key, span: keySpan }, labels: labels.map((l) => l.value) }];
  });
}
