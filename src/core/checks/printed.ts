import { durationText } from '../../promql/literals.ts';
import { lossesAmong, PRINTERS, printedSeconds } from '../../promql/losses.ts';
import { type LostPlace, placesOf } from '../../promql/printed.ts';
import { compareVersions, type Version, versionText } from '../../promql/version.ts';
import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { subSpan } from '../ground/scalar-map.ts';
import type { Program, ResolvedRule } from '../instance/program.ts';

/**
 * Servers evaluate a rule by its printed text, and some printers lose a part of it: the rule is loaded, and does
 * something else than was written, or nothing at all.
 */
export function checkPrinted({ rules, versions }: Program): Diagnostic[] {
  const losses = lossesAmong(versions);
  return rules.flatMap((resolved) => {
    const seen = new Map<string, Diagnostic>();
    for (const { shape } of resolved.samples) {
      for (const place of placesOf(shape.expr, losses)) {
        const key = `${place.loss} ${place.text}`;
        if (!seen.has(key)) seen.set(key, lost(resolved, place, shape.sample));
      }
    }
    return [...seen.values()];
  });
}

function lost({ rule }: ResolvedRule, place: LostPlace, sample: string): Diagnostic {
  const piece = sample.slice(place.from, place.to).trimEnd();
  const at = rule.expr.value.indexOf(piece);
  const span = at < 0 ? rule.expr.span : subSpan(rule.expr, at, at + piece.length);
  const { message, help } = words(place);
  const { until } = PRINTERS[place.loss];
  const raise = until ? `; or set \`prometheus.version\` to ">=${versionText(until)}" if no server is older` : '';
  return diagnostic('printed-otherwise', span, `${printers(place)} ${message}`, { help: `${help}${raise}` });
}

/** What to write instead of a name in quotes that some printers lose. */
export const PLAIN_NAME_HELP =
  'give the label a plain name on both sides, as `label_replace(…, "service_name", "$1", "service.name", "(.*)")` does, and match by that';

function words({ loss, text }: LostPlace): { readonly message: string; readonly help: string } {
  switch (loss) {
    case 'quotes':
      return {
        message: `\`${text}\` without the quotes: such a server loads the rule, every evaluation of it fails, and it never fires. \`deploy\` refuses the whole release to such a server, unless the rule is in force there already.`,
        help: PLAIN_NAME_HELP,
      };
    case 'grouping':
      return {
        message: `nothing of \`${text}\`: there one series matches one, and an evaluation that finds several on one side fails.`,
        help: 'leave the clause out, for sides that match by all their labels are equal in what it would add; or name the labels that match: `on (label) group_left (…)`',
      };
    case 'empty-name':
      return {
        message: 'nothing of `__name__=""`: there the selector finds series of every name.',
        help: 'write `__name__=~""`',
      };
    case 'milliseconds': {
      const printed = durationText(printedSeconds(Math.abs(Number(text))) * 1000);
      return { message: `this duration as \`${printed}\`.`, help: `write the number of seconds: \`${text}\`` };
    }
  }
}

/** `Prometheus 3.0 to 3.9 evaluates a rule as it prints it, and prints`. */
function printers({ loss }: LostPlace): string {
  const { since, until } = PRINTERS[loss];
  const which = !until
    ? `from ${versionText(since)} on`
    : compareVersions(since, OLDEST) > 0
      ? `${versionText(since)} to ${versionText([until[0], until[1] - 1])}`
      : `below ${versionText(until)}`;
  return `Prometheus ${which} evaluates a rule as it prints it, and prints`;
}

/** Nobody speaks of servers before this one. */
const OLDEST: Version = [2, 42];
