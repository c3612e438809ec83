import type { ServerOutcome } from '../../core/deploy/outcome.ts';
import { rulesTwice } from '../../core/doctor/twice.ts';
import { plural } from '../../report/text.ts';
import type { Asked } from './ask.ts';
import { refusalCauses } from './blocked.ts';
import type { Memory } from './memory.ts';
import { end, type Facts, type Session } from './session.ts';
import { QUICK_RULES } from './stale.ts';

/** What there is to say where nothing is to be done: that may be so, and all is not well. */

/**
 * The end of a turn whose server holds the release already. One whose last reload failed holds it in memory alone: its
 * next start fails, and so does the next deploy.
 */
export async function settled(
  session: Session,
  facts: Facts,
  asked: Asked,
  isOurs: (file: string) => boolean,
): Promise<ServerOutcome> {
  const { globals, settings } = session;
  const holds = `The server holds release ${facts.release}`;
  if (asked.state.lastReload?.successful === false) {
    const { causes } = await refusalCauses(session, asked, isOurs);
    const [first] = causes.filter(({ ours }) => !ours);
    const why = first
      ? `because of ${first.path}, which rulewright does not own (${first.message})`
      : 'and no rule file that can be read from here is at fault';
    return end({ ...facts, verified: true }, 'refused', {
      message: `${holds}, but its last reload failed, ${why}: its next start will fail, and until that is mended no reload succeeds. Nothing was changed.`,
      help: first
        ? `Mend ${first.path}, then run \`rulewright reload\`. \`rulewright doctor\` says more.`
        : 'If it was mended meanwhile, run `rulewright reload`; else `rulewright doctor` says where to look.',
      fault: 'release',
    });
  }
  // Nobody would see it: a quiet run has nothing to say where all is in place.
  const heard = !globals.quiet || globals.strict || globals.format === 'json';
  const remark = heard && facts.rulesCount <= QUICK_RULES ? await session.remark(facts.rulesCount) : undefined;
  const warnings = remark === undefined ? facts.warnings : [...facts.warnings, remark];
  const status = settings.dryRun ? 'planned' : 'unchanged';
  return end({ ...facts, verified: true, warnings }, status, { message: `${holds}; there is nothing to do.` });
}

/** That rules of ours, or of what is to be released, are loaded from files of others too; what is changed here goes on there. */
export function twiceWarnings(
  loaded: Asked['loaded'],
  { isOurs, wanted }: Pick<Memory, 'isOurs' | 'wanted'>,
): string[] {
  const twice = rulesTwice(loaded, isOurs, wanted);
  const [first] = twice;
  if (!first) return [];
  const rules = twice.reduce((sum, one) => sum + one.rules, 0);
  const more = twice.length > 1 ? ` and ${plural(twice.length - 1, 'more file')}` : '';
  const are = rules === 1 ? 'is' : 'are';
  return [
    `${plural(rules, 'rule')} of ours ${are} loaded from elsewhere too, from ${first.file}${more}: what is changed or silenced here goes on there. \`rulewright doctor\` says what to do.`,
  ];
}
