import { type Compiled, compileAll } from '../../core/compile.ts';
import { hasErrors } from '../../core/ground/diagnostic.ts';
import { suggest, suggestWhole } from '../../core/ground/suggest.ts';
import type { Program, ResolvedRule } from '../../core/instance/program.ts';
import { parseLabels } from '../../core/inventory/find-targets.ts';
import { addressesOf } from '../../core/model/address.ts';
import type { Rule } from '../../core/model/rule.ts';
import type { Loaded } from '../../io/sources/load.ts';
import { diagnosticsJson } from '../../report/json.ts';
import { type Call, EXIT, type ExitCode, type Failure, type Io, isProblem, textOption, writeJson } from '../context.ts';
import { fail } from '../fail.ts';
import { compileOptions, refusedExit } from '../repository.ts';
import { say, sayDiagnostics } from '../say.ts';
import { chosenServers } from '../servers/chosen.ts';
import { asked, remarksOf, type Wanted } from './servers.ts';
import { writeAnswers } from './write.ts';

/** The rules in effect, found by compiling the sources. */
export async function effectiveCompiled(sources: Loaded, call: Call, io: Io): Promise<ExitCode> {
  const { globals } = call;
  const all = compileAll(sources, compileOptions(io));
  const [{ config, diagnostics }] = all;
  const servers = chosenServers(call, config);
  if (isProblem(servers)) return fail(servers, call, io);
  if (hasErrors(diagnostics) || (globals.strict && diagnostics.some((d) => d.severity === 'warning'))) {
    // What is in effect is not known where the sources contradict themselves.
    sayDiagnostics(globals.strict ? diagnostics : diagnostics.filter((d) => d.severity === 'error'), globals, io);
    say('Nothing can be said of rules in effect until the sources compile.', globals, io);
    if (globals.format === 'json') writeJson(io, { ...EMPTY, errors: diagnosticsJson(diagnostics, 'error') });
    return refusedExit(diagnostics);
  }
  const wholes = all.filter(({ server }) => servers.includes(server));
  const compiled: Compiled[] = [];
  for (const one of wholes) {
    const rules = chosenRules(one.program, call);
    if (isFailure(rules)) return notFound(rules, call, io);
    compiled.push({ ...one, program: { ...one.program, rules } });
  }
  const what = wanted(call);
  if (isFailure(what)) return fail(what, call, io);
  const answer = asked(compiled, what);
  if (isFailure(answer)) {
    if (answer.code === 'not-found') return notFound(answer, call, io);
    return fail(answer, call, io);
  }
  if (what.kind === 'labels') {
    // A slip in a label describes another machine, and the answer would not show it.
    for (const remark of remarksOf(wholes, what.labels)) say(remark, globals, io);
  }
  writeAnswers(answer, call, io);
  return EXIT.ok;
}

const EMPTY = { target_id: null, hostname: null, labels: {}, rules: [], total: 0 };

const isFailure = (value: object): value is Failure => 'code' in value && 'message' in value;

/** The sources are fine, and the machine too: what was asked for isn't there. */
function notFound(failure: Failure, call: Call, io: Io): ExitCode {
  fail(failure, call, io);
  return EXIT.failed;
}

/** The rules that --rule or --why name: by id, by the name of the alert, or by the id that tiers share. */
function chosenRules(program: Program, call: Call): readonly ResolvedRule[] | Failure {
  const why = textOption(call, 'why');
  const given = why === undefined ? ((call.options['rule'] ?? []) as readonly string[]) : [why];
  if (given.length === 0) return program.rules;
  const names = ({ rule }: ResolvedRule): string[] => [rule.id, rule.name.value, ...(rule.tier ? [rule.tier.of] : [])];
  const addresses = addressesOf(program.rules.flatMap(({ rule }) => (rule.group.native ? [rule] : [])));
  const addressed = new Set<Rule>();
  for (const name of given) {
    if (program.rules.some((r) => names(r).includes(name))) continue;
    const { rules } = addresses.find(name);
    for (const rule of rules) addressed.add(rule);
    if (rules.length > 0) continue;
    const all = new Set(program.rules.flatMap(names));
    const near = suggest(name, all) ?? suggestWhole(name, all)[0];
    const list = [...new Set(program.rules.map((r) => r.rule.id))].slice(0, 12).join(', ');
    const help = near ? `Did you mean ${near}?` : `The rules are: ${list}${program.rules.length > 12 ? ', …' : ''}.`;
    return { code: 'not-found', message: `There is no rule ${JSON.stringify(name)}.`, help };
  }
  return program.rules.filter((r) => addressed.has(r.rule) || names(r).some((name) => given.includes(name)));
}

function wanted(call: Call): Wanted | Failure {
  const labels = textOption(call, 'labels');
  if (labels !== undefined) {
    const given = parseLabels(labels);
    if (given.problem === undefined) return { kind: 'labels', labels: given.labels };
    return { code: 'usage', message: given.problem, ...(given.help !== undefined && { help: given.help }) };
  }
  const group = textOption(call, 'group');
  if (group !== undefined) return { kind: 'group', id: group };
  return call.options['all'] === true ? { kind: 'all' } : { kind: 'target', name: call.args[0] as string };
}
