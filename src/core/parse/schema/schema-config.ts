import * as z from 'zod';
import { backendKeys } from './backends.ts';
import { DEFAULTS } from './defaults.ts';
import { text } from './schema-parts.ts';

/** How to prove who we are, with the keys of Prometheus' own settings of HTTP clients. */
const auth = {
  basic_auth: z
    .strictObject({
      username: text.meta({ description: 'Environment: PROMETHEUS_USERNAME.' }).optional(),
      password_file: text
        .meta({
          description: 'The file that holds the password. Environment: PROMETHEUS_PASSWORD_FILE, PROMETHEUS_PASSWORD.',
        })
        .optional(),
    })
    .meta({ title: 'basic_auth', description: 'A user and a password.' })
    .optional(),
  authorization: z
    .strictObject({
      credentials_file: text
        .meta({
          description:
            'The file that holds the bearer token. Environment: PROMETHEUS_BEARER_TOKEN_FILE, PROMETHEUS_BEARER_TOKEN.',
        })
        .optional(),
    })
    .meta({ title: 'authorization', description: 'A bearer token.' })
    .optional(),
  tls_config: z
    .strictObject({
      ca_file: text
        .meta({ description: 'The authority that the server’s certificate is from. Environment: PROMETHEUS_CA_FILE.' })
        .optional(),
      cert_file: text.meta({ description: 'Our own certificate. Environment: PROMETHEUS_CERT_FILE.' }).optional(),
      key_file: text.meta({ description: 'Its key. Environment: PROMETHEUS_KEY_FILE.' }).optional(),
      server_name: text
        .meta({ description: 'The name that the server’s certificate must have, where it isn’t the URL’s.' })
        .optional(),
    })
    .meta({ title: 'tls_config', description: 'Certificates, for URLs that begin with https://.' })
    .optional(),
};

const server = z
  .strictObject({
    name: text.meta({
      description: 'Its folder below dist/: small letters, digits, `.` and `-`.',
      examples: ['seoul'],
    }),
    url: text.meta({ description: 'Where it listens.' }).optional(),
    ...backendKeys('server'),
    labels: z
      .record(z.string(), text)
      .meta({
        description:
          'Its external labels. Its own series don’t carry them, so matchers on them are decided when it is compiled.',
        examples: [{ site: 'seoul' }],
      })
      .optional(),
    groups: z
      .array(text)
      .meta({ description: 'Ids of groups: it gets these subtrees and the root, not the others.' })
      .optional(),
    layout: z.enum(['files', 'bundle']).meta({ description: 'How the rules lie there.' }).optional(),
    ...auth,
  })
  .meta({ title: 'a server', description: 'What it lacks is as `prometheus` itself says.' });

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
    features: z
      .array(text)
      .meta({
        description:
          'The feature flags that all servers run with (`--enable-feature`): what is behind one is refused else.',
        examples: [['promql-experimental-functions']],
      })
      .optional(),
    ...backendKeys('section'),
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
    servers: z
      .array(server)
      .meta({ description: 'Several servers, each with a release of its own in dist/<name>/.' })
      .optional(),
    ...auth,
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
    owners: z
      .record(z.string(), z.union([text, z.array(text)]))
      .meta({
        description:
          'What GitHub calls the owners that rules and groups name: `@user`, `@organisation/team` or an e-mail address. For `rulewright owners`.',
        examples: [{ sre: '@example/sre', infra: ['@example/infra', 'kim@example.com'] }],
      })
      .optional(),
    max_cells: z
      .int()
      .min(1)
      .meta({ description: 'How many cells of overlapping groups one rule may have.', default: DEFAULTS.maxCells })
      .optional(),
  })
  .meta({ title: 'rulewright.yaml', description: 'rulewright.yaml: the settings of the repository.' });
