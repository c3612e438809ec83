import { join, relative } from 'node:path';
import type { Diagnostic } from '../../core/ground/diagnostic.ts';
import { placedIn } from '../../core/ground/paste.ts';
import { style } from '../../report/color.ts';
import { diagnosticsJson } from '../../report/json.ts';
import { plural } from '../../report/text.ts';
import { visible } from '../../report/visible.ts';
import { callerOf } from '../caller.ts';
import { type Call, type Io, useColor } from '../context.ts';
import { say, sayDiagnostics } from '../say.ts';
import type { Proposal } from './layout.ts';
import { type LostTest, lostTestLines } from './lost-tests.ts';
import type { AdoptPlan } from './plan.ts';
import type { ReadRules } from './read.ts';
import type { Replaced } from './take-place.ts';
import { holeLines, textHoles } from './text-holes.ts';
import { lostText, type Version, versionText } from './versions.ts';

/** All that a call of `adopt` found, for its report. */
export interface Adoption {
  readonly read: ReadRules;
  readonly plan: AdoptPlan;
  /** What of the repository it takes the place of. */
  readonly replaced: Replaced;
  /** Proposals that stand in the repository already. */
  readonly unchanged: ReadonlySet<string>;
  /** Errors that the repository would have with these files, and has not without them. */
  readonly clashes: readonly Diagnostic[];
  /** Files that are in the way, as people call them. */
  readonly inTheWay: readonly string[];
  /** Of them, those that are other versions of what is taken over; with `--force` those that were. */
  readonly versions: readonly Version[];
  /** Unit tests that no longer find the rules. */
  readonly tests: readonly LostTest[];
  /** Where each proposal goes: absolute paths by the proposals' own. */
  readonly targets: ReadonlyMap<string, string>;
  readonly written: boolean;
  readonly dryRun: boolean;
  /** What `init` wrote and nobody has touched, from the root: what goes, and what is left. */
  readonly samples: { readonly dropped: readonly string[]; readonly left: readonly string[] };
}

const MOST_FILES = 40;
const MOST_REASONS = 20;

/** What was found and done, for a program. */
export function adoptJson(adoption: Adoption, root: string): object {
  const { read, plan, replaced, unchanged, clashes, inTheWay, versions, targets, written } = adoption;
  const place = (path: string): string => relative(root, targets.get(path) ?? path) || path;
  return {
    adopted: count(plan.proposals),
    files: plan.proposals.map((p) => ({ path: place(p.path), kind: p.kind, from: p.from, rules: p.rules })),
    written: written ? plan.proposals.filter((p) => !unchanged.has(p.path)).map((p) => place(p.path)) : [],
    replaced: replaced.gone,
    edited: [...replaced.edited.keys()],
    samples: adoption.samples.left,
    samples_removed: adoption.samples.dropped,
    unchanged: [...unchanged],
    refused: read.refused,
    passed_over: read.passedOver,
    in_the_way: inTheWay,
    versions: versions.map(({ path, lost }) => ({ path, lost: lost.map(({ name, reason }) => ({ name, reason })) })),
    tests_lost: adoption.tests.map((test) => ({ ...test })),
    differences: plan.flaws.map((f) => ({ path: f.path, reason: f.reason })),
    families: plan.families.map((f) => ({
      name: f.name,
      copies: f.copies.length,
      groups: f.groups.length,
      tiers: [...(f.rule.tiers?.keys() ?? [])],
    })),
    params: paramsIn(plan.proposals),
    text_holes: textHoles(plan.proposals).map((hole) => ({ ...hole, path: place(hole.path) })),
    relabelled: relabelled(adoption),
    stayed: plan.stayed.map((s) => ({ what: s.what, from: s.from, reason: s.reason })),
    errors: [...diagnosticsJson(read.diagnostics, 'error'), ...diagnosticsJson(clashes, 'error')],
    warnings: diagnosticsJson(read.diagnostics, 'warning'),
    notes: diagnosticsJson(read.diagnostics, 'note'),
  };
}

