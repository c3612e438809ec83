import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { hasErrors } from '../core/ground/diagnostic.ts';
import { lineRef } from '../core/ground/source.ts';
import { ownership } from '../core/owners/owners.ts';
import { placeInGit } from '../io/git/repository.ts';
import { environmentProblem, errno, fsProblem, type Problem } from '../io/problem.ts';
import { writeWhole } from '../io/write-file.ts';
import { canBeNamed, ownersBlock, withBlock } from '../report/codeowners.ts';
import { plural } from '../report/text.ts';
import { visible } from '../report/visible.ts';
import { compileRepository } from './build/prepare.ts';
import { type Call, EXIT, type ExitCode, type Io, isProblem, writeJson } from './context.ts';
import { fail } from './fail.ts';
import { say, sayDiagnostics } from './say.ts';

/** Where GitHub looks for the file, in this order. */
const PLACES = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'];

/** Shows, checks or writes the lines of a CODEOWNERS file that the owners of rules and groups come to. */
export async function owners(call: Call, io: Io): Promise<ExitCode> {
  const { globals, options } = call;
  const read = await compileRepository(globals, io);
  if (isProblem(read)) return fail(read, call, io);
  const { diagnostics, program } = read.compiled;
  const top = await topOf(globals.root, io);
  const found = await findFile(call, io, top);
  if (isProblem(found)) return fail(found, call, io);
  const { path, text } = found;
  const { files, unknown } = ownership(program);
  const below = relative(top, globals.root).replaceAll('\\', '/');
  const block = ownersBlock(files, below === '' ? '' : `${below}/`);
  const wanted = withBlock(text ?? '', block);
  if (wanted === undefined) {
    const help = 'Leave one pair of the lines `# rulewright: begin` and `# rulewright: end`, in this order.';
    return fail(environmentProblem(`The marks of our block in ${path} are not one pair.`, help), call, io);
  }
  // Rules with errors are left out of the program, so that their owners would be lost.
  const broken = hasErrors(diagnostics);
  // Where nobody is named, a file that isn't there lacks nothing.
  const stale = wanted !== text && (text !== undefined || files.length > 0);
  const writing = options['write'] === true && stale && !broken;
  if (writing) {
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeWhole(path, wanted, io.pid);
    } catch (error) {
      return fail(fsProblem(error, 'cannot write', path), call, io);
    }
  }
  const unnamed = files.filter((file) => !canBeNamed(file.path)).map((file) => file.path);
  const poor = unknown.length + unnamed.length > 0;
  const ok = !broken && !(options['check'] === true && stale) && !(globals.strict && poor);
  if (globals.format === 'json') {
    const names = unknown.map(({ owner, span }) => ({ owner, place: lineRef(span) }));
    writeJson(io, { ok, file: path, stale: stale && !writing, files, unknown: names, unnamed, errors: [] });
    return ok ? EXIT.ok : EXIT.failed;
  }
  if (broken) sayDiagnostics(diagnostics, globals, io);
  for (const { owner, span } of unknown) {
    const help = 'name it under `owners:` in rulewright.yaml';
    say(
      `warning: nobody on GitHub is known for the owner ${visible(owner)} (${visible(lineRef(span))}): ${help}`,
      globals,
      io,
    );
  }
  for (const name of unnamed)
    say(`warning: no pattern of CODEOWNERS can name ${visible(name)}: rename it`, globals, io);
  const shown = visible(relative(io.cwd, path) || path);
  if (broken) say('The sources have errors, so that nobody can say who owns them.', globals, io);
  else if (options['check'] === true && stale)
    io.stderr.write(`${shown} is not as the owners say: run \`rulewright owners --write\`.\n`);
  else if (options['check'] === true) say(`${shown} is up to date: ${plural(files.length, 'file')}`, globals, io);
  else if (options['write'] === true)
    say(`${shown} ${writing ? 'written' : 'is up to date'}: ${plural(files.length, 'file')}`, globals, io);
  else io.stdout.write(block);
  return ok ? EXIT.ok : EXIT.failed;
}

/** The top of the work tree, which patterns start from; the repository itself where there is no git. */
async function topOf(root: string, io: Io): Promise<string> {
  const place = await placeInGit(root, io.env);
  if (isProblem(place) || place.prefix === '') return root;
  return resolve(root, ...place.prefix.split('/').map(() => '..'));
}

async function findFile(
  { args }: Call,
  io: Io,
  top: string,
): Promise<{ readonly path: string; readonly text: string | undefined } | Problem> {
  const places = args[0] === undefined ? PLACES.map((place) => join(top, place)) : [resolve(io.cwd, args[0])];
  try {
    for (const path of places) {
      const text = await readFile(path, 'utf8').catch((error: unknown) => {
        if (errno(error) === 'ENOENT') return undefined;
        throw error;
      });
      if (text !== undefined) return { path, text };
    }
    return { path: places[0] ?? top, text: undefined };
  } catch (error) {
    return fsProblem(error, 'cannot read', places[0] ?? top);
  }
}
