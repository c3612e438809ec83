import { realpath } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import type { Diagnostic } from '../../core/ground/diagnostic.ts';
import type { SourceFile } from '../../core/ground/source.ts';
import { readUnitTest, type UnitTestFile } from '../../core/unit-tests/unit-tests.ts';
import type { Problem } from '../../io/problem.ts';
import { isDiagnostic, readSource } from '../../io/sources/read.ts';
import { walk } from '../../io/sources/walk.ts';

const MOST_BYTES = 8 * 1024 * 1024;

export interface ReadTests {
  readonly tests: readonly UnitTestFile[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The files that are named, or all of `tests/`. A file there that is no unit test is let be; one that is named is an error. */
export async function readTests(below: string, args: readonly string[], cwd: string): Promise<ReadTests | Problem> {
  const root = await realpath(below);
  const explicit = args.length > 0;
  const walked = explicit ? undefined : await walk(root, 'tests', (path) => /\.ya?ml$/.test(path));
  const places = walked
    ? walked.found
    : args.map((arg) => {
        const absolute = resolve(cwd, arg);
        return { path: relative(root, absolute).split(sep).join('/'), absolute };
      });
  const diagnostics: Diagnostic[] = [...(walked?.problems ?? [])];
  const tests: UnitTestFile[] = [];
  for (const { path, absolute } of places) {
    const file: SourceFile | Diagnostic = await readSource(path, absolute, MOST_BYTES);
    if (isDiagnostic(file)) {
      diagnostics.push(file);
      continue;
    }
    const read = readUnitTest(file);
    diagnostics.push(...read.diagnostics);
    if (read.test) tests.push(read.test);
    else if (explicit && read.diagnostics.length === 0) {
      return { code: 'usage', message: `${path} is no unit test: it has no \`tests:\`.` };
    }
  }
  return { tests, diagnostics };
}
