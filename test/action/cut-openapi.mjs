// Cuts GitHub's description of its API down to the operations that we use:
//   npm i --prefix /tmp/openapi @octokit/openapi && node test/action/cut-openapi.mjs /tmp/openapi
// The cut is committed, for the whole is 13 MB.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const USED = {
  '/repos/{owner}/{repo}/issues/{issue_number}/comments': ['get', 'post'],
  '/repos/{owner}/{repo}/issues/comments/{comment_id}': ['patch', 'delete'],
  '/repos/{owner}/{repo}/pulls': ['get', 'post'],
  '/repos/{owner}/{repo}/pulls/{pull_number}': ['patch'],
  '/repos/{owner}/{repo}/deployments': ['get'],
  '/repos/{owner}/{repo}/deployments/{deployment_id}/statuses': ['post'],
  '/repos/{owner}/{repo}/statuses/{sha}': ['post'],
  '/repos/{owner}/{repo}/releases/tags/{tag}': ['get'],
  '/repos/{owner}/{repo}/releases/assets/{asset_id}': ['get'],
  '/user': ['get'],
};
/** Words for people, which no validator reads. */
const WORDS = new Set([
  'description',
  'summary',
  'externalDocs',
  'x-github',
  'title',
  'tags',
  'deprecated',
  'x-multi-segment',
]);

const file = join(process.argv[2] ?? '.', 'node_modules/@octokit/openapi/generated/api.github.com.json');
const api = JSON.parse(readFileSync(file, 'utf8'));
const kept = {};
const queue = [];

/** A copy without words, but with the names of properties, whatever they are. */
function cut(value, inNames = false) {
  if (Array.isArray(value)) return value.map((item) => cut(item));
  if (typeof value !== 'object' || value === null) return value;
  if (typeof value.$ref === 'string') queue.push(value.$ref);
  const entries = Object.entries(value).filter(([key]) => inNames || (!WORDS.has(key) && key !== 'example'));
  return Object.fromEntries(
    entries.map(([key, inner]) => [key, key === 'value' ? inner : cut(inner, key === 'properties')]),
  );
}

const paths = {};
for (const [path, methods] of Object.entries(USED)) {
  paths[path] = Object.fromEntries(methods.map((method) => [method, cut(api.paths[path][method])]));
}
for (let ref = queue.pop(); ref !== undefined; ref = queue.pop()) {
  const [, , kind, name] = ref.split('/');
  kept[kind] ??= {};
  if (kept[kind][name] === undefined) kept[kind][name] = cut(api.components[kind][name]);
}
const components = Object.fromEntries(
  Object.entries(kept).map(([kind, all]) => [
    kind,
    Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1))),
  ]),
);
const target = new URL('github-openapi.json', import.meta.url);
const text = JSON.stringify({ openapi: api.openapi, info: { version: api.info.version }, paths, components });
writeFileSync(target, `${text}\n`);
console.error(`${text.length} bytes, ${Object.keys(components.schemas).length} schemas`);
