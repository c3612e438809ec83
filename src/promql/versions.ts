import { aggregator } from './aggregators.ts';
import type { Expr, PromqlProblem, Range } from './ast.ts';
import { FEATURES, type Feature, type FeatureUse, FUNCTIONS_FLAG } from './features.ts';
import { functionSpec } from './functions.ts';
import { compareVersions, type Version, type VersionRange, versionText } from './version.ts';
import { childrenOf } from './walk.ts';

/** What an expression uses that some server of the range lacks, or has behind a feature flag that not all run with. */
export function versionProblems(expr: Expr, features: readonly FeatureUse[], range: VersionRange): PromqlProblem[] {
  const problems: PromqlProblem[] = [];
  const add = (where: Range, message: string, help: string): void => {
    problems.push({ kind: 'version', message, help, from: where.from, to: where.to });
  };
  for (const use of [...features, ...groupNames(expr)]) checkFeature(FEATURES[use.feature], use, range, add);
  const visit = (node: Expr): void => {
    if (node.kind === 'call') checkName(node.func, node, functionSpec(node.func), range, add);
    if (node.kind === 'aggregate') checkName(node.op, node, aggregator(node.op), range, add);
    for (const child of childrenOf(node)) visit(child);
  };
  visit(expr);
  return problems;
}

/** Regexes whose groups are named as only servers built by newer Go read it. */
function groupNames(expr: Expr): FeatureUse[] {
  const here =
    expr.kind === 'selector' ? expr.matchers.filter((m) => m.op.endsWith('~') && m.value.includes('(?<')) : [];
  const uses = here.map((m): FeatureUse => ({ feature: 'regex-group-name', ...m.valueRange }));
  return [...uses, ...childrenOf(expr).flatMap(groupNames)];
}

type Add = (where: Range, message: string, help: string) => void;

const newerThan = (since: Version, min: Version): boolean => compareVersions(since, min) > 0;
const raise = (since: Version): string =>
  `set \`prometheus.version\` to ">=${versionText(since)}" if no server is older`;

/** A way out for whoever runs all servers with a flag. */
const declare = (flag: string): string =>
  `where all servers run with that flag, say so: \`prometheus.features: [${flag}]\``;

function checkFeature(feature: Feature, use: FeatureUse, range: VersionRange, add: Add): void {
  const { what, since, until, stableSince, flag, instead } = feature;
  const mend = instead === undefined ? 'Leave it out' : instead.replace(/\.$/, '');
  if (until && (range.max === undefined || compareVersions(range.max, until) >= 0)) {
    add(use, `${what} is refused since Prometheus ${versionText(until)}.`, `${mend}.`);
    return;
  }
  const enabled = flag === undefined || range.features?.has(flag) === true;
  if (newerThan(since, range.min)) {
    const message = `${what} needs Prometheus ${versionText(since)}, and \`prometheus.version\` allows ${versionText(range.min)}.`;
    const needed = enabled ? since : (stableSince ?? since);
    add(use, message, `${mend}; or ${raise(needed)}.`);
  } else if (!enabled && (!stableSince || newerThan(stableSince, range.min))) {
    const before = stableSince ? ` before Prometheus ${versionText(stableSince)}` : '';
    add(
      use,
      `${what} is experimental${before}: servers refuse it without \`--enable-feature=${flag}\`.`,
      `${mend}; or, ${declare(flag)}${stableSince ? `; or ${raise(stableSince)}` : ''}.`,
    );
  }
}

interface Named {
  readonly since?: Version;
  readonly until?: Version;
  readonly instead?: string;
  readonly experimental?: true | { readonly until: Version };
}

function checkName(name: string, node: Range, spec: Named | undefined, range: VersionRange, add: Add): void {
  if (!spec) return;
  const where = { from: node.from, to: node.from + name.length };
  const { since, until } = spec;
  if (until && (range.max === undefined || compareVersions(range.max, until) >= 0)) {
    const instead = spec.instead === undefined ? '' : `; there it is \`${spec.instead}\``;
    const help = `Write the expression without \`${name}\`, or narrow \`prometheus.version\` to servers below ${versionText(until)}.`;
    add(where, `\`${name}\` is gone since Prometheus ${versionText(until)}${instead}.`, help);
    return;
  }
  const enabled = range.features?.has(FUNCTIONS_FLAG) === true;
  const stable = typeof spec.experimental === 'object' ? spec.experimental.until : undefined;
  if (!enabled && spec.experimental && !stable) {
    const message = `\`${name}\` is experimental: servers refuse it without \`--enable-feature=${FUNCTIONS_FLAG}\`.`;
    add(where, message, `Write the expression without it; or, ${declare(FUNCTIONS_FLAG)}.`);
    return;
  }
  const needed = enabled ? since : (stable ?? since);
  if (needed && newerThan(needed, range.min)) {
    const message = `\`${name}\` needs Prometheus ${versionText(needed)}, and \`prometheus.version\` allows ${versionText(range.min)}.`;
    add(where, message, `Write the expression without it, or ${raise(needed)}.`);
  }
}
