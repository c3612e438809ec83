import type { DiffInput } from '../core/diff/diff.ts';
import type { Loaded } from '../io/sources/load.ts';
import { openWatch } from '../io/watch.ts';
import { identities } from '../outputs/table.ts';
import { style } from '../report/color.ts';
import { plural } from '../report/text.ts';
import { visible } from '../report/visible.ts';
import { build } from './build.ts';
import { type Call, EXIT, type ExitCode, type Io, isProblem, useColor } from './context.ts';
import { fail } from './fail.ts';
import { listen } from './interrupt.ts';
import { loadRepository, rootProblem } from './repository.ts';
import { say } from './say.ts';

/** Paths that are named where many changed. */
const MOST_PATHS = 5;
/** Rules in a release above which a change is told by files, not by targets: comparing takes as long as compiling. */
const MOST_COMPARED = 20_000;

/** Builds, then builds again whenever a source changes, and tells what the change does. Ends when asked to. */
export async function watch(call: Call, io: Io): Promise<ExitCode> {
  const { globals } = call;
  if (globals.format === 'json') {
    const message = 'watch speaks to people: it has no JSON.';
    return fail({ code: 'usage', message, help: 'For programs: rulewright build --format json.' }, call, io);
  }
  const missing = await rootProblem(globals.root);
  if (missing) return fail(missing, call, io);

  const interrupt = listen(io, () => undefined);
  let others: readonly string[] = [];
  const sources = openWatch(globals.root, {
    others: () => others,
    sleep: interrupt.sleep,
    stopped: () => interrupt.signal !== undefined,
  });
  const styles = style(useColor(globals, io, io.stderr));
  try {
    const first = await buildNow(call, io);
    let { code } = first;
    let state = await stateOf(first.loaded, io);
    others = othersOf(first.loaded) ?? others;
    say(
      styles.dim(
        `Watching rulewright.yaml, rules/, groups/ and templates/ of ${visible(globals.root)}; Ctrl-C ends it.`,
      ),
      globals,
      io,
    );
    for (;;) {
      const changed = await sources.next();
      if (!changed) break;
      say(`\n${styles.bold(`${clock(io)} ${namesOf(changed)}`)}`, globals, io);
      const before = code;
      const built = await buildNow(call, io);
      code = built.code;
      others = othersOf(built.loaded) ?? others;
      if (before !== EXIT.ok && code === EXIT.ok) say(styles.added('Mended: the sources compile again.'), globals, io);
      if (code !== EXIT.ok) continue;
      const now = await stateOf(built.loaded, io);
      if (state?.input && now?.input) await tell(state.input, now.input, call, io);
      // What broke is compared with what last compiled.
      state = now ?? state;
    }
    say('No longer watching.', globals, io);
    return EXIT.ok;
  } finally {
    sources.close();
    interrupt.close();
  }
}

/** What a build reads, or could not read, that perhaps lies outside of the folders of sources; undefined: it read nothing. */
function othersOf(loaded: Loaded | undefined): readonly string[] | undefined {
  return loaded && [...loaded.inventory, ...loaded.problems.map(({ span }) => span)].map(({ file }) => file.path);
}

interface State {
  /** Undefined where there is too much to compare. */
  readonly input?: DiffInput;
}

/** Builds, and gives the very sources that were built: by now there may be newer ones, whose turn comes next. */
async function buildNow(call: Call, io: Io): Promise<{ code: ExitCode; loaded: Loaded | undefined }> {
  let loaded: Loaded | undefined;
  const code = await build(call, io, async (globals) => {
    const read = await loadRepository(globals, io);
    if (!isProblem(read)) loaded = read;
    return read;
  });
  return { code, loaded };
}

/** What was built, ready to be compared; undefined where it could not be read. */
async function stateOf(loaded: Loaded | undefined, io: Io): Promise<State | undefined> {
  if (!loaded) return undefined;
  // Two values for each of so many rules could be in as many places.
  if (loaded.groups.reduce((sum, { text }) => sum + text.length, 0) > MOST_COMPARED * 20) return {};
  const { compileSide } = await import('./diff/sides.ts');
  const input = compileSide({ name: `as of ${clock(io)}`, loaded }, io);
  return { input };
}

async function tell(before: DiffInput, now: DiffInput, call: Call, io: Io): Promise<void> {
  const [{ diffReport }, { renderDiffText }] = await Promise.all([
    import('../core/diff/diff.ts'),
    import('../report/diff/text.ts'),
  ]);
  const report = diffReport(before, now, identities);
  if (report.changes.length === 0) return say('The change has no consequences.', call.globals, io);
  say(renderDiffText(report, { color: useColor(call.globals, io, io.stderr) }).trimEnd(), call.globals, io);
}

function namesOf(paths: readonly string[]): string {
  const names = paths.slice(0, MOST_PATHS).map(visible).join(', ');
  return paths.length > MOST_PATHS ? `${plural(paths.length, 'file')} changed: ${names}, …` : `${names} changed`;
}

/** The time of day where the machine is, as HH:MM:SS. */
const clock = (io: Io): string => new Date(io.now()).toTimeString().slice(0, 8);
