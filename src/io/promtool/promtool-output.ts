import { SIMPLE_ESCAPES } from '../../promql/literals.ts';

/** What promtool says of one rule file. Line and column are 1-based, in the compiled file. */
export interface Complaint {
  /** Index of the file in the order they were given to promtool; undefined where it can't be told. */
  readonly file?: number;
  readonly line?: number;
  readonly col?: number;
  /** Name of the rule group. */
  readonly group?: string;
  /** 1-based, in the rule group. */
  readonly ruleNumber?: number;
  readonly name?: string;
  readonly message: string;
  /** A lint finding: Prometheus loads the file all the same. */
  readonly lint: boolean;
  /** Of rules that lint calls duplicates: the static labels that they share. */
  readonly labels?: ReadonlyMap<string, string>;
}

export interface PromtoolOutput {
  readonly complaints: readonly Complaint[];
  /** Indices of the files that it found good. */
  readonly passed: ReadonlySet<number>;
  /** It did not know the lint we asked for and then checked less than we wanted. */
  readonly lintUnknown: boolean;
}

/** Go's `%q`, as far as names go: what stands between the quotes may hold escaped ones. */
const RULE = /^(?:(\d+):(\d+): )?group ("(?:[^"\\]|\\.)*"), rule (\d+), ("(?:[^"\\]|\\.)*"): ([\s\S]*)$/;
const PLACE = /^(\d+):(\d+): ([\s\S]*)$/;
const LINT = /^lint error /;

/**
 * Reads the output of `promtool check rules` for files that were named `names`. It writes "Checking
 * FILE" and SUCCESS to standard output, FAILED and the complaints to standard error: the n-th FAILED
 * belongs to the n-th file without SUCCESS, which is the only way to tell where a lint finding is from.
 */
export function parsePromtool(stdout: string, stderr: string, names: readonly string[]): PromtoolOutput {
  const indexOf = new Map(names.map((name, index) => [name, index]));
  const passed = new Set<number>();
  const failed: number[] = [];
  let current: number | undefined;
  const settle = (): void => {
    if (current !== undefined && !passed.has(current)) failed.push(current);
  };
  for (const line of stdout.split(/\r?\n/)) {
    if (line.startsWith('Checking ')) {
      settle();
      current = indexOf.get(line.slice('Checking '.length));
    } else if (line.startsWith('  SUCCESS') && current !== undefined) passed.add(current);
  }
  settle();

  const complaints: Complaint[] = [];
  const said = new Set<string>();
  let block = -1;
  let lines: string[] = [];
  const flush = (): void => {
    const text = lines.join('\n').trim();
    lines = [];
    // 3.x says some things twice, word for word.
    if (text === '' || said.has(`${block} ${text}`)) return;
    said.add(`${block} ${text}`);
    complaints.push(...readComplaint(text, indexOf, failed[block]));
  };
  for (const line of stderr.split(/\r?\n/)) {
    if (line === '  FAILED:') {
      flush();
      block++;
      continue;
    }
    if (line.includes('unknown lint option')) continue;
    // A complaint may go on over several lines (YAML errors, duplicates); a new one starts with a file or the word lint.
    if (startsComplaint(line, indexOf)) flush();
    lines.push(line);
  }
  flush();
  return { complaints, passed, lintUnknown: /unknown lint option/.test(stdout + stderr) };
}

function startsComplaint(line: string, indexOf: ReadonlyMap<string, number>): boolean {
  return LINT.test(line) || indexOf.has(line.slice(0, Math.max(0, line.indexOf(': '))));
}

function readComplaint(
  text: string,
  indexOf: ReadonlyMap<string, number>,
  failed: number | undefined,
): readonly Complaint[] {
  if (LINT.test(text)) return readDuplicates(text, failed);
  const named = indexOf.get(text.slice(0, Math.max(0, text.indexOf(': '))));
  const file = named ?? failed;
  const at = file === undefined ? {} : { file };
  const rest = named === undefined ? text : text.slice(text.indexOf(': ') + 2);
  const rule = RULE.exec(rest);
  if (rule) {
    return [
      {
        ...at,
        ...place(rule[1], rule[2]),
        group: unquote(rule[3] as string),
        ruleNumber: Number(rule[4]),
        name: unquote(rule[5] as string),
        message: rule[6] as string,
        lint: false,
      },
    ];
  }
  const placed = PLACE.exec(rest);
  if (placed) return [{ ...at, ...place(placed[1], placed[2]), message: placed[3] as string, lint: false }];
  const line = /\bline (\d+):/.exec(rest);
  return [{ ...at, ...(line ? { line: Number(line[1]) } : {}), message: rest, lint: false }];
}

/** "0:0" is what promtool writes where it has no place. */
function place(line: string | undefined, col: string | undefined): { line?: number; col?: number } {
  return line === undefined || line === '0' ? {} : { line: Number(line), col: Number(col) };
}

/**
 * `lint error 2 duplicate rule(s) found.`, and for each "Metric: NAME", "Label(s):" and a line a label;
 * other lint findings are taken as they are.
 */
function readDuplicates(text: string, failed: number | undefined): readonly Complaint[] {
  const at = failed === undefined ? {} : { file: failed };
  const duplicates: Complaint[] = [];
  const message = 'another rule of this file has the same name and the same static labels';
  for (const part of text.split(/^Metric: /m).slice(1)) {
    const [name = '', ...rest] = part.split('\n');
    const labels = new Map<string, string>();
    for (const line of rest) {
      const label = /^\s+([^:]+): (.*)$/.exec(line);
      if (label) labels.set(label[1] as string, label[2] as string);
    }
    duplicates.push({ ...at, name, message, lint: true, labels });
  }
  return duplicates.length > 0 ? duplicates : [{ ...at, message: text, lint: true }];
}

/** A string as Go's `%q` writes it; as it is where it isn't one. */
function unquote(text: string): string {
  const inner = text.slice(1, -1);
  return inner.replace(/\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|.)/gi, (whole, code: string) => {
    const simple = SIMPLE[code];
    if (simple !== undefined) return simple;
    const point = Number.parseInt(code.slice(1), 16);
    return Number.isNaN(point) || point > 0x10ffff ? whole : String.fromCodePoint(point);
  });
}

const SIMPLE: Readonly<Record<string, string>> = { ...SIMPLE_ESCAPES, '"': '"', "'": "'" };
