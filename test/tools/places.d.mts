/** The programs' paths, in the form that RULEWRIGHT_TOOLS carries. */
export interface Tools {
  promtool: { old?: string; new?: string; today?: string };
  prometheus: { old?: string; new?: string; today?: string };
  alertmanager?: string;
  amtool?: string;
}

export function inventory(): Tools;
export function onPath(name: string): string | undefined;
export function versionOf(path: string): string | undefined;
export const TODAY: string;
export function sourcesOf(version: string): string | undefined;
export function moduleVersion(version: string): string;
