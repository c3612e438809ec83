// Bundles the Action: `node action/bundle.mjs [FOLDER]` writes index.mjs and LICENSES.txt there (default: beside itself).
// One file that needs no installation on the runner; the same sources give the same bytes.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const out = resolve(process.argv[2] ?? join(root, 'action'));

/** What the bundle can do without, each with the reason. */
const left = [
  // It asks GitHub for identity tokens, which we never do, with an HTTP client of its own.
  { what: /[\\/]@actions[\\/]core[\\/]lib[\\/]oidc-utils\.js$/, text: 'export const OidcClient = undefined;' },
  // Our messages are our own: zod's in forty languages are never shown.
  { what: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/, text: "export { default as en } from './en.js';" },
];

const result = await build({
  absWorkingDir: root,
  entryPoints: ['src/action.ts'],
  outfile: join(out, 'index.mjs'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  charset: 'utf8',
  legalComments: 'none',
  metafile: true,
  write: false,
  logLevel: 'warning',
  banner: {
    js: [
      '// Bundled by `npm run action` from src/action.ts; never edited by hand. Licences of what is in it: LICENSES.txt.',
      "import { createRequire } from 'node:module';",
      'const require = createRequire(import.meta.url);',
    ].join('\n'),
  },
  plugins: [
    {
      name: 'left-out',
      setup({ onLoad }) {
        for (const { what, text } of left) onLoad({ filter: what }, () => ({ contents: text, loader: 'js' }));
      },
    },
  ],
});

mkdirSync(out, { recursive: true });
writeFileSync(join(out, 'index.mjs'), result.outputFiles[0].contents);
writeFileSync(join(out, 'LICENSES.txt'), licences(Object.keys(result.metafile.inputs)));

/** The licence of every package that the bundle holds a file of. */
function licences(inputs) {
  const folders = new Set(inputs.flatMap((path) => path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? []));
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(root, folder)).find((entry) => /^(?:licen[cs]e|copying)/i.test(entry));
    const text =
      file === undefined ? 'The package has no file with its text.' : readFileSync(join(root, folder, file), 'utf8');
    return `${name} ${version} (${license})\n\n${text.replaceAll('\r\n', '\n').trim()}\n`;
  });
  return `Packages that action/index.mjs holds code of, with their licences.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
