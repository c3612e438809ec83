import type { Drift, FileDrift } from '../core/deploy/drift.ts';
import type { Difference } from '../core/deploy/read-back.ts';
import type { Style } from './color.ts';
import { plural } from './text.ts';
import { visible } from './visible.ts';

/** One server's drift with what people call the places. */
export interface DriftReport extends Drift {
  /** As in `prometheus.servers`; "" for the only one. */
  readonly name: string;
  readonly url: string;
  readonly rulePath: string;
  readonly filesCount: number;
  readonly rulesCount: number;
  /** Why the server could not be asked; undefined: it was. */
  readonly unasked: { readonly message: string; readonly help?: string } | undefined;
}

/** More lines of one kind push the advice off the screen; JSON has them all. */
const MOST_LINES = 20;

/** What differs from what, and what to do. Ends with a line break. */
export function driftText(report: DriftReport, styles: Style): string {
  const { name, url, rulePath, drift, dist, filesCount, rulesCount, directory, memory, advice, unasked } = report;
  const place = `${name === '' ? '' : `${visible(name)}  `}${visible(url)}`;
  const size = `${plural(filesCount, 'file')}, ${plural(rulesCount, 'rule')}`;
  const rest = [
    ...(unasked ? [`  ${styles.error('error')}: ${visible(unasked.message)}`] : []),
    ...(unasked?.help === undefined ? [] : [`  ${styles.help('help')}: ${visible(unasked.help)}`]),
    ...advice.map((one) => `  ${styles.help('do')}: ${visible(one)}`),
  ];
  if (!drift) {
    const where = [
      ...(directory ? [`the rule path ${visible(rulePath)}`] : []),
      ...(memory ? ["the server's memory"] : []),
    ];
    const known = unasked ? 'the server could not be asked' : 'no drift';
    const head = `${styles.bold(place)}: ${known}; dist/ and ${where.join(' and ')} hold release ${dist} (${size})`;
    return `${[head, ...rest].join('\n')}\n`;
  }
  const lines = [`${styles.bold(place)}: ${styles.error('drift')}`];
  const row = (head: string, text: string): void => {
    lines.push(`  ${head.padEnd(17)}${text}`);
  };
  row('dist/', `release ${dist} (${size})`);
  if (directory) row('rule path', `${directoryText(report)}  ${visible(rulePath)}`);
  if (memory) row("server's memory", memoryText(report));
  lines.push(...section('dist/ and the rule path differ', fileLines(report), (line) => line));
  lines.push(...section('the rule path is not as it was deployed', directory?.damaged ?? [], damageText));
  // Where it differs from the directory, that is the difference that a person can do something about.
  const compared = report.directoryMemory ?? report.distMemory ?? [];
  const from = report.directoryMemory ? 'the rule path' : 'dist/';
  // That nothing at all is loaded was said above.
  const none = memory?.groups === 0 && compared.every(({ what }) => what === 'group-missing');
  if (!none) {
    lines.push(...section(`the server's memory differs from ${from}`, compared, (one) => differenceText(one, from)));
  }
  return `${[...lines, ...rest].join('\n')}\n`;
}

function directoryText({ directory, dist }: DriftReport): string {
  if (!directory) return '';
  if (directory.release === undefined) {
    return directory.files === 0
      ? 'nothing of ours lies there'
      : `${plural(directory.files, 'file')}, not deployed but copied`;
  }
  const same = directory.release === dist ? 'the same release' : `release ${directory.release}`;
  return directory.damaged.length > 0 ? `${same}, changed since` : same;
}

function memoryText({ memory, directoryMemory, distMemory }: DriftReport): string {
  if (memory?.groups === 0) return 'nothing of ours is loaded';
  const is = [
    ...(distMemory?.length === 0 ? ['dist/'] : []),
    ...(directoryMemory?.length === 0 ? ['the rule path'] : []),
  ];
  return is.length === 0 ? 'holds something else' : `holds the same as ${is.join(' and ')}`;
}

function section<T>(title: string, items: readonly T[], line: (item: T) => string): string[] {
  if (items.length === 0) return [];
  const more =
    items.length > MOST_LINES ? [`    … and ${items.length - MOST_LINES} more (--format json has them all)`] : [];
  return [`  ${title}:`, ...items.slice(0, MOST_LINES).map((item) => `    ${visible(line(item))}`), ...more];
}

