import { metricNames } from '../../promql/selectors.ts';
import type { Version } from '../../promql/version.ts';
import { compareVersions, versionText } from '../../promql/version.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { MAX_FILE_NAME } from '../ground/limits.ts';
import { memo } from '../ground/memo.ts';
import type { Span } from '../ground/source.ts';
import type { Instance } from '../instance/instantiate.ts';
import type { Program } from '../instance/program.ts';
import { ownersOf } from '../instance/program.ts';
import { ROOT_ID } from '../lookup/groups.ts';

/** Derived groups whose file would have a longer name than file systems take. */
export function checkFileNames({ rules }: Program): Diagnostic[] {
  const seen = new Set<string>();
  return rules.flatMap((resolved) => {
    const { rule } = resolved;
    if (resolved.cascade.partition.longestOwner <= MAX_FILE_NAME) return [];
    return resolved.instances.flatMap(({ cell }) => {
      if (cell.owner.length <= MAX_FILE_NAME || seen.has(cell.owner)) return [];
      seen.add(cell.owner);
      return [
        diagnostic(
          'derived-id-too-long',
          cell.declarations.at(-1)?.span ?? rule.span,
          `The groups ${cell.owner.split('--').join(', ')} overlap, and the id that joins theirs has ${cell.owner.length} bytes; ${MAX_FILE_NAME} are the limit.`,
          {
            help: 'give them shorter ids, or let one be the parent of another',
          },
        ),
      ];
    });
  });
}

/** A recording rule and a reader of it in different files: Prometheus evaluates them in no order. */
export function checkOrder({ rules }: Program): Diagnostic[] {
  const recorded = new Set(rules.flatMap(({ rule }) => (rule.kind === 'record' ? [rule.name.value] : [])));
  const namesIn = ({ shape }: Instance): string[] =>
    [...new Set(shape.selectors.flatMap((s) => metricNames(s) ?? []))].filter((name) => recorded.has(name));
  const readers = new Map<string, { id: string; owner: string; span: Span }[]>();
  for (const resolved of rules) {
    const { rule, samples } = resolved;
    if (!samples.some((sample) => namesIn(sample).length > 0)) continue;
    for (const instance of resolved.instances) {
      const { owner } = instance.cell;
      if (owner === ROOT_ID) continue;
      for (const name of namesIn(instance)) {
        memo(readers, name, () => []).push({ id: rule.id, owner, span: rule.span });
      }
    }
  }
  return rules.flatMap((resolved) => {
    const { rule } = resolved;
    if (rule.kind !== 'record') return [];
    const own = new Set(ownersOf(resolved));
    if (!own.has(ROOT_ID)) return [];
    // A group that records it as well has both in its own file, in their order.
    const found = (readers.get(rule.name.value) ?? []).filter((r) => !own.has(r.owner));
    const [first] = found;
    if (!first) return [];
    const owners = [...new Set(found.map((r) => r.owner))].sort().join(', ');
    return [
      diagnostic(
        'order-lost',
        rule.span,
        `"${rule.name.value}" is recorded in the root's file and read by "${first.id}" in those of ${owners}: there it may be read one interval late.`,
        {
          notes: [{ message: 'it is read here', span: first.span }],
        },
      ),
    ];
  });
}

/** Fields of rule groups that a server in range lacks. */
export function checkVersions({ rules, versions, config }: Program): Diagnostic[] {
  const seen = new Set<string>();
  const gate = (since: Version, what: string, span: Span, key: string): Diagnostic[] => {
    if (compareVersions(versions.min, since) >= 0 || seen.has(key)) return [];
    seen.add(key);
    return [
      diagnostic(
        'version-gate',
        span,
        `${what} needs Prometheus ${versionText(since)}; \`prometheus.version\` allows ${versionText(versions.min)}, which would refuse the whole reload.`,
        {
          help: `remove it, or raise \`prometheus.version\` to ">=${versionText(since)}"`,
          notes: config.prometheus.version.span.file.text
            ? [{ message: 'the servers that must load this', span: config.prometheus.version.span }]
            : [],
        },
      ),
    ];
  };
  return rules.flatMap(({ rule, cascade }) => {
    const found: Diagnostic[] = [];
    if (rule.group.queryOffset !== undefined)
      found.push(
        ...gate(
          [2, 53],
          '`query_offset`',
          rule.group.fieldSpans.queryOffset ?? rule.group.span,
          `offset ${rule.group.name}`,
        ),
      );
    if (rule.group.limit !== undefined)
      found.push(
        ...gate([2, 31], '`limit`', rule.group.fieldSpans.limit ?? rule.group.span, `limit ${rule.group.name}`),
      );
    for (const { settings } of cascade.kinds) {
      for (const [field, setting] of settings) {
        const key = `${setting.span.file.path} ${setting.span.start}`;
        if (field === 'keep_firing_for' && setting.value !== null)
          found.push(...gate([2, 42], '`keep_firing_for`', setting.span, key));
      }
    }
    return found;
  });
}
