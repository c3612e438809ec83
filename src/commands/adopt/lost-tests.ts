import type { Compiled } from '../../core/compile.ts';
import { meantFiles } from '../../core/unit-tests/unit-tests.ts';
import { visible } from '../../report/visible.ts';
import { isProblem } from '../context.ts';
import { readTests } from '../test/read.ts';
import type { Proposal } from './layout.ts';
import type { Replaced, Replacing } from './take-place.ts';

/** A unit test that names a source which goes, in such a way that it doesn't find the rules where they are then. */
export interface LostTest {
  readonly path: string;
  /** Of its `rule_files`. */
  readonly entry: string;
  /** The sources that have the rules. */
  readonly instead: readonly string[];
}

/** The unit tests of `tests/` whose `rule_files` no longer lead to all rules that they led to. */
export async function lostTests(
  root: string,
  before: Compiled,
  { compiled, gone }: Replaced,
  { by }: Replacing,
  proposals: readonly Proposal[],
): Promise<LostTest[]> {
  if (gone.length === 0 || !before.ruleSet || !compiled.ruleSet) return [];
  const read = await readTests(root, [], root);
  if (isProblem(read)) return [];
  const [was, is] = [[...before.ruleSet.files], [...compiled.ruleSet.files]];
  const heirs = new Map(
    gone.map((path) => {
      const from = [...by].flatMap(([item, file]) => (file.path === path ? [item.from] : []));
      const of = proposals.filter((p) => p.kind !== 'group' && p.from.some((one) => from.includes(one)));
      return [path, of.map((p) => p.path)] as const;
    }),
  );
  return read.tests.flatMap(({ file, ruleFiles = [] }) =>
    ruleFiles.flatMap(({ value }): LostTest[] => {
      const sources = (files: typeof was): Set<string> =>
        new Set(meantFiles(value, file.path, files).files.flatMap((f) => f.sources));
      const named = sources(was);
      const found = sources(is);
      const wanted = [...heirs].flatMap(([path, instead]) => (named.has(path) ? instead : []));
      return wanted.every((path) => found.has(path)) ? [] : [{ path: file.path, entry: value, instead: wanted }];
    }),
  );
}

/** The same for people. */
export function lostTestLines(tests: readonly LostTest[]): string[] {
  if (tests.length === 0) return [];
  return [
    'Unit tests that would no longer find these rules, so that their `rule_files` must be changed:',
    ...tests.map(
      ({ path, entry, instead }) =>
        `  ${visible(path)}: in the place of ${visible(entry)} write ${instead.map(visible).join(', ')}`,
    ),
  ];
}
