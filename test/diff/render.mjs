// Shows Markdown as GitHub does: `node test/diff/render.mjs report.md picture.png [width]`. Needs chromium in PATH.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import MarkdownIt from 'markdown-it';

const [from, to, width = '940', height = '900'] = process.argv.slice(2);
const css = readFileSync(
  createRequire(import.meta.url).resolve('github-markdown-css/github-markdown-light.css'),
  'utf8',
);
const body = new MarkdownIt({ html: true }).render(readFileSync(from, 'utf8'));
const page = `<!doctype html><meta charset="utf-8"><style>${css}
body { margin: 16px; } .markdown-body { font-size: 14px; }</style><article class="markdown-body">${body}</article>`;
const folder = mkdtempSync(join(tmpdir(), 'render-'));
try {
  writeFileSync(join(folder, 'page.html'), page);
  execFileSync('chromium', [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--hide-scrollbars',
    `--user-data-dir=${folder}`,
    `--window-size=${width},${height}`,
    `--screenshot=${resolve(to)}`,
    join(folder, 'page.html'),
  ]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
