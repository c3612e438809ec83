import type { Compiled, CompileOptions } from '../../src/core/compile.ts';
import type { Sources } from '../../src/core/ground/sources.ts';
import type { Meaning } from './brute.ts';
import { carriedLabels, meaningOf } from './brute.ts';
import { compareEffective } from './effective.ts';
import { leftOut } from './left-out.ts';
import type { LabelSet, Matcher, Repository } from './model.ts';
import { matchesAll, nameOf, type present } from './model.ts';
import { shapeOf } from './shapes.ts';
import { filesOf, sourcesOf } from './write.ts';

/** The compiler, or one that was broken on purpose. */
export type Compiler = (sources: Sources, options: CompileOptions) => Compiled;

export const OPTIONS: CompileOptions = { today: '2026-11-22' };

export interface Verdict {
  readonly compiled: Compiled;
  readonly meaning: Meaning;
  /** What the compiler and the brute force disagree about; none: they agree as far as nothing is evaluated. */
  readonly disagreements: readonly string[];
}

/** Compiles a repository and compares what can be compared without Prometheus. */
export function judge(repository: Repository, compile: Compiler): Verdict {
  const compiled = compile(sourcesOf(filesOf(repository)), OPTIONS);
  const meaning = meaningOf(repository);
  const refusals = compareRefusals(compiled, meaning);
  const accepted = compiled.ruleSet !== undefined && meaning.refusals.size === 0;
  return {
    compiled,
    meaning,
    disagreements: accepted
      ? [
          ...refusals,
          ...compareInstances(repository, compiled, meaning),
          ...compareEffective(repository, compiled, meaning),
        ]
      : refusals,
  };
}

function compareRefusals({ diagnostics }: Compiled, { refusals }: Meaning): string[] {
  const errors = diagnostics.filter((d) => d.severity === 'error');
  const codes = new Set<string>(errors.map((d) => d.code));
  // A group that nothing matches is left out, and what it said with it.
  if (refusals.has('empty-region')) return codes.has('empty-region') ? [] : ['"empty-region" was not found'];
  const text = (code: string): string => errors.find((d) => d.code === code)?.message ?? '';
  return [
    ...[...refusals].filter((code) => !codes.has(code)).map((code) => `"${code}" was not found`),
    ...[...codes]
      .filter((code) => !refusals.has(code as never))
      .map((code) => `refused without need: ${code}: ${text(code)}`),
  ];
}

/** For every label set: which instances see it, told by the matchers that were injected; against the brute force. */
function compareInstances(repository: Repository, compiled: Compiled, meaning: Meaning): string[] {
  const found: string[] = [];
  for (const rule of repository.rules) {
    const resolved = compiled.program.rules.find((r) => r.rule.id === rule.id);
    const carried = carriedLabels(rule, repository);
    const shape = shapeOf(rule.shape);
    for (const labels of meaning.universe(rule)) {
      const want = meaning.settle(rule, labels);
      const seen = carried ? Object.fromEntries(carried.map((name) => [name, labels[name] ?? ''])) : labels;
      const where = `${rule.id} at ${nameOf(labels)}${labels.queue ? ` ${labels.queue}` : ''}`;
      const finds = (selector: { readonly matchers: readonly Matcher[] }): boolean =>
        matchesAll(
          labels,
          selector.matchers.filter((m) => m.label in labels),
        );
      const instances = (resolved?.instances ?? []).map((i) => ({
        i,
        placed: [...i.placed].filter(([s]) => finds(s)),
      }));
      // A metric that lacks labels is told apart by what it is joined with.
      for (const i of instances)
        if (shape.mixed) i.placed = i.placed.filter(([s]) => !/_k_lack$|_flag$/.test(s.name ?? ''));
      if (instances.some(({ placed }) => placed.length === 0)) continue;
      const seeing = instances.filter(({ placed }) => placed.some(([, p]) => sees(p, seen)));
      if (!seeing.every(({ placed }) => placed.every(([, p]) => sees(p, seen)))) {
        found.push(`${where}: only some selectors of an instance see it`);
      }
      const watching = seeing.map(({ i }) => i);
      const [instance, ...more] = watching;
      if (more.length > 0) found.push(`${where}: ${watching.map((i) => i.cell.owner).join(' and ')} both watch it`);
      if (!instance) {
        if (want.on && matchesAll(labels, rule.author) && !leftOut(rule, labels, repository, meaning))
          found.push(`${where}: nothing watches it, but "${want.owner}" should`);
        continue;
      }
      if (!want.on) {
        found.push(`${where}: "${instance.cell.owner}" watches it, but nothing should`);
        continue;
      }
      const value = instance.values.get('threshold');
      const is = {
        owner: instance.cell.owner,
        case: instance.cell.caseId ?? '',
        threshold: value?.type === 'number' ? value.value : undefined,
      };
      const should = { owner: want.owner, case: want.cases.join('--'), threshold: want.threshold };
      if (JSON.stringify(is) !== JSON.stringify(should))
        found.push(`${where}: ${JSON.stringify(is)} instead of ${JSON.stringify(should)}`);
    }
  }
  return found;
}

interface Injected {
  readonly add: readonly Matcher[];
  readonly minus: readonly (readonly Matcher[])[];
}

const sees = ({ add, minus }: Injected, labels: LabelSet): boolean =>
  matchesAll(labels, add) && !minus.some((m) => matchesAll(labels, m));

/** A repository as people read it, for a failure's message. */
export function show(repository: Repository): string {
  return [...filesOf(repository)].map(([path, text]) => `# ${path}\n${text}`).join('\n');
}

export type { present };
