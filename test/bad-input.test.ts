/** Bad input that git can't hold as a case: odd bytes, odd files, and sizes meant to exhaust the machine. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Code } from '../src/core/ground/codes.ts';
import { hasErrors } from '../src/core/ground/diagnostic.ts';
import { positionAt } from '../src/core/ground/source.ts';
import { compileFolder } from './support/compile.ts';
import { repository } from './support/repository.ts';
import { onPath } from './tools/places.mjs';

const rule = 'rules:\n  - alert: Down\n    expr: up == 0\n    labels: { severity: critical }\n';
const valid = { 'rules/node.yaml': rule };

/** Long enough for a busy machine, short enough to tell that something grew with the square of the input. */
const PATIENCE_MS = 10_000;

interface Bad {
  readonly name: string;
  readonly code: Code;
  /** The file that the diagnostic must point into. */
  readonly path: string;
  /** Sources that stand beside a valid rule file. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** What can't be said as files. */
  readonly prepare?: (root: string) => void;
  /** Where this can't be tried. */
  readonly skip?: boolean;
}

const bytes = (...parts: (string | number)[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))));
const inRules = (text: string | Uint8Array): Record<string, string | Uint8Array> => ({ 'rules/bad.yaml': text });
const isRoot = process.getuid?.() === 0;

