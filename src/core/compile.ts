import type { VersionRange } from '../promql/version.ts';
import { conflictDiagnostics } from './cascade/conflict.ts';
import { checkExternalLabels } from './checks/external-labels.ts';
import type { FoundOnServer } from './checks/server-diagnostics.ts';
import { mergeDiagnostics } from './checks/server-diagnostics.ts';
import { applySuppressions } from './checks/suppress.ts';
import { CHECKS } from './checks/table.ts';
import { checkUntil } from './checks/until.ts';
import { expandRules } from './expand/expand.ts';
import type { StaticFile } from './expand/native.ts';
import { expandNative } from './expand/native.ts';
import type { Diagnostic } from './ground/diagnostic.ts';
import { hasErrors, sortDiagnostics } from './ground/diagnostic.ts';
import type { Sources } from './ground/sources.ts';
import { serversOf } from './ground/versions.ts';
import type { Program } from './instance/program.ts';
import type { Texts } from './instance/texts.ts';
import { textsOf } from './instance/texts.ts';
import { declarations } from './lookup/declare.ts';
import type { GroupTree } from './lookup/groups.ts';
import { groupTree } from './lookup/groups.ts';
import { checkServers } from './lookup/on-no-server.ts';
import type { Missing } from './lookup/rule-names.ts';
import { alikeServers, inventoryOnServer, treeOnServer } from './lookup/servers.ts';
import type { Config, ServerConfig } from './model/config.ts';
import type { Inventory } from './model/inventory.ts';
import type { Rule } from './model/rule.ts';
import type { RuleSet } from './model/ruleset.ts';
import type { WrittenSources } from './model/written.ts';
import { parseSources } from './parse/sources.ts';
import { plan } from './plan/plan.ts';
import { resolve } from './resolve/resolve.ts';
import { macroLibrary } from './template/template.ts';

export interface CompileOptions {
  /** YYYY-MM-DD: only for warnings of `until`; the bytes never depend on it. */
  readonly today: string;
  /** Environment variables that win over rulewright.yaml. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Told of each stage as it begins; whoever has a clock can say where the time went. */
  readonly mark?: (stage: 'parse' | 'look up' | 'resolve' | 'check' | 'plan') => void;
}

export interface Compiled {
  /** Sorted, suppressions applied. */
  readonly diagnostics: readonly Diagnostic[];
  readonly config: Config;
  /** The server that it is for. */
  readonly server: ServerConfig;
  /** What to write; undefined where a diagnostic is an error. */
  readonly ruleSet?: RuleSet;
  readonly program: Program;
  readonly targetsCount: number;
}

/** The compiler on one screen: text in, values out. All diagnostics are collected; nothing throws for bad input. */
export function compile(sources: Sources, options: CompileOptions): Compiled {
  const front = readFront(sources, options);
  const [first] = front.written.config.servers;
  // Where several servers are listed, this is what the sources mean before any server decides its own labels.
  const server: ServerConfig = { ...(first as ServerConfig), name: '', labels: new Map(), groups: undefined };
  const found = { servers: [server], ...compileFor(front, front.tree, front.written.inventory) };
  return finish(front, [], [found], options)[0] as Compiled;
}

/**
 * Compiles for every server of `prometheus.servers`, in their order; servers that get the same rules are compiled
 * once. All have the same diagnostics, those of all servers together, and no `ruleSet` where one is an error.
 */
export function compileAll(sources: Sources, options: CompileOptions): readonly [Compiled, ...Compiled[]] {
  const front = readFront(sources, options);
  const { config, inventory } = front.written;
  const found = alikeServers(config.servers, front.tree, inventory).map((servers): FoundOnServer => {
    const [server] = servers;
    if (server.name === '') return { servers, ...compileFor(front, front.tree, inventory) };
    const tree = treeOnServer(front.tree, server);
    const { program, diagnostics } = compileFor(front, tree, inventoryOnServer(inventory, front.tree, server));
    const useless = servers.flatMap((one) => checkExternalLabels(program, one.labels));
    return { servers, program, diagnostics: [...diagnostics, ...useless] };
  });
  const listed = config.servers.some((server) => server.name !== '');
  return finish(front, listed ? aboutServers(front) : [], found, options) as [Compiled, ...Compiled[]];
}

