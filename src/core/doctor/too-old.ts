import { type Check, fine, settingLines, some } from './finding.ts';

/** The release uses what this server's version doesn't have. */
export const tooOld: Check = {
  code: 'server-too-old',
  look(facts) {
    const { tooNew, version } = facts.live;
    if (!tooNew || version === undefined) return undefined;
    if (tooNew.length === 0) return fine(`${version} has all that the release uses`);
    const files = [...new Set(tooNew.map(({ fileName }) => fileName))];
    const range = version.split('.').slice(0, 2).join('.');
    return {
      severity: 'error',
      message: `The server is too old for the release: with one field or function that ${version} lacks (${some(files)}) it refuses its whole configuration.`,
      help: 'Say which servers there are, and build again: what has another form for them is compiled so, and what has none is named. Or bring the server up to date.',
      remedy: [...settingLines(facts, 'version', `">=${range}"`), 'rulewright build'],
      details: tooNew.slice(0, 5).map((r) => `${r.fileName}: ${r.rule ?? r.group}: ${r.message}`),
    };
  },
};
