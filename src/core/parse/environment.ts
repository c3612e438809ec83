import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { Located } from '../ground/source.ts';
import { shorten } from './nodes.ts';

/** The settings that both the file and the environment can give, as texts. */
export interface Settings {
  readonly url?: Located<string> | undefined;
  readonly rulePath?: Located<string> | undefined;
  readonly reloadEnabled?: Located<boolean> | undefined;
  readonly reloadTimeout?: Located<string> | undefined;
  readonly validateRules?: Located<string> | undefined;
  readonly backupEnabled?: Located<boolean> | undefined;
  readonly promtoolPath?: Located<string> | undefined;
}

/**
 * The settings that environment variables give. A variable that is empty says nothing. Each
 * value is placed in a source of its own, named after the variable, so that a complaint about
 * it points at it.
 */
export function environmentSettings(env: Readonly<Record<string, string | undefined>>, out: Diagnostic[]): Settings {
  const text = (name: string): Located<string> | undefined => {
    const value = env[name];
    if (value === undefined || value.trim() === '') return undefined;
    // A URL may hold a password, and a complaint shows the text that it points at.
    const shown = value.replace(/\/\/[^/]*@/, '//…@');
    return { value: value.trim(), span: { file: { path: `$${name}`, text: shown }, start: 0, end: shown.length } };
  };
  const boolean = (name: string): Located<boolean> | undefined => {
    const said = text(name);
    if (!said) return undefined;
    const value = readSwitch(said.value);
    if (value !== undefined) return { value, span: said.span };
    const message = `${name} must be true or false, but it is \`${shorten(said.value)}\`.`;
    out.push(diagnostic('invalid-value', said.span, message, { help: 'Set it to `true` or `false`, or unset it.' }));
    return undefined;
  };
  const found: Settings = {
    url: text('PROMETHEUS_URL'),
    rulePath: text('PROMETHEUS_RULE_PATH'),
    reloadEnabled: boolean('PROMETHEUS_RELOAD_ENABLED'),
    reloadTimeout: text('PROMETHEUS_RELOAD_TIMEOUT'),
    validateRules: validate(text('PROMETHEUS_VALIDATE_RULES'), out),
    backupEnabled: boolean('PROMETHEUS_BACKUP_ENABLED'),
    promtoolPath: text('PROMTOOL_PATH'),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

function validate(said: Located<string> | undefined, out: Diagnostic[]): Located<string> | undefined {
  if (!said || said.value.toLowerCase() === 'auto') return said && { ...said, value: 'auto' };
  const value = readSwitch(said.value);
  if (value !== undefined) return { ...said, value: String(value) };
  const message = `PROMETHEUS_VALIDATE_RULES must be auto, true or false, but it is \`${shorten(said.value)}\`.`;
  out.push(diagnostic('invalid-value', said.span, message, { help: 'Set it to one of these, or unset it.' }));
  return undefined;
}

/** The environment knows no types, so what shells and containers use for true and false is taken. */
function readSwitch(text: string): boolean | undefined {
  if (/^(true|1|yes|on)$/i.test(text)) return true;
  if (/^(false|0|no|off)$/i.test(text)) return false;
  return undefined;
}