/** What is common to all servers: everything up to the tree of groups. */
interface Front {
  readonly written: WrittenSources;
  /** The servers that the rules are for, by their versions. */
  readonly versions: VersionRange;
  /** Our own rules and those of native files. */
  readonly rules: readonly Rule[];
  /** Native files as the plan writes them where no group speaks of their rules. */
  readonly statics: readonly StaticFile[];
  /** Why a rule may be missing that somebody names. */
  readonly missing: Missing;
  /** Of all groups, before any server leaves some out. */
  readonly tree: GroupTree;
  readonly texts: Texts;
  readonly diagnostics: readonly Diagnostic[];
  readonly mark: NonNullable<CompileOptions['mark']>;
}

function readFront(sources: Sources, options: CompileOptions): Front {
  const { mark = () => undefined } = options;
  mark('parse');
  const written = parseSources(sources, options.env);
  const { config } = written;
  mark('look up');
  const versions = serversOf(config.prometheus);
  const expanded = expandRules(written);
  const native = expandNative(written.native, expanded.rules);
  const { library, diagnostics: inMacros } = macroLibrary(written.macros);
  const { tree, diagnostics: inTree } = groupTree(written, config.prometheus.version.span.file);
  return {
    written,
    versions,
    rules: [...expanded.rules, ...native.rules],
    statics: native.files,
    missing: { broken: expanded.broken, unread: written.unread },
    tree,
    texts: textsOf(library, versions),
    diagnostics: [...written.diagnostics, ...expanded.diagnostics, ...native.diagnostics, ...inMacros, ...inTree],
    mark,
  };
}

/** Who says what of which rule, the regions and instances, and all that is checked of them. */
function compileFor(
  front: Front,
  tree: GroupTree,
  inventory: Inventory,
): { program: Program; diagnostics: Diagnostic[] } {
  const { written, versions, rules, texts, mark } = front;
  mark('resolve');
  const declared = declarations(rules, tree, front.missing);
  const { config } = written;
  const { program, diagnostics: inRules } = resolve(rules, { config, versions, tree, declared, inventory, texts });
  const conflicts = conflictDiagnostics(
    program.rules.flatMap((r) => r.conflicts),
    inventory.targets,
  );
  mark('check');
  const checked = CHECKS.flatMap((check) => check(program));
  return { program, diagnostics: [...declared.diagnostics, ...inRules, ...conflicts, ...checked] };
}

/** What is said of the list of servers, and of groups that no server has: what they say is looked up all the same. */
function aboutServers({ written, rules, tree, missing }: Front): Diagnostic[] {
  return [
    ...checkServers(written.config.servers, tree, written.inventory),
    ...declarations(rules, tree, missing).diagnostics,
  ];
}

function finish(
  front: Front,
  more: readonly Diagnostic[],
  found: readonly FoundOnServer[],
  { today }: CompileOptions,
): readonly Compiled[] {
  const { written, statics, tree, texts, mark } = front;
  mark('plan');
  const common = [...front.diagnostics, ...more, ...texts.diagnostics, ...checkUntil(tree, today)];
  const all = mergeDiagnostics(common, found);
  const diagnostics = sortDiagnostics(applySuppressions(all, written.files, today));
  const compiled = found.flatMap(({ servers, program }) => {
    const ruleSet = hasErrors(diagnostics) ? undefined : plan(program, statics);
    const targetsCount = program.inventory.targets.length;
    const result = { diagnostics, config: written.config, program, targetsCount, ...(ruleSet && { ruleSet }) };
    return servers.map((server): Compiled => ({ ...result, server }));
  });
  const order = written.config.servers;
  return compiled.sort((a, b) => order.indexOf(a.server) - order.indexOf(b.server));
}
