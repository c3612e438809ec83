import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../src/core/ground/diagnostic.ts';
import { diagnostic } from '../../src/core/ground/diagnostic.ts';
import type { SourceFile } from '../../src/core/ground/source.ts';
import { diagnosticJson } from '../../src/report/json.ts';
import { textTable } from '../../src/report/table.ts';
import { renderDiagnostics } from '../../src/report/text.ts';
import { visible, visibleWidth } from '../../src/report/visible.ts';

const ESC = '\u001b';

function at(
  file: SourceFile,
  needle: string,
  length = needle.length,
): { file: SourceFile; start: number; end: number } {
  const start = file.text.indexOf(needle);
  return { file, start, end: start + length };
}

function render(d: Diagnostic, width = 120): string {
  return renderDiagnostics([d], { color: false, width });
}

/** The text under the carets of the first frame, as a reader sees it. */
function underCarets(text: string): string {
  const lines = text.split('\n');
  const index = lines.findIndex((line) => /\|\s+\^+$/.test(line));
  const carets = lines[index] as string;
  const from = carets.indexOf('^');
  return (lines[index - 1] as string).slice(from, carets.length);
}

const file = { path: 'groups/production.yaml', text: 'id: production\nthresholds:\n  HighCPUUsge: 90\n' };

describe('renderDiagnostics', () => {
  it('shows the place, the line, carets, notes with their own places, help and the counts', () => {
    const rule = { path: 'rules/node.yaml', text: 'rules:\n  - alert: HighCPUUsage\n' };
    const d = diagnostic('unknown-rule', at(file, 'HighCPUUsge'), 'No rule has the id HighCPUUsge.', {
      help: 'Did you mean HighCPUUsage?',
      notes: [{ message: 'the nearest', span: at(rule, 'HighCPUUsage') }, { message: 'there are 12 rules' }],
    });
    expect(render(d)).toBe(`error[unknown-rule]: No rule has the id HighCPUUsge.
 --> groups/production.yaml:3:3
  |
3 |   HighCPUUsge: 90
  |   ^^^^^^^^^^^
note: the nearest
 --> rules/node.yaml:2:12
  |
2 |   - alert: HighCPUUsage
  |            ^^^^^^^^^^^^
  = note: there are 12 rules
  = help: Did you mean HighCPUUsage?

1 error
`);
  });

  it('folds those that repeat one another in a file, and says how to see all', () => {
    const text = Array.from({ length: 14 }, (_, i) => `line ${i + 1}\n`).join('');
    const rules = { path: 'rules/k.yml', text };
    const twice = (line: number, help = 'Mend it.'): Diagnostic =>
      diagnostic('unknown-rule', at(rules, `line ${line}\n`, 4), `Number ${line}.`, { help });
    const warn = (d: Diagnostic): Diagnostic => ({ ...d, severity: 'warning' });
    const folded = (all: readonly Diagnostic[]): string => renderDiagnostics(all, { color: false, fold: true });
    expect(folded([warn(twice(2)), warn(twice(3))])).not.toContain('more like it');
    const three = folded([warn(twice(2)), warn(twice(5)), warn(twice(7)), warn(twice(9, 'Do otherwise.'))]);
    expect(three).toContain('… and 2 more like it in rules/k.yml, lines 5, 7; --format json lists them');
    expect(three).toContain('Number 9.');
    expect(three).not.toContain('Number 5.');
    expect(three).toContain('\n4 warnings\n');
    const errors = Array.from({ length: 12 }, (_, i) => twice(i + 1));
    expect(folded(errors.slice(0, 10))).not.toContain('more like it');
    expect(folded(errors)).toContain('… and 7 more like it in rules/k.yml, lines 6, 7, 8, 9, 10, 11, 12; ');
  });

  it('is empty for no diagnostics, and counts what it leaves out', () => {
    expect(renderDiagnostics([], { color: false })).toBe('');
    const warn = diagnostic('empty-file', at(file, 'id'), 'w');
    const error = diagnostic('wrong-type', at(file, 'id'), 'e');
    const text = renderDiagnostics([error, error, warn], { color: false, limit: 1 });
    expect(text).toContain('and 2 more');
    expect(text.trimEnd().split('\n').at(-1)).toBe('2 errors, 1 warning');
  });

  it('aligns carets behind tabs, wide and combining characters', () => {
    for (const before of ['\t', 'a\tb\t', '温度高: ', 'e\u0301: ', '🔥🔥 ']) {
      const source = { path: 'a.yaml', text: `${before}WRONG end\n` };
      const lines = render(diagnostic('wrong-type', at(source, 'WRONG'), 'm')).split('\n');
      const carets = lines.find((line) => line.includes('^^^')) as string;
      const shown = lines.find((line) => line.includes('WRONG')) as string;
      expect(visibleWidth(shown.slice(0, shown.indexOf('WRONG')))).toBe(carets.indexOf('^'));
      expect(
        carets.trim().endsWith('| '.trim() + ' '.repeat(carets.indexOf('^') - carets.indexOf('|') - 1) + '^^^^^'),
      ).toBe(true);
    }
  });

  it('puts one caret where the span is empty or lies behind the end', () => {
    const end = { file, start: file.text.length + 10, end: file.text.length + 20 };
    expect(render(diagnostic('wrong-type', end, 'm'))).toContain('^');
    expect(underCarets(render(diagnostic('wrong-type', { file, start: 0, end: 0 }, 'm')))).toBe('i');
  });

  it('cuts a very long line around the place, quickly', () => {
    const source = { path: 'a.yaml', text: `expr: ${'x'.repeat(5_000_000)} WRONG ${'y'.repeat(5_000_000)}\n` };
    const started = performance.now();
    const text = render(diagnostic('promql-syntax', at(source, 'WRONG'), 'm'), 80);
    expect(performance.now() - started).toBeLessThan(500);
    for (const line of text.split('\n')) expect(visibleWidth(line)).toBeLessThanOrEqual(80);
    expect(underCarets(text)).toBe('WRONG');
    expect(text).toContain('…');
  });

  it('cuts long lines of every length so that the carets stay under the place', () => {
    for (const [left, right] of [
      [0, 200],
      [50, 100],
      [100, 10],
      [119, 0],
      [200, 200],
      [1000, 3000],
      [3000, 0],
    ] as const) {
      const source = { path: 'a.yaml', text: `${'x'.repeat(left)}WRONG${'y'.repeat(right)}` };
      const text = render(diagnostic('promql-syntax', at(source, 'WRONG'), 'm'), 80);
      expect(underCarets(text), `${left} ${right}`).toBe('WRONG');
      for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    }
  });

  it('marks the lines of a longer span, and stops after some', () => {
    const source = { path: 'a.yaml', text: `expr: |-\n${'  a\n'.repeat(20)}end: 1\n` };
    const text = render(diagnostic('promql-syntax', { file: source, start: 6, end: source.text.indexOf('end') }, 'm'));
    expect(text).toContain('1 | > expr: |-\n2 | >   a\n');
    expect(text).toContain('… 15 more');
  });

  it('lets nothing through to the terminal', () => {
    const bad = `${ESC}[2J${ESC}]0;title\u0007\u009b31m\u202e\u2066\r\u0000\u200b\ufeff\u2028`;
    const source = { path: `rules/${bad}.yaml`, text: `a: "${bad}"\n` };
    const text = render(
      diagnostic('wrong-type', at(source, 'a:'), `m ${bad}`, { help: bad, notes: [{ message: bad }] }),
    );
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2066-\u2069\ufeff\u2028]/);
    expect(text).toContain('␛[2J');
    expect(visible('a\tb\nc')).toBe('a    b␊c');
  });

  it('uses colours only when it is told to', () => {
    const d = diagnostic('wrong-type', at(file, 'id'), 'm');
    expect(renderDiagnostics([d], { color: true })).toContain(`${ESC}[1;31merror[wrong-type]${ESC}[0m`);
    expect(renderDiagnostics([d], { color: false })).not.toContain(ESC);
  });

  it('shows no frame for a file that could not be read', () => {
    const gone = { path: 'rules/a.yaml', text: '' };
    expect(render(diagnostic('unreadable-file', { file: gone, start: 0, end: 0 }, 'cannot be read'))).toBe(
      'error[unreadable-file]: cannot be read\n --> rules/a.yaml\n\n1 error\n',
    );
  });
});

describe('diagnosticJson', () => {
  it('has every key, and positions from 1', () => {
    const d = diagnostic('unknown-rule', at(file, 'HighCPUUsge'), 'm', { notes: [{ message: 'n' }] });
    expect(diagnosticJson(d)).toEqual({
      code: 'unknown-rule',
      severity: 'error',
      message: 'm',
      file: 'groups/production.yaml',
      line: 3,
      col: 3,
      help: null,
      notes: [{ message: 'n', file: null, line: null, col: null }],
    });
  });
});

describe('textTable', () => {
  it('aligns columns by what is seen', () => {
    expect(
      textTable(
        ['A', 'N'],
        [
          ['温度', '5'],
          ['x', '10'],
        ],
        new Set([1]),
      ),
    ).toBe('A      N\n温度   5\nx     10\n');
  });
});
