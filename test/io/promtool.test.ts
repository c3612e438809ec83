import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SourceFile } from '../../src/core/ground/source.ts';
import type { CompiledRule, RuleFile } from '../../src/core/model/ruleset.ts';
import type { ReleaseFile } from '../../src/io/dist/stage.ts';
import { checkRules, findPromtool, type Promtool } from '../../src/io/promtool/promtool.ts';
import { parsePromtool } from '../../src/io/promtool/promtool-output.ts';
import { renderFile } from '../../src/outputs/prometheus/prometheus.ts';
import { promtoolDiagnostics } from '../../src/report/promtool.ts';
import { describeEach } from '../support/tools.ts';

const SOURCE: SourceFile = {
  path: 'rules/a.yaml',
  text: Array.from({ length: 30 }, (_, i) => `line ${i + 1}\n`).join(''),
};

/** A rule that stands in line `line` of the source. */
function rule(line: number, name: string, expr: string, more: Partial<CompiledRule> = {}): CompiledRule {
  const start = SOURCE.text.indexOf(`line ${line}\n`);
  return {
    kind: 'alert',
    name,
    expr,
    labels: new Map(),
    annotations: new Map(),
    comment: [],
    span: { file: SOURCE, start, end: start + 4 },
    origin: new Map(),
    ...more,
  };
}

function ruleFile(fileName: string, ...rules: CompiledRule[]): RuleFile {
  const span = { file: SOURCE, start: 0, end: 0 };
  const groups = [{ name: 'g "1": x', labels: new Map<string, string>(), rules, span }];
  return { fileName, groupId: 'g', ruleCount: rules.length, sources: [SOURCE.path], ruleGroups: () => groups };
}

function released(files: readonly RuleFile[]): ReleaseFile[] {
  return files.map((file) => ({ ...file, parts: () => [renderFile(file)] }));
}

let root: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'rw-promtool-')));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** A program that stands in for promtool: it answers `--version`, and `body` is what a check does. */
async function script(body: string): Promise<Promtool> {
  const path = join(root, 'promtool');
  await writeFile(
    path,
    `#!/bin/sh\nif [ "$1" = --version ]; then echo "promtool, version 2.42.0+ds (x)"; exit; fi\n${body}\n`,
  );
  await chmod(path, 0o755);
  return { path, version: '2.42.0' };
}

