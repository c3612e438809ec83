import { differences } from '../../core/adopt/compare.ts';
import { readPlain } from '../../core/adopt/cut.ts';
import { liveRules } from '../../core/adopt/live.ts';
import { untold } from '../../core/adopt/live-losses.ts';
import { slug } from '../../core/adopt/names.ts';
import type { Adoptable } from '../../core/adopt/read.ts';
import { readAdoptable } from '../../core/adopt/read.ts';
import { compile } from '../../core/compile.ts';
import { serverVersion } from '../../core/gates/version-gates.ts';
import { type Diagnostic, diagnostic, hasErrors, sortDiagnostics } from '../../core/ground/diagnostic.ts';
import type { SourceFile } from '../../core/ground/source.ts';
import { allHave, versionRange } from '../../core/ground/versions.ts';
import type { Config } from '../../core/model/config.ts';
import { allLabels } from '../../core/model/plain.ts';
import { helmInside } from '../../core/parse/helm.ts';
import { environmentProblem, type Problem } from '../../io/problem.ts';
import { serverConfig } from '../../io/server/config.ts';
import { isServerProblem, type Server } from '../../io/server/http.ts';
import { toldFeatures, toldVersion } from '../../io/server/state.ts';
import type { RuleInput } from '../../io/sources/adopt.ts';
import { plainText } from '../../outputs/plain-text.ts';
import { lossesOf } from '../../promql/losses.ts';
import type { ProofContext } from './proof.ts';

export interface ReadRules {
  readonly items: readonly Adoptable[];
  /** Errors of what is refused, notes of what is left behind. */
  readonly diagnostics: readonly Diagnostic[];
  /** Files that hold rules and are not taken over, for their errors. */
  readonly refused: readonly string[];
  /** Files of a directory that hold no rules. */
  readonly passedOver: number;
  /** Whether they come from a server that may have left out a part of them. */
  readonly untold?: boolean;
}

/** What can be taken over of some files: those whose rules Prometheus would load. */
export function readRules(inputs: readonly RuleInput[], settings: Config, context: ProofContext): ReadRules {
  const utf8Names = allHave(versionRange(settings.prometheus.version.value), [3, 0]);
  const items: Adoptable[] = [];
  const diagnostics: Diagnostic[] = [];
  const refused: string[] = [];
  let passedOver = 0;
  for (const { file, name, explicit, source } of inputs) {
    const path = name.split('/').map(slug).join('/');
    const read = readAdoptable(file, path, { utf8Names });
    const isOurs = source !== undefined && read.ours;
    if ((!read.rules || isOurs) && !explicit) {
      passedOver++;
      continue;
    }
    if (isOurs) {
      diagnostics.push(ours(file));
      continue;
    }
    const found = hasErrors(read.diagnostics) ? [] : read.found;
    const judged = found.map((item) => ({ item, errors: errorsOf(item, context) }));
    const said = [...read.diagnostics, ...judged.flatMap((j) => j.errors)];
    const helm = hasErrors(said) ? helmInside(file) : undefined;
    diagnostics.push(...(helm ? [helm] : said));
    if (hasErrors(read.diagnostics) || judged.some((j) => j.errors.length > 0)) refused.push(file.path);
    else if (found.length === 0 && explicit) {
      diagnostics.push(noRules(file));
      refused.push(file.path);
    }
    const good = judged.filter((j) => j.errors.length === 0).map((j) => withOwnText(j.item));
    diagnostics.push(...good.flatMap((item) => namesakes(item, file)));
    items.push(...good.map((item) => (source === undefined ? item : { ...item, source })));
  }
  return { items, diagnostics: sortDiagnostics(diagnostics), refused, passedOver };
}

