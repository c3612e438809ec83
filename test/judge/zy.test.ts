import { it } from 'vitest';
import { compile } from '../../src/core/compile.ts';
import { renderFile } from '../../src/outputs/prometheus.ts';
import { renderDiagnostics } from '../../src/report/text.ts';
import { OPTIONS } from './judge.ts';
import { sourcesOf } from './write.ts';

const RULE = (expr: string, more = '') =>
  `name: n\nrules:\n  - alert: X\n    params: { threshold: 6 }\n${more}    expr: ${expr}\n`;
const show = (files: Record<string, string>) => {
  const c = compile(sourcesOf(new Map(Object.entries(files))), OPTIONS);
  console.log(renderDiagnostics(c.diagnostics, { color: false }));
  for (const f of c.ruleSet?.files ?? []) console.log(f.fileName + '\n' + renderFile(f).replace(/^#.*\n/gm, ''));
};
it('one', () => {
  show({
    'rules/a.yaml': RULE('m > << threshold >>'),
    'groups/a.yaml':
      'id: a\nmatch: {env: prod}\nthresholds: {X: {threshold: 2, where: [{id: bulk, match: {queue: bulk}, threshold: 3}]}}',
    'groups/b.yaml': `id: b\nparent: a\nmatch: {tier: gpu}\nthresholds: {X: {threshold: 4, where: [{id: bulk, match: {queue: mail}, threshold: 5}]}}`,
  });
  show({
    'rules/a.yaml': RULE('m > << threshold >>'),
    'rulewright.yaml': 'version: 1\nmetrics: {m: {labels: [site]}}',
    'groups/a.yaml': 'id: a\nmatch: {env: prod}\ndisabled: [X]',
  });
  show({
    'rules/a.yaml': RULE('m > << threshold >>', '    only: [a]\n'),
    'rulewright.yaml': 'version: 1\nmetrics: {m: {labels: [site]}}',
    'groups/a.yaml': 'id: a\nmatch: {env: prod}',
  });
  show({
    'rules/a.yaml': RULE('sum(m) > << threshold >>'),
    'groups/a.yaml':
      'id: a\nmatch: {env: prod}\nlabels: {team: x}\noverrides: {"*": {for: 10m}}\n---\nid: b\nparent: a\nmatch: {tier: gpu}\nthresholds: {X: 7}',
  });
});
