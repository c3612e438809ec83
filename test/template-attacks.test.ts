import { hostname } from 'node:os';
import { describe, expect, test } from 'vitest';
import { compileFolder } from './support/compile.ts';
import { repository } from './support/repository.ts';

/** Long enough for a busy machine; a loop without measure would take for ever. */
const PATIENCE_MS = 10_000;

/** Ways out of a template that are known for nunjucks, and loops without measure. */
const attacks = [
  '<< range.constructor("return process")() >>',
  '<< "".constructor.constructor("return process")() >>',
  '<< threshold.constructor >>',
  '<< threshold["con" + "structor"] >>',
  '<< threshold.__proto__.polluted >>',
  '<< [].filter.constructor("return globalThis")() >>',
  '<< {}.constructor >>',
  '<< cycler.constructor("return process")() >>',
  '<< joiner("").constructor >>',
  '<< process.env.PATH >>',
  '<< globalThis >>',
  '<< require("fs") >>',
  '<% include "/etc/hostname" %>',
  '<% import "../rules/node.yaml" as x %>',
  '<% import "/etc/hostname" as x %>',
  '<% extends "../../x.njk" %>',
  '<% set x = range %><< x.constructor >>',
  '<% macro m() %><% endmacro %><< m.constructor("return process")() >>',
  '<< ("a" | list).constructor >>',
  '<< "x" | attr("constructor") >>',
  '<% for i in range(1000000000) %>1<% endfor %>',
  '<% for a in range(9999) %><% for b in range(9999) %>1<% endfor %><% endfor %>',
  '<% macro f() %><< f() >><% endmacro %><< f() >>',
  '<< "x" | center(1000000000) >>',
  '<< "x" | indent(1000000000) >>',
];

describe('templates are data', () => {
  test.each(attacks)('%s', { timeout: PATIENCE_MS }, async (attack) => {
    const text = `rules:\n  - alert: Down\n    params: { threshold: 0 }\n    expr: ${JSON.stringify(`up == ${attack} 0`)}\n`;
    const { diagnostics, files: compiled } = await compileFolder(repository({ 'rules/node.yaml': text }));
    const codes = diagnostics.map(({ code }) => code);
    expect(codes.filter((code) => /^template-/.test(code))).not.toEqual([]);
    expect(compiled.size).toBe(0);
    // Not even a message may tell what lies outside.
    if (hostname().length > 3)
      expect(JSON.stringify(diagnostics.map(({ message }) => message))).not.toContain(hostname());
  });
});
