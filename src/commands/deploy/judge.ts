import { PLAIN_NAME_HELP } from '../../core/checks/printed.ts';
import type { ServerOutcome } from '../../core/deploy/outcome.ts';
import { failingOn, type ReadFile, type Refusal, refusedBy, serverVersion } from '../../core/gates/version-gates.ts';
import { serversOf } from '../../core/ground/versions.ts';
import type { Release } from '../../io/deploy/types.ts';
import { openCache } from '../../io/memory/cache.ts';
import type { Problem } from '../../io/problem.ts';
import { checkRules } from '../../io/promtool/promtool.ts';
import type { ServerState } from '../../io/server/types.ts';
import { compareVersions, versionText } from '../../promql/version.ts';
import { plural } from '../../report/text.ts';
import { findJudge } from '../build/judge.ts';
import { isProblem } from '../context.ts';
import { scopedComplaints } from '../scoped.ts';
import type { Asked } from './ask.ts';
import type { Content } from './contents.ts';
import { end, type Facts, refuse, type Session } from './session.ts';

/** What speaks against a release before anything is touched. */
interface Judgement {
  /** Each a line: file, rule group, rule, and what is wrong. Empty: nothing. */
  readonly complaints: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Holds a release against the very server that must load it: fields and functions by its version, all else by promtool,
 * which is demanded unless somebody said that it isn't wanted.
 */
async function judgeRelease(
  session: Session,
  contents: readonly Content[],
  groups: readonly ReadFile[],
  told: ServerState | undefined,
): Promise<Judgement | Problem> {
  const versionSaid = told?.version;
  const version = serverVersion(versionSaid);
  const complaints = (version ? refusedBy(version, groups, told?.features) : []).map(refusalText);
  const warnings = told && !version ? [strangeVersion(versionSaid)] : [];
  const { server, prometheus, settings, globals, io } = session;
  if (!settings.usePromtool || prometheus.validateRules === 'false') return { complaints, warnings };
  session.progress.show(`${server.name || 'deploy'}: promtool checks the release`);
  const cache = await openCache({ env: io.env, root: globals.root, pid: io.pid });
  const demanded = { prometheus: { ...prometheus, validateRules: 'true' as const } };
  const found = await findJudge(demanded, globals, io, cache);
  if (isProblem(found)) {
    return {
      ...found,
      message: `${found.message} A release is not deployed unchecked.`,
      help: 'Install it (it comes with Prometheus; Debian: apt-get install prometheus), or set PROMTOOL_PATH to where it is; --no-promtool, or `validate_rules: false`, deploys without it.',
    };
  }
  const { promtool, verdicts } = found;
  if (!promtool) return { complaints, warnings };
  const pending = contents.filter(({ file }) => !verdicts.has(file.sha256));
  const said = await checkRules(
    promtool,
    pending.map(({ file, text }) => ({ ...file, parts: () => [text] })),
    io.env,
  );
  if (isProblem(said)) return said;
  const accused = new Set(said.map(({ fileName }) => fileName));
  await verdicts.add(pending.filter(({ file }) => !accused.has(file.fileName)).map(({ file }) => file.sha256));
  const texts = new Map(contents.map(({ file, groups }) => [file.fileName, groups]));
  // Of a server that doesn't tell its version, only the settings can say that it has what this promtool lacks.
  const known = version !== undefined || refusedBy(serversOf(prometheus).min, groups, prometheus.features).length === 0;
  const scoped = known
    ? await scopedComplaints(promtool, said, (name) => texts.get(name) ?? [], io.env)
    : { kept: said, beyond: [] };
  if (isProblem(scoped)) return scoped;
  const { kept, beyond } = scoped;
  for (const { lint, fileName, group, name, message } of kept) {
    if (lint) continue;
    const where = [group && `rule group ${group}`, name && `rule ${name}`].filter(Boolean).join(', ');
    complaints.push(`${fileName}: ${where === '' ? '' : `${where}: `}${message}`);
  }
  const own = serverVersion(promtool.version);
  if (version && own && compareVersions(own, version) < 0) {
    warnings.push(
      `promtool ${promtool.version} is older than the server (${versionText(version)}): what only the newer one refuses, it cannot know.${beyond.length > 0 ? ` It could not judge ${plural(beyond.length, 'part')} of the release, ${beyond[0]?.what} among them: use the one that came with the server.` : ''}`,
    );
  }
  return { complaints, warnings };
}

const strangeVersion = (said: string | undefined): string =>
  `The server ${said === undefined ? 'tells no version' : `calls its version ${said}`}, so that the release could not be held against what its version has.`;

const refusalText = ({ fileName, group, rule, message }: Refusal): string =>
  `${fileName}: rule group ${group}${rule === undefined ? '' : `, rule ${rule}`}: ${message}`;

/** Rules that can't work on this server and, as far as it tells, don't fail there already. */
function failingRules({ state, loaded }: Pick<Asked, 'state' | 'loaded'>, files: readonly ReadFile[]): string[] {
  const version = serverVersion(state.version);
  if (!version) return [];
  const key = (group: string, rule: string | undefined): string => JSON.stringify([group, rule]);
  const failed = new Set(
    loaded.flatMap(({ name, rules }) => rules.flatMap((rule) => (rule.health === 'err' ? [key(name, rule.name)] : []))),
  );
  return failingOn(version, files)
    .filter(({ group, rule }) => !failed.has(key(group, rule)))
    .map(refusalText);
}

/** With what there is to say of the sources, where the release itself needs no judge any more. */
export async function withRemark(session: Session, facts: Facts): Promise<Facts> {
  const remark = await session.remark(facts.rulesCount);
  return remark === undefined ? facts : { ...facts, warnings: [...facts.warnings, remark] };
}

/** Whether anything speaks against the release before it is switched to. */
export async function judge(
  session: Session,
  facts: Facts,
  release: Release,
  contents: readonly Content[],
  asked: Pick<Asked, 'state' | 'loaded'> | undefined,
): Promise<{ readonly facts: Facts } | ServerOutcome> {
  const version = asked?.state.version;
  const files = contents.map(({ file, groups }) => ({ fileName: file.fileName, groups }));
  const judged = await judgeRelease(session, contents, files, asked?.state);
  if (isProblem(judged)) return refuse(facts, judged);
  const { complaints } = judged;
  const failing = asked ? failingRules(asked, files) : [];
  const looks = session.settings.waitMs > 0;
  const warnings = [...facts.warnings, ...judged.warnings, ...(looks ? [] : failing)];
  const told = await withRemark(session, { ...facts, warnings });
  if (complaints.length === 0 && looks && failing.length > 0) {
    return end(facts, 'refused', {
      message: `Release ${release.id} was not deployed: the server (Prometheus ${version}) would load it, and ${plural(failing.length, 'rule')} of it would fail at every evaluation and never fire. Nothing was changed.`,
      help: `In such an expression, ${PLAIN_NAME_HELP} (\`rulewright build\` warns of each, \`printed-otherwise\`); or bring the server up to 3.10. --wait 0 deploys the release as it is, without looking at evaluations.`,
      details: failing.slice(0, 20),
      fault: 'release',
    });
  }
  if (complaints.length === 0) return { facts: told };
  const server = version === undefined ? 'a server' : `the server (Prometheus ${version})`;
  return end(facts, 'refused', {
    message: `Release ${release.id} was not deployed: ${server} would refuse its whole configuration because of it. Nothing was changed.`,
    help: complaints.every((line) => line.includes('--enable-feature'))
      ? 'Start the server with the flag, or take it out of `prometheus.features` and build again: what needs it is refused there.'
      : 'Set `prometheus.version` in rulewright.yaml to a range that this server is in and build again: what has another form for it is then compiled so.',
    details: complaints.slice(0, 20),
    fault: 'release',
  });
}