/** File by file, and of those that both have rule by rule. */
function fileLines({ files, rules, filesCount }: DriftReport): string[] {
  const lonely = (what: FileDrift['what'], where: string): string[] => {
    const names = files.flatMap((file) => (file.what === what ? [file.fileName] : []));
    const all = what === 'only-in-dist' && names.length > 1 && names.length === filesCount;
    return all ? [`all ${filesCount} files: only ${where}`] : names.map((name) => `${name}: only ${where}`);
  };
  const said = new Set(rules.map(({ fileName }) => fileName));
  // In a bundle the rules are told under its own name.
  const bundled = said.size > 0 && ![...said].some((fileName) => /^(?:group|static)-/.test(fileName));
  const differ = files.filter(({ fileName, what }) => what === 'differs' && !said.has(fileName));
  return [
    ...rules.map(placeText),
    ...(bundled ? [] : differ.map(({ fileName }) => `${fileName}: another text, the same rules`)),
    ...lonely('only-in-dist', 'in dist/'),
    ...lonely('only-in-directory', 'in the rule path'),
  ];
}

/** A rule that `dist/` and the rule path have differently. */
function placeText(difference: Difference): string {
  const { what, fileName, group, rule } = difference;
  const where = `${fileName}: ${group}${rule === undefined ? '' : ` › ${rule}`}`;
  if (what === 'group-missing' || what === 'rule-missing') return `${where}: only in the rule path`;
  if (what === 'group-left-over' || what === 'rule-left-over') return `${where}: only in dist/`;
  return differenceText(difference, 'the rule path');
}

const damageText = ({ fileName, what }: { readonly fileName: string; readonly what: string }): string =>
  `${fileName}: ${what === 'extra' ? 'does not belong there' : what}`;

/** A difference as a line: where, and what each of the two has. */
export function differenceText(difference: Difference, from: string): string {
  const { what, fileName, group, rule, field, wanted, found } = difference;
  const where = `${fileName}: ${group}${rule === undefined ? '' : ` › ${rule}`}`;
  switch (what) {
    case 'group-missing':
    case 'rule-missing':
      return `${where}: not loaded`;
    case 'group-left-over':
    case 'rule-left-over':
      return `${where}: loaded still, but not in ${from}`;
    case 'order':
      return `${where}: the rules stand in another order`;
    default: {
      const [has, should] = whereApart(found, wanted);
      return `${where}: ${field ?? ''} is ${has}, in ${from} ${should}`;
    }
  }
}

const MOST_CHARACTERS = 100;

/** Two texts for people, each cut around the first place where they differ. */
export function whereApart(a: string | undefined, b: string | undefined): [string, string] {
  const [first, second] = [a ?? '', b ?? ''];
  let at = 0;
  while (at < first.length && first[at] === second[at]) at++;
  const long = Math.max(first.length, second.length) > MOST_CHARACTERS;
  const from = long ? Math.max(0, at - MOST_CHARACTERS / 4) : 0;
  const shown = (text: string | undefined): string => {
    if (text === undefined) return 'missing';
    const part = text.slice(from, from + MOST_CHARACTERS);
    return `${from > 0 ? '…' : ''}${part}${from + MOST_CHARACTERS < text.length ? '…' : ''}`;
  };
  return [shown(a), shown(b)];
}

/** The keys of a server in JSON. */
export function driftJson(report: DriftReport): Record<string, unknown> {
  const { directory, memory } = report;
  const differences = (list: readonly Difference[] | undefined): unknown =>
    list?.map(({ what, fileName, group, rule, field, wanted, found }) => ({
      what,
      file_name: fileName,
      group,
      rule: rule ?? null,
      field: field ?? null,
      wanted: wanted ?? null,
      found: found ?? null,
    })) ?? null;
  return {
    name: report.name,
    url: report.url,
    status: report.drift || report.unasked || memory?.reloaded === false ? 'error' : 'success',
    // Without the server's word nobody knows that there is none.
    drift: report.drift || (report.unasked ? null : false),
    ...(report.unasked && { message: report.unasked.message, help: report.unasked.help ?? null }),
    release: report.dist,
    rule_path: report.rulePath,
    directory: directory
      ? {
          release: directory.release ?? null,
          damaged: directory.damaged.map(({ fileName, what }) => ({ file_name: fileName, what })),
          lost: directory.lost,
          unfinished: directory.unfinished,
          unreadable: directory.unreadable,
        }
      : null,
    memory: memory ? { groups: memory.groups, last_reload_successful: memory.reloaded ?? null } : null,
    dist_directory: report.files.map(({ fileName, what }) => ({ file_name: fileName, what })),
    dist_directory_rules: differences(report.rules),
    directory_memory: differences(report.directoryMemory),
    dist_memory: differences(report.distMemory),
    advice: report.advice,
  };
}
