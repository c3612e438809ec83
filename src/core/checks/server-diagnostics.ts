import type { Diagnostic } from '../ground/diagnostic.ts';
import { memo } from '../ground/memo.ts';
import type { Span } from '../ground/source.ts';
import type { Program } from '../instance/program.ts';
import type { ServerConfig } from '../model/config.ts';

/** What compiling for one server (or several that get the same rules) found. */
export interface FoundOnServer {
  readonly servers: readonly ServerConfig[];
  readonly program: Program;
  readonly diagnostics: readonly Diagnostic[];
}

/** Of one place more than so many messages that differ only by server are not all shown. */
const MOST_ALIKE = 3;

/**
 * The diagnostics of all servers as one list: what all of them found stands once, what only some did says on
 * which; what says that something is good for nothing counts only where that is so on every server.
 */
export function mergeDiagnostics(common: readonly Diagnostic[], found: readonly FoundOnServer[]): Diagnostic[] {
  const [first] = found;
  if (found.length === 1 && first) return [...common, ...first.diagnostics];
  const known = new Set(common.map(messageKey));
  const places = new Map<string, Map<string, { first: Diagnostic; on: FoundOnServer[] }>>();
  for (const one of found) {
    for (const d of one.diagnostics) {
      if (known.has(messageKey(d))) continue;
      const place = memo(places, placeKey(d), () => new Map());
      const entry = memo(place, d.message, () => ({ first: d, on: [] as FoundOnServer[] }));
      if (!entry.on.includes(one)) entry.on.push(one);
    }
  }
  const merged = [...places.values()].flatMap((place) => {
    const all = [...place.values()];
    const saying = new Set(all.flatMap((entry) => entry.on));
    const [any] = all;
    if (any && USELESS.has(any.first.code)) {
      return found.every((one) => saying.has(one) || !couldSay(any.first, one.program)) ? [any.first] : [];
    }
    return all.slice(0, MOST_ALIKE).map((entry, i) => {
      if (entry.on.length === found.length) return entry.first;
      const more = i === MOST_ALIKE - 1 ? all.slice(MOST_ALIKE).flatMap((e) => e.on) : [];
      return { ...entry.first, notes: [...entry.first.notes, { message: onServers(entry.on, more) }] };
    });
  });
  return [...common, ...merged];
}

function onServers(on: readonly FoundOnServer[], more: readonly FoundOnServer[]): string {
  const names = (list: readonly FoundOnServer[]): string => {
    const all = list.flatMap((one) => one.servers.map((s) => s.name));
    return all.length > 8 ? `${all.slice(0, 8).join(', ')} and ${all.length - 8} more` : all.join(', ');
  };
  const rest = more.length > 0 ? `; in other words also on ${names(more)}` : '';
  return `only on ${on.flatMap((one) => one.servers).length === 1 ? 'server' : 'the servers'} ${names(on)}${rest}`;
}

/** Diagnostics that say that something has no effect: one server on which it has is enough to refute them. */
const USELESS: ReadonlySet<string> = new Set(['no-effect', 'group-without-target', 'rule-without-target']);

/** Whether a server has the thing at all of which another says that it is good for nothing. */
function couldSay({ code, span }: Diagnostic, { tree, rules, declared }: Program): boolean {
  if (code === 'group-without-target') return tree.groups.some((g) => g.written && isSame(g.written.matchSpan, span));
  return rules.some(({ rule, instances, leftOut }) => {
    if (code === 'rule-without-target') return isSame(rule.span, span) && instances.length + leftOut.length > 0;
    if ([...rule.params.values()].some((param) => isSame(param.span, span))) return true;
    return declared
      .of(rule)
      .some((d) => d.group.written?.file === span.file && [...d.settings.values()].some((s) => isSame(s.span, span)));
  });
}

const isSame = (a: Span, b: Span): boolean => a.file === b.file && a.start === b.start && a.end === b.end;

const placeKey = ({ code, span }: Diagnostic): string => `${code} ${span.file.path} ${span.start} ${span.end}`;
const messageKey = (d: Diagnostic): string => `${placeKey(d)} ${d.message}`;