/** An alias bomb: nine lists of nine, each of the one before: 9^9 scalars. */
const bomb = [
  'a0: &a0 [x, x, x, x, x, x, x, x, x]',
  ...Array.from({ length: 8 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`),
  'rules: *a8',
].join('\n');

const files: readonly Bad[] = [
  {
    name: 'a NUL byte',
    code: 'control-character',
    path: 'rules/bad.yaml',
    files: inRules(rule.replace('Down', 'D\0n')),
  },
  {
    name: 'bytes that are not UTF-8',
    code: 'control-character',
    path: 'rules/bad.yaml',
    files: inRules(bytes('rules: # ', 0xff, '\n')),
  },
  {
    name: 'UTF-16',
    code: 'control-character',
    path: 'rules/bad.yaml',
    files: inRules(Buffer.from(`\ufeff${rule}`, 'utf16le')),
  },
  {
    name: 'an escape sequence of a terminal',
    code: 'control-character',
    path: 'rules/bad.yaml',
    files: inRules(rule.replace('Down', 'D\u001b[2Jn')),
  },
  {
    name: 'flow lists nested 20,000 deep',
    code: 'yaml-too-deep',
    path: 'rules/bad.yaml',
    files: inRules(`rules: ${'['.repeat(20_000)}`),
  },
  {
    name: 'closed flow lists nested 20,000 deep',
    code: 'yaml-too-deep',
    path: 'rules/bad.yaml',
    files: inRules(`rules: ${'['.repeat(20_000)}${']'.repeat(20_000)}`),
  },
  {
    name: 'block lists nested 20,000 deep',
    code: 'yaml-too-deep',
    path: 'rules/bad.yaml',
    files: inRules(`rules:\n  ${'- '.repeat(20_000)}x\n`),
  },
  { name: 'an alias bomb', code: 'yaml-alias', path: 'rules/bad.yaml', files: inRules(bomb) },
  { name: 'an alias of itself', code: 'yaml-alias', path: 'rules/bad.yaml', files: inRules('rules: &a [*a]\n') },
  {
    name: 'megabytes',
    code: 'file-too-large',
    path: 'rules/bad.yaml',
    files: inRules(`${rule}${'# filler\n'.repeat(600_000)}`),
  },
  { name: 'an empty file', code: 'empty-file', path: 'rules/bad.yaml', files: inRules('') },
  { name: 'a file of comments', code: 'empty-file', path: 'rules/bad.yaml', files: inRules('# nothing yet\n') },
  {
    name: 'a directory in the place of a rule file',
    code: 'unreadable-file',
    path: 'rules/bad.yaml',
    prepare: (root) => mkdirSync(join(root, 'rules/bad.yaml')),
  },
  {
    name: 'a directory in the place of the settings',
    code: 'unreadable-file',
    path: 'rulewright.yaml',
    prepare: (root) => mkdirSync(join(root, 'rulewright.yaml')),
  },
  {
    name: 'a file in the place of a folder',
    code: 'unreadable-file',
    path: 'groups',
    files: { groups: 'id: production\n' },
  },
  {
    name: 'a link to nowhere',
    code: 'unreadable-file',
    path: 'rules/bad.yaml',
    prepare: (root) => symlinkSync('nowhere.yaml', join(root, 'rules/bad.yaml')),
  },
  {
    name: 'a link out of the repository',
    code: 'path-outside-repository',
    path: 'rules/bad.yaml',
    prepare: (root) => symlinkSync('/etc/hostname', join(root, 'rules/bad.yaml')),
  },
  {
    name: 'a named pipe',
    code: 'unreadable-file',
    path: 'rules/bad.yaml',
    prepare: (root) => void execFileSync('mkfifo', [join(root, 'rules/bad.yaml')]),
    skip: onPath('mkfifo') === undefined,
  },
  {
    name: 'a file that may not be read',
    code: 'unreadable-file',
    path: 'rules/bad.yaml',
    prepare: (root) => {
      writeFileSync(join(root, 'rules/bad.yaml'), rule);
      chmodSync(join(root, 'rules/bad.yaml'), 0);
    },
    // Nothing is unreadable to root.
    skip: isRoot,
  },
  {
    name: 'paths that differ in case only',
    code: 'path-clash',
    path: 'rules/node.yaml',
    files: { 'rules/Node.yaml': 'rules:\n  - alert: Other\n    expr: up == 1\n' },
    skip: process.platform !== 'linux',
  },
];

describe('files', () => {
  for (const bad of files) {
    test.skipIf(bad.skip ?? false)(`${bad.name}: ${bad.code}`, { timeout: PATIENCE_MS }, async () => {
      const root = repository({ ...valid, ...bad.files });
      bad.prepare?.(root);
      const { diagnostics, files: compiled } = await compileFolder(root);
      const found = diagnostics.filter(({ code }) => code === bad.code);
      expect(diagnostics.map(({ code }) => code)).toContain(bad.code);
      expect(found.map(({ span }) => span.file.path)).toContain(bad.path);
      for (const { span, message } of diagnostics) {
        expect(positionAt(span.file, span.start).line).toBeGreaterThanOrEqual(1);
        expect(message).toMatch(/^\S.*\S$/s);
        expect(message.length).toBeLessThan(2000);
      }
      if (hasErrors(diagnostics)) expect(compiled.size).toBe(0);
    });
  }
});

describe('odd, and fine', () => {
  test('a byte order mark and CRLF change nothing', async () => {
    const plain = await compileFolder(repository(valid));
    const odd = await compileFolder(repository({ 'rules/node.yaml': `\ufeff${rule.replaceAll('\n', '\r\n')}` }));
    expect(odd.text).toBe('');
    expect(Object.fromEntries(odd.files)).toEqual(Object.fromEntries(plain.files));
    expect(plain.files.size).toBe(1);
  });

  test('an error in a file with CRLF and a byte order mark is reported at its line and column', async () => {
    const text = `\ufeff${rule.replace('expr:', 'exprr:').replaceAll('\n', '\r\n')}`;
    const { text: said } = await compileFolder(repository({ 'rules/node.yaml': text }));
    expect(said).toContain('rules/node.yaml:3:5');
  });

  test('empty folders, and none at all', async () => {
    const empty = repository({ 'rules/.keep': '', 'groups/.keep': '', 'templates/.keep': '' });
    for (const root of [empty, repository({ 'README.md': '' })]) {
      const { diagnostics, files: compiled } = await compileFolder(root);
      expect(hasErrors(diagnostics)).toBe(false);
      expect(compiled.size).toBe(0);
    }
  });

  test('every bad file is reported at once', async () => {
    const broken = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`rules/bad-${i}.yaml`, 'rules: [\n']));
    const { diagnostics } = await compileFolder(repository({ ...valid, ...broken }));
    expect(new Set(diagnostics.map(({ span }) => span.file.path))).toEqual(new Set(Object.keys(broken)));
  });
});
