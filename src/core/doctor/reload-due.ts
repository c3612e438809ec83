import { type Check, fine, reloadLine } from './finding.ts';
import { differenceLine, isEdited, nothingThere, reloadedSince } from './memory.ts';

/** The release lies where it should, but the server has not read it. */
export const reloadDue: Check = {
  code: 'reload-due',
  look(facts) {
    const { live } = facts;
    const wrong = live.memory?.fromDirectory;
    // A reload that failed is told by itself.
    if (!wrong || live.coverage?.kind !== 'covered' || live.lastReload?.successful === false) return undefined;
    // What somebody edited must not be loaded: a deploy puts it right, and reloads.
    if (nothingThere(facts) || isEdited(facts)) return undefined;
    if (wrong.length === 0) return fine('no reload is due');
    if (reloadedSince(facts) === true && facts.directory.deployed?.release !== undefined) return undefined;
    return {
      severity: 'error',
      message: 'The server has not read its files since the rules were put in place: it holds those of before.',
      help: 'Reload it. If nothing changes by that, it sees another directory: run this again.',
      remedy: [reloadLine(facts)],
      details: wrong.slice(0, 3).map(differenceLine),
    };
  },
};
