import * as z from 'zod';
import { PARAM_TYPES } from '../../model/value.ts';

/**
 * The pieces that the schemas of all sources share. A schema here checks the shape and feeds
 * the editors' hovers; what needs more than a shape (durations, names, regexes) is checked
 * where the YAML nodes are read.
 */

/** YAML reads `5`, `true` and `1.10` as other things than text; as text they stand as written. */
export const text = z.union([z.string(), z.number(), z.boolean()]);
export const textOrNull = z.union([text, z.null()]);
export const duration = z.union([z.string(), z.number()]);
export const durationOrNull = z.union([duration, z.null()]);
export const names = z.union([text, z.array(text)]);

const labelsMeta = {
  title: 'labels',
  description:
    'Static labels of the alert, `name: value`. Values may use `<< params >>` that no group can set. `null` unsets.',
  examples: [{ severity: 'warning' }],
};
const annotationsMeta = {
  title: 'annotations',
  description:
    'Texts for people, `name: value`. `{{ … }}` is Prometheus’ own template and passes through; `<< threshold >>` is the param. `null` unsets.',
  examples: [{ summary: '{{ $labels.instance }}: CPU at {{ $value | humanize }}%, over << threshold >>%' }],
};
const forMeta = {
  description: 'How long the condition must hold before the alert fires, as a Prometheus duration. `null` unsets.',
  examples: ['5m', '1h30m'],
};
const keepFiringForMeta = {
  description:
    'How long the alert keeps firing after its condition is over (Prometheus 2.42 and later). `null` unsets.',
  examples: ['10m'],
};

export const labels = z.record(z.string(), textOrNull).meta(labelsMeta);
export const annotations = z.record(z.string(), textOrNull).meta(annotationsMeta);
export const forField = durationOrNull.meta(forMeta);
export const keepFiringFor = durationOrNull.meta(keepFiringForMeta);
export const enabled = z.boolean().meta({ description: 'false switches the rule off, true on again further down.' });

const paramScalar = z.union([z.string(), z.number(), z.boolean()]);

export const paramValue = z.union([paramScalar, z.null(), z.array(paramScalar)]).meta({
  title: 'a value',
  description: 'The value of a param. `null` unsets it.',
  examples: [90, '10m', '10GiB', ['eth0', 'eth1']],
});

const paramFull = z
  .strictObject({
    type: z
      .enum(PARAM_TYPES)
      .meta({ description: 'What values it takes; without it the type is that of the default.' })
      .optional(),
    default: z
      .union([paramScalar, z.array(paramScalar)])
      .meta({ description: 'The value where no group says otherwise.', examples: [80, '5m'] })
      .optional(),
    unit: text
      .meta({
        description: 'For people and reports; with `bytes`, `10GiB` is a number.',
        examples: ['percent', 'bytes', 'celsius'],
      })
      .optional(),
    min: z
      .union([z.number(), z.string()])
      .meta({ description: 'The least value that is allowed.', examples: [0] })
      .optional(),
    max: z
      .union([z.number(), z.string()])
      .meta({ description: 'The greatest value that is allowed.', examples: [100] })
      .optional(),
    values: z
      .array(text)
      .meta({ description: 'The values of an `enum`.', examples: [['avg', 'max']] })
      .optional(),
    description: text.meta({ description: 'What the param is for.' }).optional(),
    fixed: z
      .boolean()
      .meta({ description: 'true: no group may set it; only then may it stand in a label.' })
      .optional(),
  })
  .meta({ title: 'a param' });

export const param = z.union([paramScalar, z.array(paramScalar), paramFull]).meta({
  description:
    'A typed, named value that the rule’s text uses as `<< name >>`. `window: 5m` is short for `window: { default: 5m }`.',
  examples: [{ type: 'number', default: 80, unit: 'percent', min: 0, max: 100 }, '5m'],
});

export const match = z.union([z.string(), z.record(z.string(), z.union([text, z.array(text)]))]).meta({
  description: 'Which targets: `label: value`, `label: [any, of]`, or a PromQL selector in quotes.',
  examples: [{ env: 'prod' }, { gpu: ['h100', 'a100'] }, '{env=~"prod|live",site!="lab"}'],
});

const settings = {
  params: z.record(z.string(), paramValue).meta({ description: 'Values of the rule’s params, by name.' }).optional(),
  for: forField.optional(),
  keep_firing_for: keepFiringFor.optional(),
  labels: labels.optional(),
  annotations: annotations.optional(),
  enabled: enabled.optional(),
};

const whereCase = z
  .object({
    id: text.meta({ description: 'Tells the case apart, as the label `rule_case`.', examples: ['bulk'] }),
    match: match.meta({
      description: 'Which series, by labels of the series rather than of the target.',
      examples: [{ queue: 'bulk' }],
    }),
    ...settings,
  })
  .catchall(paramValue)
  .meta({ title: 'a case', examples: [{ id: 'bulk', match: { queue: 'bulk' }, threshold: 50000 }] });

/** A tier of a rule: settings, params by their bare names. */
export const tier = z
  .object(settings)
  .catchall(paramValue)
  .meta({ title: 'a tier', examples: [{ threshold: 10, for: '2m' }] });

/** What a group says of one rule: a bare value is the threshold. */
export const override = z
  .union([
    paramValue,
    z
      .object({
        ...settings,
        where: z.array(whereCase).meta({ description: 'Cases by labels of the series.' }).optional(),
      })
      .catchall(paramValue)
      .meta({ title: 'settings' }),
  ])
  .meta({
    description:
      'A number alone is the threshold; or params by name, `for`, `keep_firing_for`, `labels`, `annotations`, `enabled`, `where`.',
    examples: [90, { threshold: 90, for: '10m' }],
  });
