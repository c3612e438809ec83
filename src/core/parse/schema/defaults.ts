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
