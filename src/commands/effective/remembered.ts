import { shardName } from '../../core/effective/store.ts';
import { placesOf, type StoredPlace, storedLabels, storedRow } from '../../core/effective/stored.ts';
import type { StoredIndex, StoredRefs, StoredRows, StoredSet, StoredTarget } from '../../core/effective/stored-form.ts';
import { targetSubject } from '../../core/ground/subject.ts';
import { sortedObject } from '../../core/inventory/file-sd.ts';
import { findTargets } from '../../core/inventory/find-targets.ts';
import type { Target } from '../../core/model/inventory.ts';
import { hostOf } from '../../core/model/target.ts';
import { programName } from '../../io/dist/program.ts';
import { type Answers, type KeptAnswers, readAnswers, type ShownRow } from '../../io/memory/answers.ts';
import { openCache } from '../../io/memory/cache.ts';
import type { Loaded } from '../../io/sources/load.ts';
import { boxOf } from '../../promql/region.ts';
import { effectiveText, type TextCells } from '../../report/effective/text.ts';
import { type Call, EXIT, type ExitCode, type Io, writeJson } from '../context.ts';
import { groupText, labelText } from './about.ts';
import { answersKey, hasOneServer } from './keep.ts';
import { sortedRow, textOptions, writeRepeated } from './write.ts';

/**
 * The rules in effect for a target, read from what the last build wrote below `effective/`, where that build was of these
 * very sources. Undefined, with nothing written, where it was not, where more is asked than a build keeps, or where
 * something is not as it left it: then the sources are compiled.
 */
export async function effectiveRemembered(sources: Loaded, call: Call, io: Io): Promise<ExitCode | undefined> {
  const { globals, args, options } = call;
  const [name] = args;
  const more = ['why', 'all-rules', 'server'].some(
    (option) => options[option] !== undefined && options[option] !== false,
  );
  // What is only a warning is not kept.
  if (name === undefined || hostOf(name) === '' || more || globals.strict || !hasOneServer(sources)) return undefined;
  const cache = await openCache({ env: io.env, root: globals.root, pid: io.pid });
  const program = programName(io.env);
  const key = cache && program !== undefined ? answersKey(sources, globals.root, io) : undefined;
  if (!cache || program === undefined || key === undefined) return undefined;
  const kept = await readAnswers(cache, globals.root, program, key);
  const rules = kept && chosenRules(kept.answers, options['rule']);
  const found = rules && targetsNamed(kept, name);
  const answers = found && (await answersFor(found.targets, kept, rules));
  if (!answers) return undefined;
  const written = globals.format === 'json' ? jsonOf(answers, kept) : undefined;
  if (globals.format === 'json' && !written) return undefined;
  const [only] = answers;
  if (!written) writeText(answers, kept.answers, call, io);
  else if (answers.length === 1) writeJson(io, written[0] as object);
  else writeJson(io, { hostname: found.hostname ?? only?.target.hostname, targets: written });
  return EXIT.ok;
}

/** The numbers of the rules that --rule names; undefined where it names one that is not there. */
function chosenRules({ rules }: Answers, option: unknown): ReadonlySet<number> | undefined {
  const given = Array.isArray(option) ? (option as readonly string[]) : [];
  const chosen = new Set<number>();
  const met = new Set<string>();
  for (const [number, [id, name, of]] of rules.entries()) {
    const own = given.filter((one) => one === id || one === name || one === of);
    for (const one of own) met.add(one);
    if (own.length > 0 || given.length === 0) chosen.add(number);
  }
  return given.every((one) => met.has(one)) ? chosen : undefined;
}

type KeptTarget = Target & { readonly set: string };

const NOWHERE = { file: { path: '', text: '' }, start: 0, end: 0 };

/** The targets that a name stands for, found by the text of the files: whatever stands for a target has its host in it. */
function targetsNamed(
  kept: KeptAnswers,
  name: string,
): { targets: readonly KeptTarget[]; hostname?: string } | undefined {
  const columns = json<Record<string, string[]>>(kept, 'labels.json');
  if (!columns) return undefined;
  const values = Object.entries(columns);
  const needle = JSON.stringify(hostOf(name)).slice(1, -1);
  const targets: KeptTarget[] = [];
  for (const [path] of kept.answers.files) {
    if (!path.startsWith('targets/')) continue;
    const bytes = kept.read(path);
    if (!bytes) return undefined;
    if (!bytes.includes(needle)) continue;
    for (const line of bytes.toString('utf8').split('\n')) {
      if (!line.includes(needle)) continue;
      const [[id, entries] = ['', []]] = Object.entries(JSON.parse(`{${line.replace(/,$/, '')}}`) as StoredTargets);
      for (const entry of entries) {
        const labels = new Map(Object.entries(storedLabels(id, entry, values)));
        targets.push({ id, hostname: hostOf(labels.get('instance') ?? ''), labels, span: NOWHERE, set: entry[0] });
      }
    }
  }
  const found = findTargets({ targets }, name);
  // That there is none is said together with what was probably meant.
  return found.targets.length === 0 ? undefined : (found as { targets: KeptTarget[]; hostname?: string });
}

