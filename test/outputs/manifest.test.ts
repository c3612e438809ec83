import { expect, test } from 'vitest';
import { manifest } from '../../src/outputs/manifest.ts';

const entry = (file: string) => ({ file, group_id: 'g', rule_count: 2, size_bytes: 3, sha256: 'ab' });

test('a manifest is JSON, sorted by path, one line a file', () => {
  const text = manifest([entry('rules/group-b.yml'), entry('rules/group-a.yml')]);
  expect(text).toBe(`{
  "version": 1,
  "files": [
    {"file":"rules/group-a.yml","group_id":"g","rule_count":2,"size_bytes":3,"sha256":"ab"},
    {"file":"rules/group-b.yml","group_id":"g","rule_count":2,"size_bytes":3,"sha256":"ab"}
  ]
}
`);
  expect(JSON.parse(text).files).toHaveLength(2);
});

test('a manifest of nothing', () => {
  expect(JSON.parse(manifest([]))).toEqual({ version: 1, files: [] });
});
