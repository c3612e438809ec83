import { z } from 'zod';
import { duration, text } from './schema-parts.ts';

/** What each setting is where neither the file nor the environment says it. */
export const DEFAULTS = {
  version: '>=2.42',
  url: 'http://localhost:9090',
  rulePath: '/etc/prometheus/rules/generated',
  reloadEnabled: true,
  reloadTimeout: 30,
  validateRules: 'auto',
  promtoolPath: 'promtool',
  backupEnabled: true,
  layout: 'files',
  groupLabel: 'group_id',
  inventoryFiles: 'groups/targets/**/*.{json,yml,yaml}',
  maxCells: 1000,
} as const;

const prometheus = z
  .strictObject({
    version: z
      .string()
      .meta({
        description: 'The servers that must load dist/, as a semver range in quotes; "3.4" means ">=3.4".',
        default: DEFAULTS.version,
        examples: ['>=2.42', '3.4'],
      })
      .optional(),
    url: text
      .meta({ description: 'Where the server listens. Environment: PROMETHEUS_URL.', default: DEFAULTS.url })
      .optional(),
    rule_path: text
      .meta({
        description: 'The folder that the server loads rules from. Environment: PROMETHEUS_RULE_PATH.',
        default: DEFAULTS.rulePath,
      })
      .optional(),
    reload_enabled: z
      .boolean()
      .meta({
        description: 'Whether `deploy` reloads the server. Environment: PROMETHEUS_RELOAD_ENABLED.',
        default: true,
      })
      .optional(),
    reload_timeout: duration
      .meta({ description: 'How long to wait for a reload. Environment: PROMETHEUS_RELOAD_TIMEOUT.', default: '30s' })
      .optional(),
    validate_rules: z
      .union([z.enum(['auto']), z.boolean()])
      .meta({
        description:
          'auto: promtool where it is found; true: promtool or fail; false: in-process checks only. Environment: PROMETHEUS_VALIDATE_RULES.',
        default: 'auto',
      })
      .optional(),
    promtool_path: text.meta({ description: 'Environment: PROMTOOL_PATH.', default: DEFAULTS.promtoolPath }).optional(),
    backup_enabled: z
      .boolean()
      .meta({
        description: 'Whether `deploy` keeps the release before. Environment: PROMETHEUS_BACKUP_ENABLED.',
        default: true,
      })
      .optional(),
    layout: z
      .enum(['files', 'bundle'])
      .meta({
        description: 'files: one per group, as in dist/; bundle: one file, so that no reload can hold a mixture.',
        default: 'files',
      })
      .optional(),
  })
  .meta({ title: 'prometheus', description: 'The servers that dist/ is for, and the way to them.' });

const inventory = z
  .strictObject({
    files: text.meta({
      description: 'A glob of file_sd files, from the repository’s root.',
      examples: [DEFAULTS.inventoryFiles],
    }),
    labels: z
      .record(z.string(), text)
      .meta({
        description: 'What the scrape configuration adds to these targets, `job` above all.',
        examples: [{ job: 'node' }],
      })
      .optional(),
  })
  .meta({ title: 'an inventory' });

/** `rulewright.yaml`. */
export const configSchema = z
  .strictObject({
    version: z.literal(1).meta({ description: 'The version of this file’s format.' }),
    prometheus: prometheus.optional(),
    group_label: z
      .union([z.string(), z.literal(false)])
      .meta({
        description: 'The label that says which group an alert’s settings came from; false: none.',
        default: DEFAULTS.groupLabel,
        examples: ['group_id'],
      })
      .optional(),
    inventory: z.array(inventory).meta({ description: 'Where the targets are listed.' }).optional(),
    metrics: z
      .record(
        z.string(),
        z
          .strictObject({
            labels: z.array(text).meta({
              description: 'The labels that series of these metrics have.',
              examples: [['cluster', 'namespace']],
            }),
          })
          .meta({ title: 'a metric fact' }),
      )
      .meta({
        description:
          'Anchored regexes of metric names, the first that matches: which labels their series carry, where it is not all of their target.',
        examples: [{ 'kube_.*': { labels: ['cluster', 'namespace', 'pod', 'node'] } }],
      })
      .optional(),
    max_cells: z
      .int()
      .min(1)
      .meta({ description: 'How many cells of overlapping groups one rule may have.', default: DEFAULTS.maxCells })
      .optional(),
  })
  .meta({ title: 'rulewright.yaml', description: 'rulewright.yaml: the settings of the repository.' });
