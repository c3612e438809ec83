/**
 * The documents that programs read: every field that is promised, with the kind of its value. Other fields may stand
 * beside them; one that is missing, or of another kind, breaks somebody's script.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { cliJson, folder, REPOSITORY } from './support.ts';

/** A value's kind: a name, `a|b` for several, a list of one kind, or a document of named fields. */
type Kind = string | readonly [Kind] | { readonly [field: string]: Kind };

const DIAGNOSTIC: Kind = {
  code: 'string',
  severity: 'error|warning|note',
  message: 'string',
  file: 'string|null',
  line: 'number|null',
  col: 'number|null',
  help: 'string|null',
  notes: [{ message: 'string', file: 'string|null', line: 'number|null', col: 'number|null' }],
};
const RULE: Kind = {
  id: 'string',
  name: 'string',
  severity: 'string|null',
  query: 'string',
  for_duration: 'string',
  labels: 'object',
  annotations: 'object',
  config: 'object',
  source: 'group|default|static',
  source_id: 'string',
  source_name: 'string',
  origin: 'object',
  condition: 'string|null',
};
const TARGET: Kind = { target_id: 'string', hostname: 'string', labels: 'object', rules: [RULE], total: 'number' };
const STATUS: Kind = {
  status: 'healthy|not-ready|unhealthy|unreachable',
  url: 'string',
  ready: 'boolean|null',
  healthy: 'boolean|null',
};

const CONTRACT: readonly (readonly [command: string, Kind])[] = [
  [
    'build',
    {
      groups_affected: 'number',
      files_generated: 'number',
      files_unchanged: 'number',
      files_removed: 'number',
      rules_count: 'number',
      targets_count: 'number',
      files: [{ group_id: 'string', file_name: 'string', rules_count: 'number', changed: 'boolean' }],
      errors: [DIAGNOSTIC],
      warnings: [DIAGNOSTIC],
      validated_by: 'string',
      duration: 'number',
    },
  ],
  [
    'check',
    {
      ok: 'boolean',
      errors: [DIAGNOSTIC],
      warnings: [DIAGNOSTIC],
      notes: [DIAGNOSTIC],
      stale: ['string'],
      validated_by: 'string',
    },
  ],
  [
    'files',
    {
      files: [
        { group_id: 'string', file_name: 'string', rule_count: 'number', size_bytes: 'number', modified_at: 'string' },
      ],
      total: 'number',
    },
  ],
  ['effective a:1', TARGET],
  ['effective two', { hostname: 'string', targets: [TARGET] }],
  ['status', STATUS],
  ['reload', { status: 'success|error', message: 'string|null' }],
  ['test', { ok: 'boolean', files: ['object'], errors: [DIAGNOSTIC], warnings: [DIAGNOSTIC] }],
];

/** Where a document is not of a kind. */
function faults(value: unknown, kind: Kind, at = '$'): string[] {
  if (typeof kind === 'string') {
    const is = value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value;
    const kinds = kind.split('|');
    return kinds.includes(is) || kinds.includes(String(value)) ? [] : [`${at} is ${is}, not ${kind}`];
  }
  if (Array.isArray(kind)) {
    if (!Array.isArray(value)) return [`${at} is no list`];
    return value.flatMap((item, index) => faults(item, kind[0] as Kind, `${at}[${index}]`));
  }
  if (typeof value !== 'object' || value === null) return [`${at} is no document`];
  return Object.entries(kind).flatMap(([field, of]) =>
    field in value
      ? faults((value as Record<string, unknown>)[field], of, `${at}.${field}`)
      : [`${at}.${field} is missing`],
  );
}

const TARGETS =
  '[{"targets":["a:1","two:1","two:2"],"labels":{"env":"prod"}},{"targets":["b:1"],"labels":{"env":"dev"}}]';

test.each(CONTRACT)('%s', async (command, kind) => {
  const cwd = await folder({ ...REPOSITORY, 'groups/targets/t.json': TARGETS });
  await cliJson(['build'], { cwd });
  const { json } = await cliJson(command.split(' '), { cwd });
  expect(faults(json, kind)).toEqual([]);
});

test('diagnostics, their notes among them', async () => {
  const cwd = await folder({
    ...REPOSITORY,
    'groups/live.yaml':
      'match: { env: prod, tier: a }\nthresholds: { Cpu: 70 }\n---\nid: odd\nmatch: { site: x }\nthresholds: { Cpu: 71, Dsk: 1 }\n',
  });
  const { json, code } = await cliJson(['check'], { cwd });
  expect(code).toBe(1);
  expect(faults(json['errors'], [DIAGNOSTIC])).toEqual([]);
  expect((json['errors'] as { notes: unknown[] }[]).some(({ notes }) => notes.length > 0)).toBe(true);
});

test('the judge of this test sees what is missing and what is of another kind', () => {
  expect(faults({ a: 1, c: [{}] }, { a: 'string', b: 'number', c: [{ d: 'null' }] })).toEqual([
    '$.a is number, not string',
    '$.b is missing',
    '$.c[0].d is missing',
  ]);
});

test.each([
  ['not-ready', { '/-/healthy': 200, '/-/ready': 503 }, 1],
  ['unhealthy', { '/-/healthy': 503, '/-/ready': 200 }, 2],
  ['unreachable', {}, 2],
])('a server that is %s', async (status, answers: Record<string, number>, least) => {
  const server = createServer((request, response) => {
    response.statusCode = answers[request.url ?? ''] ?? 503;
    response.end();
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  const stop = (): Promise<unknown> => new Promise((done) => server.close(done));
  if (status === 'unreachable') await stop();
  else onTestFinished(async () => void (await stop()));
  const cwd = await folder(REPOSITORY);
  const { json, code } = await cliJson(['status', '--url', `http://127.0.0.1:${port}`], { cwd });
  expect(json).toMatchObject({ status, servers: [{ status }] });
  expect(code).toBeGreaterThanOrEqual(1);
  expect(code).toBeLessThanOrEqual(least);
});