describeEach('promtool', 'promtool', (path) => {
  const good = ruleFile('group-good.yml', rule(1, 'Good', 'up == 0'));
  const bad = ruleFile(
    'group-bad.yml',
    rule(2, 'Fine', 'up == 0'),
    rule(3, 'Multi', 'sum(up)\n+ ('),
    rule(4, 'Quo"te: 1:2: x', 'up >'),
    rule(5, 'Template', 'up', { annotations: new Map([['summary', '{{ $foo }}']]) }),
    rule(6, 'Label', 'up', { labels: new Map([['a', '{{ nofn }}']]) }),
    rule(7, 'in-valid', 'up', { kind: 'record', labels: new Map([['__name__', 'x']]) }),
  );
  const twice = ruleFile(
    'group-twice.yml',
    rule(8, 'Twice', 'up', { labels: new Map([['a', 'x: y']]) }),
    rule(9, 'Twice', 'up', { labels: new Map([['a', 'x: y']]) }),
    rule(10, 'Twice', 'up'),
  );
  const duration = ruleFile('group-duration.yml', rule(11, 'Duration', 'up', { for: '5' }));

  async function judge(files: readonly RuleFile[]): Promise<string[]> {
    const found = await findPromtool(path, root, { PATH: process.env['PATH'] });
    if (!('path' in found)) throw new Error(found.message);
    expect(found.version).toMatch(/^\d+\.\d+\.\d+$/);
    const complaints = await checkRules(found, released(files), { PATH: process.env['PATH'] });
    if ('message' in complaints) throw new Error(complaints.message);
    return promtoolDiagnostics(complaints, files, found.version).map(
      (d) => `${d.severity} ${1 + SOURCE.text.slice(0, d.span.start).split('\n').length - 1} ${d.message}`,
    );
  }

  it('passes what is right', async () => {
    expect(await judge([good])).toEqual([]);
    expect(await judge([])).toEqual([]);
    expect(await judge(Array.from({ length: 450 }, (_, i) => ({ ...good, fileName: `group-g${i}.yml` })))).toEqual([]);
  });

  it('leads each complaint back to its line in the sources', async () => {
    const said = await judge([good, bad, twice, duration]);
    expect(said).toEqual([
      expect.stringMatching(/^error 3 .*"Multi".*could not parse expression.*unclosed left parenthesis/),
      expect.stringMatching(/^error 4 .*"Quo\\"te: 1:2: x".*unexpected end of input/),
      expect.stringMatching(/^error 5 .*"Template".*undefined variable "\$foo"/),
      expect.stringMatching(/^error 6 .*"Label".*function "nofn" not defined/),
      // The 3.x line takes any UTF-8 for a name, so that it has one complaint less here.
      ...Array.from({ length: said.length - 6 }, () => expect.stringMatching(/^error 7 .*"in-valid"/)),
      expect.stringMatching(/^error 9 .*"Twice".*same static labels/),
      expect.stringMatching(/^error 1 .*group-duration\.yml.*not a valid duration string/),
    ]);
    expect([7, 8]).toContain(said.length);
  });

  it('only warns of duplicates in a rule file that is used as it is', async () => {
    expect(await judge([{ ...twice, fileName: 'static-x.yml' }])).toEqual([expect.stringMatching(/^warning 9 /)]);
  });

  it('is found by name in PATH, and not by a relative entry there', async () => {
    await symlink(path, join(root, basename(path) === 'promtool' ? 'promtool' : 'promtool'));
    expect(await findPromtool('promtool', join(root, 'repo'), { PATH: '.:bin' })).toMatchObject({
      code: 'environment',
    });
    await mkdir(join(root, 'repo'));
    expect(await findPromtool('promtool', join(root, 'repo'), { PATH: `:${root}` })).toMatchObject({
      path: join(root, 'promtool'),
    });
    expect(await findPromtool(path, join(root, 'repo'), {})).toMatchObject({ path });
    expect(dirname(path)).not.toBe(root);
  });
});

describe('a promtool that cannot be trusted', () => {
  const files = released([ruleFile('group-a.yml', rule(1, 'A', 'up'))]);

  it('does not know the lint: no pass', async () => {
    const promtool = await script(
      'echo "WARNING: unknown lint option all"; echo "Checking 0.yml"; echo "  SUCCESS: 1 rules found"',
    );
    expect(await checkRules(promtool, files, {})).toMatchObject({
      message: expect.stringContaining('does not know the lint option'),
    });
  });

  it('says nothing, fails without a word, crashes: no verdict', async () => {
    for (const body of [
      'exit 0',
      'exit 1',
      'exit 3',
      'exit 77',
      'kill -9 $$',
      'echo "promtool: error: unknown long flag" >&2; exit 1',
    ]) {
      const result = await checkRules(await script(body), files, { PATH: process.env['PATH'] });
      expect(result, body).toMatchObject({ code: 'environment', message: expect.stringContaining('no verdict') });
    }
  });

  it('is no promtool, is missing, or lies in the repository', async () => {
    await writeFile(join(root, 'echo'), '#!/bin/sh\necho hello\n');
    await chmod(join(root, 'echo'), 0o755);
    const env = { PROMTOOL_PATH: 'x' };
    expect(await findPromtool('./echo', root, env)).toMatchObject({
      message: expect.stringContaining('does not answer as promtool'),
    });
    expect(await findPromtool('./none', root, env)).toMatchObject({
      message: expect.stringContaining('was not found'),
    });
    expect(await findPromtool('promtool', root, {})).toMatchObject({
      message: expect.stringContaining('was not found'),
    });
    await script('');
    expect(await findPromtool('./promtool', root, env)).toMatchObject({ version: '2.42.0' });
    expect(await findPromtool('./promtool', root, {})).toMatchObject({
      message: expect.stringContaining('inside of the repository'),
    });
    // The rules may be a folder of it, and the program lie beside them.
    const [rules, program] = [join(root, 'deep/rules'), join(root, 'promtool')];
    await mkdir(rules, { recursive: true });
    for (const folder of ['objects', 'refs']) await mkdir(join(root, '.git', folder), { recursive: true });
    await writeFile(join(root, '.git/HEAD'), 'ref: refs/heads/main\n');
    for (const [wanted, around] of [
      ['../../promtool', {}],
      [program, {}],
      ['promtool', { PATH: root }],
    ] as const) {
      expect(await findPromtool(wanted, rules, around)).toMatchObject({
        message: expect.stringContaining('inside of the repository'),
      });
    }
    expect(await findPromtool(program, rules, env)).toMatchObject({ version: '2.42.0' });
  });
});

describe('parsePromtool', () => {
  it('reads complaints without a file by the order of the failed ones', () => {
    const stdout = 'Checking 0.yml\n  SUCCESS: 1 rules found\n\nChecking 1.yml\n\nChecking 2.yml\n\n';
    const stderr =
      '  FAILED:\nlint error 1 duplicate rule(s) found.\nMetric: A\nLabel(s):\n\tsite: x\nMight cause inconsistency while recording expressions\n  FAILED:\n2.yml: yaml: unmarshal errors:\n  line 3: field foo not found in type rulefmt.Rule\n';
    const { complaints, passed } = parsePromtool(stdout, stderr, ['0.yml', '1.yml', '2.yml']);
    expect([...passed]).toEqual([0]);
    expect(complaints).toMatchObject([
      { file: 1, name: 'A', lint: true, labels: new Map([['site', 'x']]) },
      { file: 2, line: 3, lint: false, message: expect.stringContaining('field foo not found') },
    ]);
  });
});
