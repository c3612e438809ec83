import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderFile } from '../../src/outputs/prometheus/prometheus.ts';
import { describeEach } from '../support/tools.ts';
import { fileOf, groupOf, nasty, ruleOf, TRICKY } from './arbitraries.ts';

/** Go's templates would run what is in braces; written like this they print it. */
const literally = (text: string): string => text.replaceAll('{{', '{{"{{"}}');

describeEach('rules of nasty texts load', 'promtool', (promtool) => {
  test('labels, annotations, names, strings of PromQL and comments', () => {
    const texts = [...TRICKY, ...fc.sample(nasty, { numRuns: 600, seed: 7 })].map((text) =>
      text.replace(/\p{Cs}/gu, ''),
    );
    const folder = mkdtempSync(join(tmpdir(), 'rulewright-outputs-'));
    try {
      const paths: string[] = [];
      for (let at = 0; at < texts.length; at += 20) {
        const rules = texts.slice(at, at + 20).map((text, i) =>
          ruleOf({
            name: `A${i}${text}`,
            expr: `up{a=${JSON.stringify(text)}} == 0`,
            labels: new Map([['severity', `x${literally(text)}`]]),
            annotations: new Map([
              ['summary', literally(text)],
              ['description', `two\n${literally(text)}`],
            ]),
            comment: [text],
          }),
        );
        const path = join(folder, `${at}.yml`);
        writeFileSync(path, renderFile(fileOf([groupOf(rules, { name: `g${texts[at]}` })], texts.slice(at, at + 2))));
        paths.push(path);
      }
      const args = ['check', 'rules', '--lint=all', '--lint-fatal', ...paths];
      const { status, stderr } = spawnSync(promtool, args, { encoding: 'utf8', timeout: 25_000 });
      expect(stderr).toBe('');
      expect(status).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
