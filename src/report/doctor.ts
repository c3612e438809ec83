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

/** A server's diagnosis for people: what is wrong with its remedy, then how much is fine; `verbose` says what. */
export function doctorText(report: DoctorReport, width: number, styles: Style, verbose: boolean): string {
  const { server, url, rulePath, findings } = report;
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
  lines.push(...restLines(report, width, verbose));
  const count = (severity: 'error' | 'warning'): number => findings.filter((f) => f.severity === severity).length;
  if (findings.length > 0) {
    const counts = [plural(count('error'), 'error'), plural(count('warning'), 'warning')].filter(
      (c) => !c.startsWith('0 '),
    );
    const first = findings.length === 1 ? 'Mend it' : 'The first is the most likely cause: begin with it';
    lines.push('', `${counts.join(', ')}. ${first}, then run this again.`);
  }
  return `${lines.join('\n')}\n`;
}

/** What was found to be fine, and what could not be asked: by number, for the findings are what matters. */
function restLines({ findings, checked, unchecked }: DoctorReport, width: number, verbose: boolean): string[] {
  const open = plural(unchecked.length, 'check');
  if (verbose) {
    const fine = checked.map(({ what }) => `  ${visible(what)}`);
    const rest =
      unchecked.length > 0 ? wrapped(`Not asked, for want of what it takes: ${unchecked.join(', ')}.`, width, 0) : [];
    return [...(findings.length === 0 ? ['All is well:'] : ['Fine:']), ...fine, ...rest];
  }
  if (findings.length === 0) return [`All is well (${plural(checked.length, 'check')}).`];
  const not = unchecked.length === 0 ? '' : `; ${open} could not be made`;
  return [`${plural(checked.length, 'other check')} found nothing${not} (--verbose tells them).`];
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
