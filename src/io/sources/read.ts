import { constants, open } from 'node:fs/promises';
import type { Diagnostic } from '../../core/ground/diagnostic.ts';
import { diagnostic } from '../../core/ground/diagnostic.ts';
import type { SourceFile } from '../../core/ground/source.ts';
import { errno, errnoText } from '../problem.ts';

const MEBIBYTE = 1024 * 1024;

/**
 * Reads one source. `path` is what diagnostics call it (relative, with `/`), `absolute` where it is,
 * `limit` the most bytes that are read. A byte order mark is taken off; CRLF stays as it is.
 */
export async function readSource(path: string, absolute: string, limit: number): Promise<SourceFile | Diagnostic> {
  try {
    // Opening a named pipe for reading would wait for a writer, perhaps for ever; without waiting it can be looked at.
    const handle = await open(absolute, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await handle.stat();
      if (stat.isDirectory()) return unreadable(path, 'is a directory, where a file belongs', 'Rename the directory.');
      if (!stat.isFile()) {
        return unreadable(path, 'is not a regular file (a pipe, a socket or a device)', 'Put a regular file there.');
      }
      if (stat.size > limit) return tooLarge(path, stat.size, limit);
      const bytes = await handle.readFile();
      return bytes.length > limit ? tooLarge(path, bytes.length, limit) : decode(path, bytes);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const help =
      errno(error) === 'EACCES' || errno(error) === 'EPERM' ? `Make it readable: chmod a+r '${path}'.` : undefined;
    return unreadable(path, `cannot be read: ${errnoText(error)}`, help);
  }
}

/** An `unreadable-file` diagnostic: `what` goes on after the path. */
export function unreadable(path: string, what: string, help?: string): Diagnostic {
  const message = `${path} ${what}. Every rule in it would be missing, so nothing is compiled.`;
  return diagnostic('unreadable-file', startOf({ path, text: '' }), message, { help });
}

/** True where `readSource` found something wrong. */
export function isDiagnostic(value: SourceFile | Diagnostic): value is Diagnostic {
  return 'severity' in value;
}

function startOf(file: SourceFile): Diagnostic['span'] {
  return { file, start: 0, end: 0 };
}

/** A `file-too-large` diagnostic; sizes in bytes. */
export function tooLarge(path: string, size: number, limit: number): Diagnostic {
  const mib = (bytes: number): string => (bytes / MEBIBYTE).toFixed(1).replace(/\.0$/, '');
  const message = `${path} has ${mib(size)} MiB; a file of this kind may have ${mib(limit)} MiB.`;
  return diagnostic('file-too-large', startOf({ path, text: '' }), message, {
    help: 'Split it into several files: all of them are read.',
  });
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

/** The text of a source's bytes, or what is wrong with it. */
export function decode(path: string, bytes: Buffer): SourceFile | Diagnostic {
  let text: string;
  try {
    text = strict.decode(bytes);
  } catch {
    return notUtf8(path, bytes);
  }
  if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
  const nul = text.indexOf('\0');
  if (nul < 0) return { path, text };
  return diagnostic(
    'control-character',
    { file: { path, text }, start: nul, end: nul + 1 },
    'A NUL byte: this is no text file, or it was damaged on its way here.',
    { help: 'Delete the byte; if the file came from a tool, have it write UTF-8.' },
  );
}

/** Points at the first byte that isn't UTF-8: the lines before it are decoded to find its place. */
function notUtf8(path: string, bytes: Buffer): Diagnostic {
  const file = { path, text: lenient.decode(bytes).replace(/^\ufeff/, '') };
  const sixteen = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  const at = sixteen ? 0 : firstInvalid(bytes);
  return diagnostic(
    'control-character',
    { file, start: at, end: Math.min(at + 1, file.text.length) },
    sixteen ? 'This file is written in UTF-16; sources are UTF-8.' : 'A byte that is not UTF-8; sources are UTF-8.',
    { help: `Save it as UTF-8, or convert it: iconv -f ${sixteen ? 'UTF-16' : 'LATIN1'} -t UTF-8.` },
  );
}

/** UTF-16 offset, without a byte order mark, of the first invalid byte. */
function firstInvalid(bytes: Buffer): number {
  let offset = 0;
  for (let from = 0; from < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, from);
    const line = bytes.subarray(from, newline < 0 ? bytes.length : newline + 1);
    try {
      offset += strict.decode(line).length;
    } catch {
      // A replacement character that was written as such decodes from three bytes and is valid: step over it.
      const text = lenient.decode(line);
      let column = text.indexOf('\ufffd');
      while (column >= 0 && isWritten(line, text, column)) column = text.indexOf('\ufffd', column + 1);
      offset += Math.max(0, column);
      break;
    }
    from += line.length;
  }
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return Math.max(0, offset - (mark ? 1 : 0));
}

function isWritten(line: Uint8Array, text: string, column: number): boolean {
  const before = Buffer.byteLength(text.slice(0, column));
  return line[before] === 0xef && line[before + 1] === 0xbf && line[before + 2] === 0xbd;
}
