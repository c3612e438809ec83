import * as z from 'zod';
import * as part from './schema-parts.ts';

const disabled = z.union([
  part.text,
  z
    .strictObject({
      rule: part.text.meta({ description: 'The id of the rule.', examples: ['NTPOffset'] }),
      reason: part.text.meta({ description: 'Why it is switched off.', examples: ['GPS clocks on site'] }).optional(),
      until: part.text
        .meta({ description: 'From this day on (YYYY-MM-DD) a warning asks about it.', examples: ['2027-03-01'] })
        .optional(),
    })
    .meta({ title: 'a disabled rule' }),
]);

/**
 * A document of `groups/`.
 * @param entry the schema of what a group says of one rule. The compiler passes one that takes
 * everything, for it reads these entries itself: a group may have thousands.
 * @param match the schema of `match`, which the compiler reads itself as well.
 */
export function groupSchema(entry: z.ZodType, match: z.ZodType) {
  return z
    .strictObject({
      id: part.text
        .meta({
          description:
            'Names the group and its file in dist/; default: the file’s name. Small letters, digits, `.` and `-`.',
          examples: ['production'],
        })
        .optional(),
      name: part.text.meta({ description: 'A name for people.', examples: ['Production'] }).optional(),
      description: part.text.meta({ description: 'What these targets are.' }).optional(),
      owner: part.text.meta({ description: 'Who answers for them.', examples: ['sre'] }).optional(),
      parent: part.text
        .meta({
          description: 'The group that this one narrows; default: `default`, which matches everything.',
          examples: ['production'],
        })
        .optional(),
      match: match.optional(),
      priority: z
        .int()
        .meta({
          description: 'Decides between overlapping, unrelated groups: the higher wins. Default: the parent’s.',
          examples: [10],
        })
        .optional(),
      thresholds: z
        .record(z.string(), entry)
        .meta({
          description: 'The threshold of a rule, by its id.',
          examples: [{ HighCPUUsage: 90, 'DiskFilling.critical': 5 }],
        })
        .optional(),
      overrides: z
        .record(z.string(), entry)
        .meta({
          description: 'Other settings of a rule, by its id; "*" speaks for every rule.',
          examples: [{ HighCPUUsage: { params: { window: '10m' }, for: '10m', labels: { tier: 'a' } } }],
        })
        .optional(),
      disabled: z
        .array(disabled)
        .meta({
          description: 'Rules that are off for these targets.',
          examples: [['NodeClockSkew', { rule: 'NTPOffset', reason: 'GPS clocks on site', until: '2027-03-01' }]],
        })
        .optional(),
      labels: part.labels
        .meta({
          description: 'Given to the alerts of the group’s targets where the rule sets no such label.',
          examples: [{ team: 'sre' }],
        })
        .optional(),
    })
    .meta({ title: 'a group', description: 'A file of groups/: who, and with which thresholds.' });
}

/** For the compiler: `match` and the entries of `thresholds` and `overrides` are left to their readers. */
export const groupOuterSchema = groupSchema(z.unknown(), z.unknown());

/** For editors: the whole of it. */
export const groupFullSchema = groupSchema(part.override, part.match);
