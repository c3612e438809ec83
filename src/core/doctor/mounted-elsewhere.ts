import { type Check, fine, quoted, reloadLine } from './finding.ts';
import { differenceLine, isEdited, nothingThere, reloadedSince } from './memory.ts';

/** After a reload that succeeded the server has not what lies in the rule path: it looks at another place. */
export const mountedElsewhere: Check = {
  code: 'mounted-elsewhere',
  look(facts) {
    const { live, directory, rulePath } = facts;
    const { memory, coverage, lastReload } = live;
    const wrong = memory?.fromDirectory;
    if (!wrong || coverage?.kind !== 'covered' || lastReload?.successful !== true) return undefined;
    if (nothingThere(facts)) return undefined;
    // What somebody edited after the reload is no sign of another place, and is told by itself.
    if (isEdited(facts)) return undefined;
    if (wrong.length === 0) return fine('the server holds what lies there');
    // That no glob leads there is told by itself, and what a reload would mend is no sign of another place.
    if (
      !(coverage.sure || memory.groups > 0) ||
      reloadedSince(facts) !== true ||
      directory.deployed?.release === undefined
    )
      return undefined;
    const has = memory.groups === 0 ? 'nothing of ours' : 'something else';
    const path = quoted(`${coverage.folder}`);
    return {
      severity: 'error',
      message: `The server has read its files since release ${directory.deployed.release} was put into ${rulePath}, and has ${has}: its ${coverage.folder} is another directory than this one.`,
      help: 'Let both see one volume. A container needs the directory mounted (never a single file of it: a rename would not be seen), and from the same place; a link in the path leads elsewhere there; another machine has a disk of its own.',
      remedy: [
        `# what the server sees: compare with ls -la ${quoted(rulePath)}`,
        `docker exec PROMETHEUS ls -la ${path}   # or: kubectl exec POD -c prometheus -- ls -la ${path}`,
        `docker run -v ${quoted(rulePath)}:${path}:ro …   # the directory, read-only for the server`,
        reloadLine(facts),
      ],
      details: wrong.slice(0, 3).map(differenceLine),
    };
  },
};
