import type { Version } from '../../promql/version.ts';
import { compareVersions, versionText } from '../../promql/version.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import type { Span } from '../ground/source.ts';
import type { Program } from '../instance/program.ts';

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
