import { describe, expect, it } from 'vitest';
import { type Inputs, readInputs } from '../../src/commands/action/inputs.ts';
import { isBranchName } from '../../src/io/git/job.ts';
import { inert, type Runner } from '../../src/io/github/runner.ts';
import type { Problem } from '../../src/io/problem.ts';
import { type Remark, shownRemarks } from '../../src/report/action/annotations.ts';
import { deploySummary } from '../../src/report/action/deploy.ts';
import { code } from '../../src/report/action/text.ts';

/** The inputs, or what is wrong with them. */
function inputs(given: Readonly<Record<string, string>>): Inputs | Problem {
  const event = { workspace: '/work/space' } as Runner['event'];
  const runner = { event, input: (name: string) => given[name] ?? '' } as Runner;
  return readInputs(runner, { RUNNER_TEMP: '/tmp/runner' });
}

describe('inputs', () => {
  it('have their defaults', () => {
    expect(inputs({ command: 'preview' })).toMatchObject({
      root: '/work/space',
      prefix: '',
      promtool: 'path',
      comment: true,
      dist: 'checked',
      strict: false,
      reportDirectory: '/tmp/runner/rulewright-report',
      branch: 'rulewright/dist',
      servers: [],
    });
    expect(inputs({ command: 'deploy', root: 'a/b', servers: 'seoul, oslo' })).toMatchObject({
      prefix: 'a/b/',
      servers: ['seoul', 'oslo'],
    });
  });

  it.each([
    ['command', ''],
    ['command', 'previw'],
    ['root', '../elsewhere'],
    ['root', '/etc'],
    ['base', '--output=x'],
    ['base', 'HEAD:rules'],
    ['branch', 'a..b'],
    ['branch', '-x'],
    ['branch', 'a b'],
    ['promtool', '3.5'],
    ['promtool', '../promtool'],
    ['promtool-sha256', 'abc'],
    ['comment', 'yes'],
    ['dist', 'fresh'],
  ])('%s is not %j', (name, value) => {
    const problem = inputs({ command: 'preview', [name]: value });
    expect(problem).toMatchObject({ code: 'usage', message: `The input \`${name}\` is ${JSON.stringify(value)}.` });
    expect((problem as Problem).help).toMatch(/^It (?:is|has) .*\.$/);
  });
});

it('takes for a branch only what is no option, range, pattern or lock', () => {
  for (const name of ['main', 'rulewright/dist', 'release-1.2', 'a_b']) expect(isBranchName(name), name).toBe(true);
  for (const name of [
    '',
    '-d',
    'a..b',
    'a//b',
    '/a',
    'a/',
    'a.lock',
    'a/.b',
    'x y',
    'a~1',
    'a^',
    'a:b',
    'a*',
    '@{u}',
    'HEAD',
  ]) {
    expect(isBranchName(name), name).toBe(false);
  }
});

it('lets the runner read no line of the log as a command', () => {
  const text = '::error::a\n  ::add-mask::b\r::c::d\u2028::e::f\nmiddle ##[error]g\n\t::stop-commands::h';
  for (const line of inert(text).split('\n')) expect(line).not.toMatch(/^\s*::|##\[/);
  expect(inert('a :: b, c::d, #[e')).toBe('a :: b, c::d, #[e');
});

it('shows of each level what GitHub shows, the last one saying how many more there are', () => {
  const of = (level: Remark['level'], n: number): Remark[] =>
    Array.from({ length: n }, (_, i) => ({ level, title: `${level} ${i}`, message: 'm' }));
  const all = [...of('notice', 11), ...of('error', 25), ...of('warning', 10), ...of('error', 3)];
  const shown = shownRemarks(all, 'See the summary.');
  const titles = (level: string): string[] => shown.filter((one) => one.level === level).map((one) => one.title);
  expect(shown.map((one) => one.level)).toEqual([
    ...Array(10).fill('error'),
    ...Array(10).fill('warning'),
    ...Array(10).fill('notice'),
  ]);
  expect(titles('error').slice(-2)).toEqual(['error 8', '… and 16 more errors']);
  expect(titles('warning').at(-1)).toBe('warning 9');
  expect(titles('notice').at(-1)).toBe('… and 2 more notices');
});

it('writes names as inert code', () => {
  const name = '](x) <img src=x> @o/all `\n**b** #1 | \u202e https://x.example';
  const shown = code(name);
  expect(shown).toMatch(/^<code>[^<>`@|*#\u202e\n]*(?:&#\d+;[^<>`@|*\u202e\n]*)*<\/code>$/);
  expect(shown).not.toContain('https:');
});

describe('the summary of a deploy', () => {
  it('tells what failed, and names nothing that could give orders', () => {
    const told = deploySummary(
      {
        status: 'error',
        servers: [
          {
            name: '<b>',
            status: 'undone',
            release: 'abc',
            previous: 'def',
            now: 'def',
            message: 'No | way',
            changes: [{ kind: 'create', file_name: '`x`' }],
          },
        ],
        errors: [{ message: '<b>: No | way', help: 'Look.' }],
      },
      false,
    );
    expect(told).toMatchObject({ sentence: '<b>: No | way', changed: false, errors: [{ help: 'Look.' }] });
    expect(told.markdown).toContain('## The rules are not released');
    const cells = ['abc', 'def', 'def', '–'].map((cell) => `<code>${cell}</code>`).join(' | ');
    expect(told.markdown).toContain(` | ${cells} | failed and undone |`);
    expect(told.releases).toEqual(['def']);
    expect(told.markdown).not.toMatch(/<b>|`x`/);
  });

  it.each([undefined, null, [], 'x', { servers: 3, errors: {} }, { servers: [null, 1] }])(
    'makes do with %j',
    (result) => {
      expect(deploySummary(result, false).sentence).toBe('The deploy failed; the log says why.');
      expect(deploySummary(result, true).releases).toEqual([]);
    },
  );
});
