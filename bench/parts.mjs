/** The rows of the table: each part measures some of them. What is compared ran in the same minute on the same machine. */
import { cpSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { editThreshold, generate } from './generate.mjs';
import { sideBySide } from './jsonnet.mjs';
import { best, run } from './measure.mjs';

const node = process.execPath;
const bare = fileURLToPath(new URL('./bare.mjs', import.meta.url));
const start = () => best(20, () => run(node, ['-e', '0'], { quiet: true }));
const seconds = (value) => `${value.toFixed(value < 1 ? 3 : 2)} s`;
const times = (value) => `${value.toFixed(value < 10 ? 2 : 0)} ×`;
const mebibytes = (value) => `${Math.round(value / 2 ** 20)} MiB`;

/** Builds a repository with the program; nothing is remembered unless `env` says so. */
const build = ({ program }, cwd, { env = { RULEWRIGHT_CACHE: 'off' }, args = ['build', '--timings'] } = {}) =>
  run(node, [program, ...args], { cwd, env });

const clear = (folder) => rmSync(folder, { recursive: true, force: true });

const stage = (ran, name) => Number(new RegExp(`^${name} +([\\d.]+)`, 'm').exec(ran.stderr)?.[1] ?? Number.NaN);

function sizeOf(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.reduce((sum, e) => sum + (e.isFile() ? statSync(join(e.parentPath, e.name)).size : 0), 0);
}

const row = (work, reach, measured, met, data) => ({ work, reach, measured, met, data });

function million({ small }) {
  return { groups: small ? 100 : 1000, rules: 1000, share: 1 };
}

export const PARTS = {
  start(context) {
    const floor = start();
    const version = best(20, () => run(node, [context.program, '--version'], { quiet: true }));
    const check = (env) =>
      best(20, () => run(node, [context.program, 'check'], { quiet: true, cwd: context.root, env, allow: [0, 1] }));
    const off = { PROMETHEUS_VALIDATE_RULES: 'false' };
    const cold = check({ ...off, RULEWRIGHT_CACHE: 'off' });
    check({ ...off, ...context.env });
    const warm = check({ ...off, ...context.env });
    const ratio = (ran) => ran.cpu / floor.cpu;
    return [
      row('rulewright --version, against node -e 0', '≤ 1.5 ×', times(ratio(version)), ratio(version) <= 1.5, {
        floor,
        version,
      }),
      row('check on the example repository, nothing remembered', '≤ 6 ×', times(ratio(cold)), ratio(cold) <= 6, {
        floor,
        cold,
      }),
      row('the same, remembered', '≤ 6 ×', times(ratio(warm)), ratio(warm) <= 6, { warm }),
    ];
  },

  usual(context) {
    const root = generate(join(context.home, 'usual'), { groups: 1000, rules: 1000, share: 0.03 });
    const floor = start();
    const ran = best(
      2,
      () => build(context, root),
      () => clear(join(root, 'dist')),
    );
    rmSync(root, { recursive: true });
    const over = ran.cpu - floor.cpu;
    return [
      row(
        '1,000 groups, 1,000 rules, 3 % declared: full build over Node’s start',
        '≤ 1 s',
        `${seconds(over)} of CPU, ${seconds(ran.wall - floor.wall)} by the clock`,
        over <= 1,
        { ran },
      ),
    ];
  },

  overlap(context) {
    const root = generate(join(context.home, 'overlap'), { groups: 1, rules: 1000, share: 0, overlaps: 1000 });
    const floor = start();
    const ran = build(context, root, { args: ['check', '--sources', '--timings'] });
    rmSync(root, { recursive: true });
    const over = ran.cpu - floor.cpu;
    return [row('overlap check, 1,000 groups on 5 labels', '≤ 2 s', seconds(over), over <= 2, { ran })];
  },

  effective(context) {
    const targets = context.small ? 10_000 : 100_000;
    const root = generate(join(context.home, 'effective'), { groups: 1000, rules: 1000, share: 0.03, targets });
    const ran = build(context, root, { env: context.env });
    const work = stage(ran, 'writing what is in effect');
    const size = sizeOf(join(root, 'dist/effective'));
    const ask = (env) => run(node, [context.program, 'effective', 'node-77.example.com'], { cwd: root, env });
    const one = best(3, () => ask(context.env));
    const cold = ask({ RULEWRIGHT_CACHE: 'off' });
    rmSync(root, { recursive: true });
    const what = `effective rules, ${targets.toLocaleString('en')} targets × 1,000 rules × 1,000 groups`;
    return [
      row(what, '≤ 5 s in all', `${seconds(work)} beside the build of ${seconds(ran.wall - work)}`, work <= 5, { ran }),
      row('dist/effective', '≤ 20 MB', `${(size / 1e6).toFixed(1)} MB`, size <= 20e6, { size }),
      row(
        'one target from the command line',
        '≤ 0.5 s',
        `${seconds(one.wall)} after a build of these sources; ${seconds(cold.wall)} where nothing is remembered`,
        one.wall <= 0.5,
        { one, cold },
      ),
    ];
  },

  diff(context) {
    const shape = { groups: context.small ? 100 : 1000, rules: 100, share: 1 };
    const before = generate(join(context.home, 'before'), shape);
    const after = join(context.home, 'after');
    cpSync(before, after, { recursive: true });
    editThreshold(after, shape, 5, 7, 55);
    const built = build(context, before);
    const ran = run(node, [context.program, 'diff', before, after], { cwd: after, env: { RULEWRIGHT_CACHE: 'off' } });
    for (const folder of [before, after]) rmSync(folder, { recursive: true });
    const ratio = ran.cpu / built.cpu;
    return [
      row(
        `diff of one threshold at ${(shape.groups * 100).toLocaleString('en')} instances, against a build`,
        '≤ 1.5 ×',
        times(ratio),
        ratio <= 1.5,
        { built, ran },
      ),
    ];
  },

  promtool(context) {
    if (!context.promtool) return [];
    const shape = { groups: 10, rules: 1000, share: 1, promtool: true };
    const root = generate(join(context.home, 'promtool'), shape);
    const env = { ...context.env, PROMTOOL_PATH: context.promtool };
    const first = build(context, root, { env });
    editThreshold(root, shape, 5, 7, 55);
    const second = build(context, root, { env });
    rmSync(root, { recursive: true });
    const ratio = second.cpu / first.cpu;
    return [
      row(
        'promtool on a release of 10,000 rules of which one changed, against all of it',
        'only what changed',
        `${times(ratio)} of the CPU (${seconds(second.cpu)} for ${seconds(first.cpu)})`,
        ratio < 0.5,
        { first, second },
      ),
    ];
  },

  linear(context) {
    const each = [10, 100, 1000].slice(0, context.small ? 2 : 3).map((groups) => {
      const shape = { groups, rules: 1000, share: 1 };
      if (groups === 1000) shape.rules = 100;
      const root = generate(join(context.home, 'linear'), shape);
      const ran = build(context, root);
      rmSync(root, { recursive: true });
      return { instances: shape.groups * shape.rules, cpu: ran.cpu, wall: ran.wall };
    });
    const per = each.map(
      ({ instances, cpu }) => `${((cpu / instances) * 1e6).toFixed(1)} µs at ${instances.toLocaleString('en')}`,
    );
    const [first, second] = each;
    const grows = second.cpu / first.cpu / (second.instances / first.instances);
    return [
      row(
        'the same shape at 10,000 and 100,000 instances',
        'no faster than the instances',
        per.join(', '),
        grows <= 1,
        { each },
      ),
    ];
  },

  million(context) {
    const shape = million(context);
    const instances = shape.groups * shape.rules;
    const root = generate(join(context.home, 'million'), shape);
    const out = join(root, 'bare');
    const numbers = [shape.groups, shape.rules, shape.share].map(String);
    const floor = best(
      2,
      () => run(node, [bare, root, out, ...numbers]),
      () => clear(out),
    );
    const full = build(context, root, { env: context.env });
    const same = run('diff', ['-rq', join(root, 'dist'), out], { allow: [0, 1] }).code === 0;
    clear(out);
    const settle = build(context, root, { env: context.env });
    const again = best(3, () => build(context, root, { env: context.env }));
    const edit = (index) => editThreshold(root, shape, 5, 7, 100 + index);
    const one = best(3, () => build(context, root, { env: context.env }), edit);
    const wrote = /^1 written/m.test(one.stderr);
    const rows = [
      row(
        `full build, ${instances.toLocaleString('en')} instances, ${(sizeOf(join(root, 'dist')) / 1e6).toFixed(0)} MB, against a bare program`,
        '≤ 3 ×',
        `${times(full.cpu / floor.cpu)} the CPU, ${times(full.wall / floor.wall)} by the clock${same ? '' : ', BUT NOT THE SAME BYTES'}`,
        same && full.wall / floor.wall <= 3,
        { floor, full },
      ),
      row('its memory', '≤ 1 GiB', mebibytes(full.rss), full.rss <= 2 ** 30, { rss: full.rss }),
      row(
        'nothing changed, against the full build',
        '≤ 15 %',
        `${((again.wall / full.wall) * 100).toFixed(0)} % (${seconds(again.wall)}; the first time, reading all of dist/, ${seconds(settle.wall)})`,
        again.wall / full.wall <= 0.15,
        { again, settle },
      ),
      row(
        'one threshold of one group changed, against nothing changed',
        '≤ 1.3 ×, one file',
        `${times(one.wall / again.wall)} (${seconds(one.wall)}), ${wrote ? 'one file' : 'NOT ONE FILE'}`,
        wrote && one.wall / again.wall <= 1.3,
        { one },
      ),
    ];
    if (context.promtool) {
      const files = Array.from({ length: 10 }, (_, group) => join(root, `dist/rules/group-g${group}.yml`));
      const judged = run(context.promtool, ['check', 'rules', ...files]);
      const all = (judged.wall / (10 * shape.rules)) * instances;
      rows.push(
        row(
          'against promtool check rules on the result (10,000 rules measured, scaled)',
          '≥ 50 ×',
          `${times(all / full.wall)} (promtool: ${seconds(all)})`,
          all / full.wall >= 50,
          { judged },
        ),
      );
    }
    rmSync(root, { recursive: true });
    return rows;
  },

  jsonnet: sideBySide,
};
