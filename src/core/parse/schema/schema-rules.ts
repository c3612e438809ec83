import * as z from 'zod';
import * as part from './schema-parts.ts';

/** What a rule and a template have in common. */
const body = {
  alert: part.text
    .meta({ description: 'The alert’s name, as Prometheus shows it.', examples: ['HighCPUUsage'] })
    .optional(),
  record: part.text
    .meta({ description: 'The metric that a recording rule writes.', examples: ['instance:node_cpu:ratio_rate5m'] })
    .optional(),
  template: part.text
    .meta({
      description: 'A file of templates/, without its ending, that gives what is not said here.',
      examples: ['filesystem-free'],
    })
    .optional(),
  description: part.text
    .meta({ description: 'Why this rule is there. Stays in the source and the reports.' })
    .optional(),
  owner: part.text.meta({ description: 'Who answers for it.', examples: ['infra'] }).optional(),
  params: z.record(z.string(), part.param).meta({ description: 'The values that groups may set.' }).optional(),
  expr: part.text
    .meta({
      description: 'PromQL. `<< name >>` puts in a param.',
      examples: ['100 * node_filesystem_avail_bytes / node_filesystem_size_bytes < << threshold >>'],
    })
    .optional(),
  for: part.forField.optional(),
  keep_firing_for: part.keepFiringFor.optional(),
  labels: part.labels.optional(),
  annotations: part.annotations.optional(),
  enabled: part.enabled.optional(),
  only: part.names
    .meta({
      description: 'The groups (with all below them) that this rule is for; default: everywhere.',
      examples: [['production']],
    })
    .optional(),
  except: part.names
    .meta({ description: 'The groups (with all below them) that this rule is not for.', examples: [['development']] })
    .optional(),
  tiers: z
    .record(z.string(), part.tier)
    .meta({
      description: 'One alert in several severities: ids `Name.warning`, `Name.critical`, label `severity`.',
      examples: [{ warning: { threshold: 20 }, critical: { threshold: 10, for: '2m' } }],
    })
    .optional(),
};

const rule = z
  .strictObject({
    id: part.text
      .meta({
        description: 'How groups name this rule; default: the alert or record name.',
        examples: ['HighCPUUsage'],
      })
      .optional(),
    ...body,
  })
  .meta({ title: 'a rule', description: 'One alerting or recording rule.' });

/** A file of `rules/` in our own format. */
export const ruleFileSchema = z
  .strictObject({
    name: part.text
      .meta({
        description:
          'The name of the rule groups that are compiled from this file; default: its path below rules/ without the ending. Keep it when the file moves, or the alerts lose their state.',
        examples: ['node'],
      })
      .optional(),
    interval: part.duration.meta({ description: 'How often these rules are evaluated.', examples: ['30s'] }).optional(),
    query_offset: part.duration
      .meta({ description: 'How far in the past they are evaluated (Prometheus 2.53 and later).', examples: ['1m'] })
      .optional(),
    limit: z
      .int()
      .min(0)
      .meta({ description: 'More results than this drop all alerts of a rule; 0: no limit.', examples: [1000] })
      .optional(),
    rules: z.array(rule).meta({ description: 'What to watch.' }),
  })
  .meta({ title: 'a rule file', description: 'A file of rules/: what to watch.' });

/** A file of `templates/`: the body of a rule. */
export const templateSchema = z
  .strictObject(body)
  .meta({ title: 'a template', description: 'A file of templates/: a reusable rule definition.' });

const nativeRule = z
  .strictObject({
    alert: part.textOrNull.optional(),
    record: part.textOrNull.optional(),
    expr: part.text,
    for: part.durationOrNull.optional(),
    keep_firing_for: part.durationOrNull.optional(),
    labels: z.union([z.record(z.string(), part.textOrNull), z.null()]).optional(),
    annotations: z.union([z.record(z.string(), part.textOrNull), z.null()]).optional(),
  })
  .meta({ title: 'a rule of Prometheus' });

const nativeGroup = z
  .strictObject({
    name: part.text,
    interval: part.durationOrNull.optional(),
    query_offset: part.durationOrNull.optional(),
    limit: z.union([z.int(), z.null()]).optional(),
    labels: z.union([z.record(z.string(), part.textOrNull), z.null()]).optional(),
    rules: z.union([z.array(nativeRule), z.null()]).optional(),
  })
  .meta({ title: 'a rule group of Prometheus' });

/** A Prometheus rule file, as strict as promtool. */
export const nativeFileSchema = z
  .strictObject({ groups: z.union([z.array(nativeGroup), z.null()]) })
  .meta({ title: 'a Prometheus rule file' });
