// Compiles the program: `node scripts/compile.mjs [FOLDER]` writes what is published (default: build/), and clears it before.
//
// Loading some four hundred modules one by one takes longer than compiling most repositories, so they are put together:
// cli.js, which knows the commands and starts at once, and chunks that are loaded with the command that needs them.
// Nothing is minified: a stack must be readable at 3 a.m., and measured, it gains nothing.
import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { licences } from './licences.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const out = resolve(process.argv[2] ?? join(root, 'build'));

/** Stands for the build's own name until that is known. */
const PLACEHOLDER = 'rulewright-build-'.padEnd(64, '0');

const { metafile, outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ['src/cli.ts'],
  outdir: out,
  bundle: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  charset: 'utf8',
  legalComments: 'none',
  define: { RULEWRIGHT_BUILD: JSON.stringify(PLACEHOLDER) },
  metafile: true,
  write: false,
  logLevel: 'warning',
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
  },
});

// Two builds of equal sources have one name: what the cache keeps of one is true of the other.
const hash = createHash('sha256');
for (const { path, contents } of outputFiles) hash.update(path.slice(out.length)).update(contents);
const name = hash.digest('hex');

// A folder beside it changes places with the old one, so that nobody who starts the program meets a half.
const made = `${out}.${process.pid}.new`;
const old = `${out}.${process.pid}.old`;
for (const { path, text } of outputFiles) {
  const target = join(made, path.slice(out.length));
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text.replaceAll(PLACEHOLDER, name));
}
writeFileSync(join(made, 'LICENSES.txt'), licences(root, Object.keys(metafile.inputs), 'the program'));
try {
  renameSync(out, old);
} catch (error) {
  if (error.code !== 'ENOENT') throw error;
}
renameSync(made, out);
rmSync(old, { recursive: true, force: true });
