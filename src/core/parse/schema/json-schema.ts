import * as z from 'zod';
import { configSchema } from './schema-config.ts';
import { groupFullSchema } from './schema-groups.ts';
import { ruleFileSchema, templateSchema } from './schema-rules.ts';

export type SchemaName = 'rules.schema.json' | 'group.schema.json' | 'template.schema.json' | 'rulewright.schema.json';

/** The JSON Schemas of all kinds of source, by file name: what editors check and explain with. */
export function jsonSchemas(): Record<SchemaName, object> {
  return {
    'rules.schema.json': toSchema(ruleFileSchema, 'rulewright: rules', RULES),
    'group.schema.json': toSchema(groupFullSchema, 'rulewright: a group', GROUP),
    'template.schema.json': toSchema(templateSchema, 'rulewright: a template', TEMPLATE),
    'rulewright.schema.json': toSchema(configSchema, 'rulewright: settings', CONFIG),
  };
}

/** Draft 7, which every editor knows. Numbers that mean "any whole number" carry no bounds. */
function toSchema(schema: z.ZodType, title: string, example: object): object {
  const made = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  const { $schema, title: _, description, examples: __, ...rest } = made;
  return { $schema, title, description, examples: [example], ...rest };
}

const RULES = {
  name: 'node',
  rules: [
    {
      alert: 'HighCPUUsage',
      description: 'CPU is the first thing users notice.',
      owner: 'infra',
      params: { threshold: { type: 'number', default: 80, unit: 'percent', min: 0, max: 100 }, window: '5m' },
      expr: '100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[<< window >>]))) > << threshold >>',
      for: '5m',
      labels: { severity: 'warning' },
      annotations: { summary: '{{ $labels.instance }}: CPU at {{ $value | humanize }}%, over << threshold >>%' },
    },
  ],
};

const GROUP = {
  id: 'production',
  match: { env: 'prod' },
  thresholds: { HighCPUUsage: 90 },
  disabled: ['NodeClockSkew'],
};

const TEMPLATE = {
  params: { threshold: { type: 'number', default: 20, unit: 'percent', min: 0, max: 100 } },
  expr: '100 * node_filesystem_avail_bytes / node_filesystem_size_bytes < << threshold >>',
  for: '10m',
};

const CONFIG = { version: 1, prometheus: { version: '>=2.42', url: 'http://localhost:9090' } };