/** The same for people. */
export function sayAdoption(adoption: Adoption, call: Call, io: Io): void {
  const { read, plan, replaced, unchanged, clashes, inTheWay, versions, targets, written, dryRun } = adoption;
  const { globals } = call;
  const styles = style(useColor(globals, io, io.stderr));
  const line = (text: string): void => say(text, globals, io);
  sayDiagnostics(
    read.diagnostics.filter((d) => d.severity !== 'note'),
    globals,
    io,
  );
  // Of the files that are taken over, so that errors of others don't hide them.
  sayDiagnostics(
    read.diagnostics.filter((d) => d.severity === 'note'),
    globals,
    io,
  );
  const place = (path: string): string => visible(relative(io.cwd, targets.get(path) ?? path) || path);
  // What is new must not be hidden behind what is there already.
  const fresh = plan.proposals.filter(({ path }) => !unchanged.has(path));
  const listed = [...fresh, ...plan.proposals.filter(({ path }) => unchanged.has(path))].slice(0, MOST_FILES);
  const width = Math.max(0, ...listed.map((p) => place(p.path).length));
  for (const p of listed) {
    const sign = unchanged.has(p.path) ? ' ' : styles.added('+');
    const is = unchanged.has(p.path) ? `${what(p)}: there already` : what(p);
    line(`${sign} ${place(p.path).padEnd(width)}  ${styles.dim(is)}`);
  }
  if (plan.proposals.length > MOST_FILES)
    line(styles.dim(`  … and ${plural(plan.proposals.length - MOST_FILES, 'more file')}`));
  for (const path of replaced.gone.slice(0, MOST_FILES))
    line(
      `${styles.warning('-')} ${visible(relative(io.cwd, join(globals.root, path)))}  ${styles.dim('replaced by these')}`,
    );
  for (const path of replaced.edited.keys())
    line(
      `${styles.note('~')} ${visible(relative(io.cwd, join(globals.root, path)))}  ${styles.dim('says the same of its rules by their new names')}`,
    );
  for (const path of adoption.samples.dropped)
    line(
      `${styles.warning('-')} ${visible(relative(io.cwd, join(globals.root, path)))}  ${styles.dim('a sample of init, as it wrote it')}`,
    );
  for (const text of holeLines(plan.proposals, MOST_REASONS)) line(text);
  sayStayed(adoption, line);
  for (const flaw of plan.flaws.slice(0, MOST_REASONS))
    io.stderr.write(`differs: ${visible(flaw.path)}: ${visible(flaw.reason)}\n`);
  sayDiagnostics(clashes, globals, io);

  const rules = count(plan.proposals);
  const label = relabelled(adoption);
  if (plan.flaws.length > 0) line('This could not be proven to be the same, so nothing was written.');
  else if (rules > 0 && clashes.length + inTheWay.length === 0) {
    const but = label > 0 ? `, but for the label of the group, which ${label} of them get` : '';
    const same = read.untold ? `Equal to what the server tells${but}` : `0 differences${but}`;
    const than = read.untold ? 'what it told; whether it told all, the warnings ask' : 'what it was';
    line(`${styles.bold(same)}: ${plural(rules, 'rule')}, each compiled and compared with ${than}.`);
  }
  if (read.passedOver > 0) line(styles.dim(`${plural(read.passedOver, 'other file')} without rules passed over.`));
  if (read.items.length + read.refused.length === 0 && adoption.samples.dropped.length === 0)
    line('There are no rules there to take over.');
  if (read.refused.length > 0) {
    const list = read.refused.slice(0, 10).map(visible).join(', ');
    io.stderr.write(`${plural(read.refused.length, 'file')} refused for the errors above: ${list}\n`);
  }
  if (clashes.length > 0) io.stderr.write('Nothing was written, for the repository would no longer compile.\n');
  else if (inTheWay.length > 0) {
    const others = inTheWay.filter((path) => !versions.some((version) => version.path === path));
    for (const version of versions) io.stderr.write(`${versionText(version)}\n`);
    if (others.length > 0)
      io.stderr.write(
        `Nothing was written, for these exist: ${others.slice(0, 10).map(visible).join(', ')}. Overwrite them with --force.\n`,
      );
  } else if (dryRun) line('Nothing was written (--dry-run).');
  else if (written && rules > 0)
    line(
      placedIn(
        'Next: `rulewright build`, and compare what Prometheus loads. Alerts in another file start over once: see docs/adopt.md.',
        callerOf(call, io),
      ),
    );
  if (inTheWay.length === 0)
    for (const version of versions) if (version.lost.length > 0) io.stderr.write(`${lostText(version, written)}\n`);
  for (const text of lostTestLines(adoption.tests)) line(text);
  const { left } = adoption.samples;
  if (left.length > 0)
    line(
      placedIn(
        `The samples of \`init\` are still here (${left.join(', ')}): \`rulewright adopt --remove-samples\` takes away those that nobody has touched.`,
        callerOf(call, io),
      ),
    );
}

function what(p: Proposal): string {
  if (p.kind === 'group') return 'group';
  if (p.families) return `${plural(p.families.length, 'rule')} instead of ${p.rules}`;
  return `${plural(p.rules, 'rule')}${p.kind === 'native' ? `, as ${p.rules === 1 ? 'it is' : 'they are'}` : ''}`;
}

function sayStayed({ plan }: Adoption, line: (text: string) => void): void {
  if (plan.stayed.length === 0) return;
  line('Left as they are:');
  for (const { what, from, reason } of plan.stayed.slice(0, MOST_REASONS)) {
    const where = from.length > 2 ? `${from[0]} and ${from.length - 1} more` : from.join(', ');
    line(`  ${visible(what)} (${visible(where)}): ${visible(reason)}.`.replace(/\.\.$/, '.'));
  }
  if (plan.stayed.length > MOST_REASONS)
    line(`  … and ${plan.stayed.length - MOST_REASONS} more, which --format json lists`);
}

const count = (proposals: readonly Proposal[]): number => proposals.reduce((sum, p) => sum + p.rules, 0);

/** Rules that get the group's label, which they had not: all copies but those that become the root's. */
function relabelled({ plan }: Adoption): number {
  return plan.families.reduce(
    (sum, f) => sum + f.groups.filter((g) => !g.disabled).length * Math.max(1, f.rule.tiers?.size ?? 1),
    0,
  );
}

/** How many params stand in the proposed files, by unit. */
function paramsIn(proposals: readonly Proposal[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { own } of proposals) {
    for (const param of own?.rules.flatMap((rule) => rule.params) ?? []) {
      const unit = param.unit ?? (/window/.test(param.name) ? 'duration' : 'none');
      found[unit] = (found[unit] ?? 0) + 1;
    }
  }
  return found;
}
