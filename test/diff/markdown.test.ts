/** Whatever names a repository has, they are text in a report, and the report fits where it goes. */
import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { expect, test } from 'vitest';
import type { Change, ChangeKind, DiffReport } from '../../src/core/diff/report.ts';
import { CHANGE_KINDS } from '../../src/core/diff/report.ts';
import { diffJson } from '../../src/report/diff/json.ts';
import { renderDiffMarkdown } from '../../src/report/diff/markdown.ts';
import { renderDiffText } from '../../src/report/diff/text.ts';

const markdown = new MarkdownIt({ html: true, linkify: true });

/** Elements that a report has of its own. */
const OURS = new Set('h3 h4 p strong em ul li table thead tbody tr th td code pre details summary br'.split(' '));

const POISON = [
  '](http://evil.example)',
  '![x](http://evil.example/x.png)',
  '<img src=x onerror=alert(1)>',
  '</code></td></table>',
  '</details>',
  '<!-- marker -->',
  '-->',
  '`',
  '``',
  '|',
  '\\',
  '\\|',
  '@octocat',
  '@org/team',
  '#123',
  'GH-7',
  'org/repo#1',
  'deadbeefcafe',
  'www.evil.example',
  'https://evil.example',
  'mail@evil.example',
  '\n\n# title',
  '\r',
  '\u202e',
  '\u200b',
  '**',
  '_x_',
  '&lt;b&gt;',
  '&#64;',
  '~~',
  '[^1]',
  ':+1:',
  '1.',
  '- ',
  '```',
  '$x$',
];

const name = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...POISON) },
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom('x', ' ', 'Name'),
    ),
    {
      minLength: 1,
      maxLength: 5,
    },
  )
  .map((parts) => parts.join(''));

const change: fc.Arbitrary<Change> = fc
  .record({
    kind: fc.constantFrom<ChangeKind>(...CHANGE_KINDS),
    names: fc.array(name, { minLength: 8, maxLength: 8 }),
    targets: fc.array(name, { maxLength: 6 }),
    rules: fc.array(name, { maxLength: 5 }),
  })
  .map(({ kind, names, targets, rules }) => {
    const [old, now, why, path, group, condition, server, owner] = names as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    return {
      kind,
      severity: 'notice',
      message: `${rules.join(', ')} is now called ${now}: ${why}.`,
      rules,
      field: `label:${group}`,
      old,
      new: now,
      why,
      group,
      server,
      owners: [owner],
      affected: { targets, groups: [{ id: group, targets: targets.length }], regions: [condition], condition },
      place: { side: 'head', span: { file: { path, text: 'x\n' }, start: 0, end: 1 } },
    };
  });

const side = { state: 'compiled', rules: 1, evaluationsPerSecond: 1, targets: 1, errors: 0 } as const;

const reportOf = (changes: readonly Change[], names: readonly string[] = ['a', 'b']): DiffReport => ({
  base: { ...side, name: names[0] ?? '' },
  head: { ...side, name: names[1] ?? '' },
  changes,
  mended: [{ code: 'x', severity: 'warning', message: names[0] ?? '' }],
  owners: [...new Set(changes.flatMap((c) => c.owners))],
  compared: true,
  assumesInterval: false,
});

test('hostile names make no element, link or mention', () => {
  fc.assert(
    fc.property(
      fc.array(change, { minLength: 1, maxLength: 4 }),
      fc.array(name, { minLength: 2, maxLength: 2 }),
      (changes, names) => {
        const html = markdown.render(renderDiffMarkdown(reportOf(changes, names)));
        for (const [, tag] of html.matchAll(/<\/?([a-zA-Z][\w-]*)/g)) expect(OURS).toContain(tag?.toLowerCase());
        expect(html).not.toMatch(/<!--|<[a-z]+ [^>]*(?:href|src|on\w+)=/i);
        expect(balanced(html)).toBe(true);
        // Mentions and references are looked for in text that is not code.
        const text = html.replace(/<(code|pre)>[\s\S]*?<\/\1>/g, '□');
        expect(text).not.toMatch(/@\w|#\d|\bGH-\d|\b[0-9a-f]{7,}\b|www\.|:\/\/|\w@|:\+1:/);
        expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b]/);
      },
    ),
    { numRuns: 150, seed: 20261122 },
  );
});

test('hostile names move no cursor of a terminal', () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const text = renderDiffText(reportOf(changes), { color: false });
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      expect(JSON.parse(JSON.stringify(diffJson(reportOf(changes)))).changes).toHaveLength(changes.length);
    }),
    { numRuns: 60, seed: 20261122 },
  );
});

test.each([65_536, 5_000, 1_000, 100])('a long report fits into %i characters', (limit) => {
  const targets = Array.from({ length: 400 }, (_, i) => `node/machine-${String(i).padStart(4, '0')}.example.com:9100`);
  const changes = CHANGE_KINDS.flatMap((kind) =>
    Array.from(
      { length: 120 },
      (_, i): Change => ({
        kind,
        severity: 'notice',
        message: `Rule${i} changes for ${targets.length} targets, in words that take some room of their own.`,
        rules: [`Rule${i}`],
        field: 'param:threshold',
        old: String(i),
        new: String(i + 1),
        why: 'disabled by "production"',
        owners: [`team-${i}`],
        affected: { targets, groups: [{ id: 'production', targets: targets.length }], regions: [] },
      }),
    ),
  );
  const text = renderDiffMarkdown(reportOf(changes), { limit });
  expect(text.length).toBeLessThanOrEqual(limit);
  expect(text).toContain('400 targets lose cover');
  expect(balanced(markdown.render(text))).toBe(true);
  if (limit >= 1_000) expect(text).toContain('the full report is');
});

/** Whether elements are closed in the order in which they were opened. */
function balanced(html: string): boolean {
  const open: string[] = [];
  for (const [, end, tag] of html.matchAll(/<(\/?)(\w+)[^>]*>/g)) {
    if (tag === 'br') continue;
    if (end === '') open.push(tag as string);
    else if (open.pop() !== tag) return false;
  }
  return open.length === 0;
}
