import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The licences of every package that a bundle holds code of; `inputs` are the bundle's, below `root`, `what` names it. */
export function licences(root, inputs, what) {
  const folders = new Set(inputs.flatMap((path) => path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? []));
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(root, folder)).find((entry) => /^(?:licen[cs]e|copying)/i.test(entry));
    const text =
      file === undefined ? 'The package has no file with its text.' : readFileSync(join(root, folder, file), 'utf8');
    return `${name} ${version} (${license})\n\n${text.replaceAll('\r\n', '\n').trim()}\n`;
  });
  return `Packages that ${what} holds code of, with their licences.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
