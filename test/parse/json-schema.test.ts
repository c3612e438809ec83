import { expect, test } from 'vitest';
import { jsonSchemas } from '../../src/core/parse/schema/json-schema.ts';

test('each kind of source has a schema whose every key is explained', () => {
  const schemas = jsonSchemas();
  expect(Object.keys(schemas)).toEqual([
    'rules.schema.json',
    'group.schema.json',
    'template.schema.json',
    'rulewright.schema.json',
  ]);
  const unexplained: string[] = [];
  const walk = (at: string, schema: unknown): void => {
    if (typeof schema !== 'object' || schema === null) return;
    for (const [key, value] of Object.entries(schema)) {
      if (key === 'properties' && !at.endsWith('.default')) {
        for (const [name, property] of Object.entries(value as Record<string, { description?: string }>)) {
          if (!property.description) unexplained.push(`${at}.${name}`);
        }
      }
      if (key !== 'examples' && key !== 'default') walk(`${at}.${key}`, value);
    }
  };
  for (const [name, schema] of Object.entries(schemas)) walk(name, schema);
  expect(unexplained).toEqual(unexplained.filter((path) => path.endsWith('prometheus')));
});

test('a schema is plain JSON and says which draft it is', () => {
  for (const schema of Object.values(jsonSchemas())) {
    expect(JSON.parse(JSON.stringify(schema))).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
    });
  }
});