/** What a live server has loaded. */
export async function readServer(server: Server, context: ProofContext): Promise<ReadRules | Problem> {
  const flags = await toldFeatures(server);
  const losses = lossesOf(serverVersion(await toldVersion(server)));
  const data = await server.ask('/api/v1/rules', []);
  if (isServerProblem(data)) return data;
  const config = await serverConfig(server);
  const items = liveRules(data, server.name, isServerProblem(config) ? undefined : config.evaluationInterval);
  if (items) {
    const judged = items.map((item) => ({ item, errors: errorsOf(item, context) }));
    const [good, bad] = [judged.filter((j) => j.errors.length === 0), judged.filter((j) => j.errors.length > 0)];
    const warnings = good.flatMap(({ item }) => untold(item, losses));
    return {
      items: good.map((j) => j.item),
      diagnostics: sortDiagnostics([
        ...bad.flatMap((j) => j.errors.map((d) => withFlags(d, flags, server))),
        ...warnings,
      ]),
      refused: bad.map((j) => j.item.from),
      passedOver: 0,
      untold: warnings.length > 0,
    };
  }
  const help = 'Check that the URL is that of a Prometheus.';
  return environmentProblem(`${server.name} answered /api/v1/rules in a form that Prometheus doesn't use.`, help);
}

/** Of a refusal for want of a feature flag: whether the server that the rule is from runs with it. */
function withFlags(found: Diagnostic, flags: readonly string[] | undefined, { name }: Server): Diagnostic {
  const wanted = found.code === 'version-gate' ? /--enable-feature=([\w-]+)/.exec(found.message)?.[1] : undefined;
  if (wanted === undefined || !flags?.includes(wanted)) return found;
  const message = `${name} runs with this flag: where the others do as well, \`prometheus.features: [${wanted}]\` in rulewright.yaml takes the rule over`;
  return { ...found, notes: [...found.notes, { message }] };
}

/** What the compiler has against a rule file, at its places in the original. */
function errorsOf(item: Adoptable, { config, env, today }: ProofContext): Diagnostic[] {
  const file = item.inPlace ?? { path: item.from, text: plainText(item.groups) };
  const nothing = { groups: [], templates: [], macros: [], inventory: [], problems: [] };
  const { diagnostics } = compile({ ...nothing, rules: [file], ...(config && { config }) }, { today, env });
  return diagnostics.filter((d) => d.severity === 'error');
}

/** The author's own lines are kept where they alone say what the manifest said. */
function withOwnText(item: Adoptable): Adoptable {
  const alone = item.text === undefined ? undefined : readPlain(item.text);
  if (alone && differences(item.groups, alone, 'exact', true).length === 0) return item;
  const { text: _, ...rest } = item;
  return rest;
}

function ours(file: SourceFile): Diagnostic {
  const message = `${file.path} is a source in rulewright's own format already, so that there is nothing to take over.`;
  return { ...diagnostic('not-our-format', { file, start: 0, end: 0 }, message), severity: 'note' };
}

/** What every build will warn of, once a file: rules that promtool calls duplicates, and Prometheus loads all the same. */
function namesakes({ groups, from }: Adoptable, file: SourceFile): Diagnostic[] {
  const count = new Map<string, { name: string; rules: number }>();
  for (const group of groups) {
    for (const rule of group.rules) {
      const key = JSON.stringify([rule.kind, rule.name, [...allLabels(group, rule)].sort()]);
      count.set(key, { name: rule.name, rules: (count.get(key)?.rules ?? 0) + 1 });
    }
  }
  const several = [...count.values()].filter(({ rules }) => rules > 1);
  if (several.length === 0) return [];
  const names = several.slice(0, MOST_NAMES).map(({ name, rules }) => `${name} (${rules})`);
  const list = names.join(', ') + (several.length > MOST_NAMES ? ', …' : '');
  const sum = several.reduce((all, { rules }) => all + rules, 0);
  const message = `${sum} rules of ${from} share name and static labels with another: ${list}. Prometheus loads them as ever; promtool calls them duplicates, and a build that asks it will say so.`;
  return [{ ...diagnostic('same-identity', { file, start: 0, end: 0 }, message), severity: 'note' }];
}

const MOST_NAMES = 5;

function noRules(file: SourceFile): Diagnostic {
  return {
    code: 'not-our-format',
    severity: 'error',
    message: `${file.path} holds no Prometheus rules.`,
    span: { file, start: 0, end: 0 },
    help: 'Name rule files (`groups:` at the top) or PrometheusRule manifests.',
    notes: [],
  };
}