type StoredTargets = Readonly<Record<string, readonly StoredTarget[]>>;

interface KeptAnswer {
  readonly target: Target;
  /** In the order of the rules. */
  readonly rows: readonly { readonly place: StoredPlace; readonly shown: ShownRow }[];
}

async function answersFor(
  targets: readonly KeptTarget[],
  kept: KeptAnswers,
  rules: ReadonlySet<number>,
): Promise<readonly KeptAnswer[] | undefined> {
  const index = json<StoredIndex>(kept, 'index.json');
  const bases = json<Record<string, StoredRefs>>(kept, 'bases.json');
  const numbers = new Map(kept.answers.rules.map(([id], number) => [id, number]));
  const owners = new Map<string, readonly ShownRow[]>();
  const answers: KeptAnswer[] = [];
  for (const target of targets) {
    const path = `sets/${shardName(target.set, index?.set_digits ?? 0)}.json`;
    const set = json<Record<string, StoredSet>>(kept, path)?.[target.set];
    const base = set && bases?.[set.base];
    if (!base) return undefined;
    for (const owner of new Set([...Object.keys(base), ...Object.keys(set.rows)])) {
      const rows = owners.get(owner) ?? (await kept.rows(owner));
      if (!rows) return undefined;
      owners.set(owner, rows);
    }
    const shownOf = (place: StoredPlace) => ({ place, shown: owners.get(place[0])?.[place[1]] as ShownRow });
    const changed = placesOf(set.rows).map(shownOf);
    const gone = new Set([...set.off.map((id) => numbers.get(id)), ...changed.map(({ shown: [rule] }) => rule)]);
    const all = [
      ...placesOf(base)
        .map(shownOf)
        .filter(({ shown: [rule] }) => !gone.has(rule)),
      ...changed,
    ];
    const rows = all.filter(({ shown: [rule] }) => rules.has(rule));
    rows.sort(({ shown: a }, { shown: b }) => a[0] - b[0] || a[1] - b[1]);
    answers.push({ target, rows });
  }
  return answers;
}

function jsonOf(answers: readonly KeptAnswer[], kept: KeptAnswers): readonly object[] | undefined {
  const owners = new Map<string, StoredRows>();
  const load = (owner: string): boolean => {
    if (owners.has(owner)) return true;
    const rows = json<StoredRows>(kept, `rules/${owner}.json`);
    if (!rows) return false;
    owners.set(owner, rows);
    return rows.rows.every(({ like }) => !like || like[0] === owner || load(like[0]));
  };
  const wanted = new Set(answers.flatMap(({ rows }) => rows.map(({ place: [owner] }) => owner)));
  if (![...wanted].every(load)) return undefined;
  const row = storedRow((owner) => owners.get(owner) as StoredRows);
  return answers.map(({ target: { id, hostname, labels }, rows }) => {
    const rules = rows.map(({ place }) => sortedRow(row(place)));
    return { target_id: id, hostname, labels: sortedObject(labels), rules, total: rules.length };
  });
}

function writeText(answers: readonly KeptAnswer[], { known, groups, rules }: Answers, call: Call, io: Io): void {
  const common = textOptions(call, io);
  const names = new Set(known);
  const placed = groups.map(([id, depth, priority, matchers]) => ({
    id,
    depth,
    priority,
    box: boxOf(matchers) ?? new Map(),
  }));
  for (const [i, { target, rows }] of answers.entries()) {
    if (i > 0) io.stdout.write('\n');
    const about = [labelText(target.labels), groupText(placed, targetSubject(target.labels, names))];
    const shown = rows.map(({ place: [, , condition], shown: [rule, , ...cells] }) => {
      const [id, , , isAlert] = rules[rule] as Answers['rules'][number];
      return { id, isAlert, cells: cells as unknown as TextCells, condition };
    });
    io.stdout.write(effectiveText({ title: target.id, about, rules: shown, ...common }));
  }
  if (answers.length < 2) return;
  const jobs = answers.map(({ target, rows }) => {
    const job = target.labels.get('job') ?? (names.has('job') ? '' : undefined);
    return [job, rows.map(({ shown: [rule] }) => rule)] as const;
  });
  writeRepeated(jobs, common.width, io);
}

function json<T>({ read }: KeptAnswers, path: string): T | undefined {
  const bytes = read(path);
  return bytes && (JSON.parse(bytes.toString('utf8')) as T);
}
