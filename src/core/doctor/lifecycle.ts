import { type Check, fine, reloadLine, settingLines } from './finding.ts';

/** The server takes no reloads over HTTP. */
export const lifecycle: Check = {
  code: 'lifecycle-off',
  look(facts) {
    const { live, reloadEnabled, url } = facts;
    if (live.lifecycle === undefined) return undefined;
    if (live.lifecycle) return fine('the server takes reloads');
    if (live.autoReload) return fine('it reloads by itself');
    if (!reloadEnabled) return fine('it takes no reloads over HTTP, and is asked for none');
    return {
      severity: 'error',
      message: `${url} takes no reloads over HTTP (403): it was started without --web.enable-lifecycle, so that new files stay unread.`,
      help: 'Start it with the flag --web.enable-lifecycle. Or reload it by other means, and say so in the settings, as here.',
      remedy: [
        '# one: start Prometheus with --web.enable-lifecycle',
        '# or the other: set this, and reload it by a signal',
        ...settingLines(facts, 'reload_enabled', 'false'),
        reloadLine(facts),
      ],
    };
  },
};
