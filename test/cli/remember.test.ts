import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { promtoolOrSkip } from '../support/tools.ts';
import { cli, cliJson, folder, put, REPOSITORY, type Surroundings } from './support.ts';

/** A repository with a cache of its own, on a clock that goes. */
async function remembering(
  files: Readonly<Record<string, string>> = {},
): Promise<{ root: string; around: Surroundings }> {
  const root = await folder({ ...REPOSITORY, ...files });
  return { root, around: { cwd: root, env: { RULEWRIGHT_CACHE: await folder() }, now: Date.now } };
}

/** Whether a run compiled anything. */
const compiled = (stderr: string): boolean => stderr.includes('parsing the sources');

describe('what is remembered', () => {
  it('is told again, word for word, and to check as well', async () => {
    const { root, around } = await remembering({
      'groups/empty.yaml': 'match: { env: prod, site: x }\nthresholds: { Cpu: 90 }\npriority: 1\n',
      'groups/targets/t.json': '[{"targets":["a:1"],"labels":{"env":"prod"}}]',
    });
    const first = await cliJson(['build', '--timings'], around);
    expect(compiled(first.stderr)).toBe(true);
    expect(first.json['warnings']).not.toEqual([]);
    const second = await cliJson(['build', '--timings'], around);
    expect(compiled(second.stderr)).toBe(false);
    const told = ({ errors, warnings, notes, targets_count, rules_count }: Record<string, unknown>): object => {
      return { errors, warnings, notes, targets_count, rules_count };
    };
    expect(told(second.json)).toEqual(told(first.json));
    const checked = await cliJson(['check', '--timings'], around);
    expect(compiled(checked.stderr)).toBe(false);
    expect(checked.json).toMatchObject({ ok: true, stale: [], warnings: first.json['warnings'] });
    expect((await cli(['check', '--strict'], around)).code).toBe(1);
    await writeFile(join(root, 'dist/rules/group-foreign.yml'), 'groups: []\n');
    expect((await cliJson(['check'], around)).json['warnings']).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: 'foreign-file' })]),
    );
  });

  it('is worth nothing where dist/ was touched, and what lies there is mended', async () => {
    const { root, around } = await remembering();
    await cli(['build'], around);
    const rules = join(root, 'dist/rules/group-production.yml');
    const text = await readFile(rules, 'utf8');
    for (const path of [rules, join(root, 'dist/manifest.json'), join(root, 'dist/effective/index.json')]) {
      expect(compiled((await cli(['build', '--timings'], around)).stderr), path).toBe(false);
      const whole = await readFile(path);
      // As many bytes as before, in the same moment.
      await writeFile(path, Buffer.concat([whole.subarray(0, -2), Buffer.from('#\n')]));
      if (!path.includes('effective')) expect((await cli(['check'], around)).code, path).toBe(1);
      await cli(['build'], around);
      expect((await readFile(path)).equals(whole), path).toBe(true);
    }
    await rm(rules);
    await cli(['build'], around);
    expect(await readFile(rules, 'utf8')).toBe(text);
  });

  it('hangs on the day, the environment, the place and the cache', async () => {
    const { around } = await remembering();
    await cli(['build'], around);
    const env = { ...around.env };
    const anew = async (argv: readonly string[], other: Surroundings): Promise<boolean> =>
      compiled((await cli([...argv, '--timings'], { ...around, ...other })).stderr);
    expect(await anew(['build'], {})).toBe(false);
    expect(await anew(['build'], { now: () => Date.now() + 86_400_000 })).toBe(true);
    expect(await anew(['build'], { env: { ...env, PROMETHEUS_URL: 'http://other:9090' } })).toBe(true);
    expect(await anew(['build', '--out', 'elsewhere'], {})).toBe(true);
    expect(await anew(['build'], { env: { ...env, RULEWRIGHT_CACHE: 'off' } })).toBe(true);
    expect(await anew(['build', '--group', 'production'], {})).toBe(true);
  });
});

describe('promtool', { timeout: 60_000 }, () => {
  const files = { 'rulewright.yaml': 'version: 1\n', 'groups/targets/t.json': '[]' };

  it('is shown what changed, and nothing else', async (context) => {
    const { root, around } = await remembering(files);
    const env = { ...around.env, PROMTOOL_PATH: promtoolOrSkip(context) };
    const passed = async (): Promise<string[]> => {
      const place = join(around.env?.['RULEWRIGHT_CACHE'] ?? '', 'v1/promtool');
      const [name] = await readdir(place);
      return (await readFile(join(place, name as string), 'utf8')).split('\n').filter((line) => line !== '');
    };
    expect((await cliJson(['build'], { ...around, env })).json['validated_by']).toMatch(/^promtool 2/);
    expect(await passed()).toHaveLength(3);
    await put(root, { 'groups/production.yaml': 'match: { env: prod }\nthresholds: { Cpu: 91 }\n' });
    expect((await cliJson(['build'], { ...around, env })).json['files_generated']).toBe(1);
    expect(await passed()).toHaveLength(4);
    // With dist/ gone all must be written, but promtool has seen it all.
    await rm(join(root, 'dist'), { recursive: true });
    await cli(['build'], { ...around, env });
    expect(await passed()).toHaveLength(4);
  });

  it('is asked each time where it is a script, which may start anything', async () => {
    const { root, around } = await remembering(files);
    const script = join(root, '../', `promtool-${process.pid}`);
    const log = `${script}.log`;
    const answer =
      'for f in "$@"; do case $f in *.yml) echo "Checking $f"; echo "  SUCCESS: 1 rules found"; esac; done';
    await writeFile(
      script,
      `#!/bin/sh\n[ "$1" = --version ] && { echo "promtool, version 2.42.0"; exit; }\necho x >> ${log}\n${answer}\n`,
    );
    await chmod(script, 0o755);
    const env = { ...around.env, PROMTOOL_PATH: script, PATH: '/usr/bin:/bin' };
    for (const times of [1, 2]) {
      expect((await cliJson(['build'], { ...around, env })).json['validated_by']).toBe('promtool 2.42.0');
      expect(await readFile(log, 'utf8')).toBe('x\n'.repeat(times));
    }
    await Promise.all([rm(script), rm(log)]);
  });
});
