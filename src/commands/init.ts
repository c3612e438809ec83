import { lstat, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { initRepository, type MadeRepository } from '../io/git/init.ts';
import { errno, fsProblem, type Problem } from '../io/problem.ts';
import { visible } from '../report/visible.ts';
import { type Call, EXIT, type ExitCode, type Io, isProblem, writeJson } from './context.ts';
import { fail } from './fail.ts';
import { EMPTY, EXAMPLE, GIT_FILES } from './init/files.ts';
import { say } from './say.ts';
import { schemaTexts } from './schema.ts';

/** Writes a small repository that compiles. If any of its files exists, nothing is written. */
export async function init(call: Call, io: Io): Promise<ExitCode> {
  const { globals } = call;
  const root = resolve(globals.root, call.args[0] ?? '.');
  const empty = call.options['empty'] === true;
  const files = new Map(Object.entries(empty ? EMPTY : EXAMPLE));
  for (const [name, text] of schemaTexts()) files.set(`schema/${name}`, text);
  const conflicts: string[] = [];
  const missing: string[] = [];
  try {
    for (const path of files.keys()) if (await exists(join(root, path))) conflicts.push(path);
    for (const [path, lines] of Object.entries(GIT_FILES)) {
      const text = (await exists(join(root, path))) ? await readFile(join(root, path), 'utf8') : undefined;
      if (text === undefined) files.set(path, `${lines.join('\n')}\n`);
      else
        missing.push(...lines.filter((line) => !text.split(/\r?\n/).includes(line)).map((line) => `${path}: ${line}`));
    }
  } catch (error) {
    return fail(fsProblem(error, 'cannot read', root), call, io);
  }
  if (conflicts.length > 0) {
    if (globals.format === 'json') writeJson(io, { ...call.empty, root, conflicts });
    else {
      io.stderr.write(`Nothing was written, for these files exist in ${visible(root)}:\n`);
      for (const path of conflicts) io.stderr.write(`  ${path}\n`);
      io.stderr.write('Start in another directory: rulewright init DIR.\n');
    }
    return EXIT.failed;
  }

  const created: string[] = [];
  for (const path of [...files.keys()].sort()) {
    const problem = await create(join(root, path), files.get(path) as string);
    if (problem && isProblem(problem)) return fail(problem, call, io);
    created.push(path);
  }
  const git = await initRepository(root, io.env);
  if (typeof git === 'object') return fail(git, call, io);
  if (globals.format === 'json') writeJson(io, { root, created, conflicts: [], git, errors: [] });
  else sayNextSteps(root, { created, missing, git, empty }, call, io);
  return EXIT.ok;
}

interface Made {
  readonly created: readonly string[];
  /** Lines that files of git's need which were there. */
  readonly missing: readonly string[];
  readonly git: MadeRepository;
  readonly empty: boolean;
}

function sayNextSteps(root: string, { created, missing, git, empty }: Made, call: Call, io: Io): void {
  const { globals } = call;
  const way = relative(io.cwd, root);
  for (const path of created) say(`+ ${visible(join(way, path))}`, globals, io);
  const top = way === '' ? '.' : visible(way);
  if (git === 'made')
    say(`+ ${visible(join(way, '.git/'))}  ${top} is a git repository now; nothing is committed yet`, globals, io);
  if (git === 'no-git') say('There is no git here, by which a change is compared with what was before.', globals, io);
  say('', globals, io);
  if (missing.length > 0)
    say(`Add these lines to files that you have already:\n  ${missing.join('\n  ')}\n`, globals, io);
  const here = way === '' ? '' : ` -C ${visible(way)}`;
  if (empty) {
    say(
      `Next: bring your rules and your targets (docs/start.md has it step by step),\n  rulewright${here} adopt /etc/prometheus/rules\n  rulewright${here} inventory pull --url http://localhost:9090\nor copy file_sd files to ${visible(join(way, 'groups/targets/'))}.`,
      globals,
      io,
    );
    return;
  }
  say(
    `Next: change a number in groups/production.yaml, then\n  rulewright${here} build\nand read what it writes to dist/rules/.`,
    globals,
    io,
  );
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    // A file where a directory must be is met again, with its name, when the directory is made.
    if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return false;
    throw error;
  }
}

/** A new file; one that came into being meanwhile is not overwritten. */
async function create(path: string, text: string): Promise<Problem | undefined> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx' });
    return undefined;
  } catch (error) {
    return fsProblem(error, 'cannot write', path);
  }
}
