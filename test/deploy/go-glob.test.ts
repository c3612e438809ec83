import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { goGlob } from '../../src/core/ground/go-glob.ts';
import { temporaryFolder } from '../support/paths.ts';
import { promtoolOrSkip } from '../support/tools.ts';

/** Names and patterns that meet each of Go's rules, and what one would trip over. */
const NAMES = [
  ...[
    'a.yml',
    'b.yml',
    'ab.yml',
    '.a.yml',
    'a.yaml',
    'a-b.yml',
    'a]b.yml',
    'a[b.yml',
    'a*b.yml',
    'a\\b.yml',
    'a^b.yml',
  ],
  ...['é.yml', '😀.yml', 'z.rules', 'group-x.yml', '.rulewright', 'aXb.yml', 'A.yml', '-.yml', ']a.yml', 'a,b.yml'],
  ...['d/a.yml', 'd/.a.yml', '.d/a.yml', 'd/e/a.yml'],
];
const PATTERNS = [
  ...[
    '*',
    '*.yml',
    '?.yml',
    '??.yml',
    'a*.yml',
    '*a*b*',
    '.*',
    '[ab].yml',
    '[a-c].yml',
    '[^a].yml',
    '[!a].yml',
    '[]a].yml',
  ],
  ...[
    '[a-].yml',
    '[-a].yml',
    '[\\-a].yml',
    '[a\\]]*.yml',
    'a\\*b.yml',
    'a\\\\b.yml',
    '[a',
    'a[',
    '\\',
    '*[',
    '[^]a].yml',
  ],
  ...[
    'a?b.yml',
    'a[*]b.yml',
    'a[^*]b.yml',
    '[é].yml',
    '[a-é].yml',
    '[😀].yml',
    '**.yml',
    '*.y*ml',
    '*.{yml,yaml}',
    '[^',
  ],
  ...['[z-a].yml', '[a-cx-z].*', '*[^.]yml', '?rulewright', '[.]*', 'a.yml', '\\a.yml', '[a-\\', '*\\', '*\\l', '[]'],
  ...[
    'd/*.yml',
    '?/*.yml',
    '?d/*',
    './/d//*.yml',
    'd/../*.yml',
    'd/?/*',
    '?/?/*',
    '[d]/*',
    'd/*/*',
    '*/a.yml',
    'missing.yml',
  ],
];

test('a glob matches what promtool finds with it', (context) => {
  const promtool = promtoolOrSkip(context);
  const folder = temporaryFolder();
  for (const below of ['rules/d/e', 'rules/.d']) mkdirSync(join(folder, below), { recursive: true });
  for (const name of NAMES) writeFileSync(join(folder, 'rules', name), 'groups: []\n');
  const wrong: string[] = [];
  let refused = 0;
  let matched = 0;
  for (const pattern of PATTERNS) {
    const path = `${folder}/rules/${pattern}`;
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify({ rule_files: [path] }));
    // Some patterns take a directory for a file, and promtool complains of it, but of nothing that it has not found.
    const { stdout, stderr } = spawnSync(promtool, ['check', 'config', join(folder, 'prometheus.yml')], {
      encoding: 'utf8',
    });
    if (/invalid rule file path|syntax error in pattern/.test(stderr)) {
      refused += 1;
      continue;
    }
    const checked = [...stdout.matchAll(/^Checking (.*)$/gm)].map(([, file]) => file);
    for (const name of NAMES) {
      const found = checked.includes(join(folder, 'rules', name));
      if (found) matched += 1;
      const said = goGlob(path, join(folder, 'rules', name));
      if (said !== found) wrong.push(`${pattern} ${name}: we say ${said}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(refused).toBeLessThan(20);
  expect(matched).toBeGreaterThan(150);
});

test('a malformed glob matches nothing', () => {
  for (const pattern of ['[a', 'a[', '\\', '*[', '[]a]', '[-a]', '[a-]', '[^', '[]']) {
    for (const name of ['a', '-', '[', ']', '\\', pattern])
      expect([pattern, name, goGlob(pattern, name)]).toEqual([pattern, name, false]);
  }
});

test('a relative glob is not an absolute one', () => {
  expect(goGlob('rules/*.yml', '/rules/a.yml')).toBe(false);
  expect(goGlob('/rules/*.yml', '/rules/a.yml')).toBe(true);
  expect(goGlob('/rules/a.yml', '/rules/./a.yml')).toBe(true);
});
