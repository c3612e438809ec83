import { it } from 'vitest';
import { compile } from '../../src/core/compile.ts';
import { renderFile } from '../../src/outputs/prometheus.ts';
import { renderDiagnostics } from '../../src/report/text.ts';
import { OPTIONS } from './judge.ts';
import { sourcesOf } from './write.ts';
const RULE = (expr: string, more = '') => `name: n\nrules:\n  - alert: X\n    params: { threshold: 6 }\n${more}    expr: ${expr}\n`;
const show = (files: Record<string, string>) => {
  const c = compile(sourcesOf(new Map(Object.entries(files))), OPTIONS);
  console.log(renderDiagnostics(c.diagnostics, { color: false }));
  for (const f of c.ruleSet?.files ?? []) console.log(f.fileName + '\n' + renderFile(f).replace(/^#.*\n/gm, ''));
};
it('one', () => {
  show({ 'rules/a.yaml': RULE('m > << threshold >>', '    except: [c1]\n'), 'groups/a.yaml': 'id: a\nmatch: {env: dev}\nlabels: {team: y}', 'groups/b.yaml': `id: b\nmatch: '{env!="dev"}'\nthresholds: {X: 6}`, 'groups/c.yaml': `id: c1\nmatch: '{site!~"",env=~"p.*"}'` });
  show({ 'rules/a.yaml': RULE('m > << threshold >>'), 'groups/a.yaml': `id: a\nmatch: '{tier!="gpu"}'\npriority: 2\nthresholds: {X: 2}`, 'groups/b.yaml': `id: b\nmatch: '{env=~".+"}'\npriority: 0\nthresholds: {X: 6}\ndisabled: [X]`, 'groups/c.yaml': `id: c1\npriority: 1\nmatch: '{env!="prod"}'\ndisabled: [X]` });
});
