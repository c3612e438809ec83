import type { Diagnosis } from '../core/doctor/table.ts';
import type { Style } from './color.ts';
import { plural } from './text.ts';
import { visible } from './visible.ts';

/** What a doctor says of one server. */
export interface DoctorReport extends Diagnosis {
  /** As in `prometheus.servers`; "" for a repository's only one. */
  readonly server: string;
  /** Without user and password. */
  readonly url: string;
  readonly rulePath: string;
}

/** The keys of `doctor --format json`; those of several servers carry its name. */
export function doctorJson(reports: readonly DoctorReport[], ok: boolean): object {
  const rows = <T>(of: (report: DoctorReport) => readonly T[]): object[] =>
    reports.flatMap((report) =>
      of(report).map((row) => ({ ...(report.server !== '' && { server: report.server }), ...row })),
    );
  return {
    ok,
    findings: rows(({ findings }) =>
      findings.map(({ code, severity, message, help, remedy, details }) => {
        return { code, severity, message, help, remedy, details: details ?? [] };
      }),
    ),
    checked: rows(({ checked }) => checked),
    unchecked: rows(({ unchecked }) => unchecked.map((code) => ({ code }))),
    errors: [],
  };
}

/** A server's diagnosis for people: what is wrong with its remedy, then what is fine, in one screen. */
export function doctorText(report: DoctorReport, width: number, styles: Style): string {
  const { server, url, rulePath, findings, checked, unchecked } = report;
  const title = `${server === '' ? '' : `${server}: `}${url}, rules in ${rulePath}`;
  const lines = [styles.bold(visible(title)), ''];
  for (const { code, severity, message, help, remedy, details } of findings) {
    const kind = `${severity}[${code}]`;
    lines.push(...led(kind, severity === 'error' ? styles.error(kind) : styles.warning(kind), message, width));
    for (const detail of details ?? []) {
      lines.push(...wrapped(visible(detail), width, 4).map((line) => styles.dim(line)));
    }
    lines.push(...led('  help', `  ${styles.help('help')}`, help, width));
    lines.push(...remedy.map((line) => `      ${visible(line)}`), '');
  }
  if (checked.length > 0) {
    const fine = checked.map(({ what }) => visible(what)).join('; ');
    lines.push(...wrapped(`${findings.length === 0 ? 'All is well' : 'Fine'}: ${fine}.`, width, 0));
  }
  if (unchecked.length > 0 && findings.length > 0) {
    lines.push(...wrapped(styles.dim(`Not looked at, for want of an answer: ${unchecked.join(', ')}.`), width, 0));
  }
  const count = (severity: 'error' | 'warning'): number => findings.filter((f) => f.severity === severity).length;
  if (findings.length > 0) {
    const counts = [plural(count('error'), 'error'), plural(count('warning'), 'warning')].filter(
      (c) => !c.startsWith('0 '),
    );
    lines.push('', `${counts.join(', ')}. The first is the most likely cause: begin with it, then run this again.`);
  }
  return `${lines.join('\n')}\n`;
}

/** A text behind a word that may have colours. */
function led(word: string, shown: string, text: string, width: number): string[] {
  const [first = '', ...rest] = wrapped(`${word}: ${visible(text)}`, width, 2);
  return [`${shown}${first.trimStart().slice(word.trimStart().length)}`, ...rest];
}

/** A text in lines of at most `width`, each behind so many spaces. */
function wrapped(text: string, width: number, indent: number): string[] {
  const pad = ' '.repeat(indent);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && pad.length + line.length + 1 + word.length > width) {
      lines.push(pad + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, pad + line];
}
