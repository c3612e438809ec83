import type { DistTree } from '../../io/git/publish.ts';
import type { Prepared } from '../build/prepare.ts';

/** The `dist/` that a repository compiles to. `below` is the repository's folder in the work tree, "" where it is the top. */
export function distTree({ releases, former }: Prepared, below: string): DistTree {
  const folder = [...below.split(/[\\/]/).filter((part) => part !== ''), 'dist'].join('/');
  const all = [...releases, ...former];
  const files = all.flatMap(({ prefix, plan }) => [
    ...plan.files.map((file) => ({ path: `${folder}/${prefix}rules/${file.fileName}`, parts: () => file.parts() })),
    ...manifestOf(`${folder}/${prefix}manifest.json`, plan.manifest.text),
  ]);
  const removed = all.flatMap(({ prefix, plan }) => [
    ...plan.removed.map((file) => `${folder}/${prefix}rules/${file.fileName}`),
    ...(plan.manifest.text === undefined ? [`${folder}/${prefix}manifest.json`] : []),
  ]);
  return { folder, files, removed };
}

function manifestOf(path: string, text: string | undefined): DistTree['files'] {
  return text === undefined ? [] : [{ path, parts: () => [text] }];
}
