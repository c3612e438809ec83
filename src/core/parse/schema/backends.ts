import * as z from 'zod';
import type { Kind } from '../../model/config.ts';
import { DEFAULTS } from './defaults.ts';
import { duration, text } from './schema-parts.ts';

/** The keys that only one kind of backend has: at `prometheus` itself, and at an entry of `prometheus.servers`. */
export interface BackendSettings {
  readonly section: Readonly<Record<string, z.ZodType>>;
  readonly server: Readonly<Record<string, z.ZodType>>;
}

/** Servers that load files from a folder, and are told when there are new ones. */
const prometheus: BackendSettings = {
  section: {
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
  },
  server: {
    rule_path: text.meta({ description: 'The folder that it loads rules from.' }).optional(),
  },
};

/** By kind. The row of an output (`outputs/table.ts`) has its settings from here, where `rulewright.yaml` is read. */
export const BACKENDS: Readonly<Record<Kind, BackendSettings>> = { prometheus };

/** The keys of all kinds. */
export function backendKeys(where: keyof BackendSettings): Readonly<Record<string, z.ZodType>> {
  return Object.assign({}, ...Object.values(BACKENDS).map((settings) => settings[where]));
}
