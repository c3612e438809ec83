import { type Check, fine } from './finding.ts';

/** The server takes no reloads over HTTP. */
export const lifecycle: Check = {
  code: 'lifecycle-off',
  look({ live, reloadEnabled, url }) {
    if (live.lifecycle === undefined) return undefined;
    if (live.lifecycle) return fine('the server takes reloads');
    if (live.autoReload) return fine('it reloads by itself');
    if (!reloadEnabled) return fine('it takes no reloads over HTTP, and is asked for none');
    return {
      severity: 'error',
      message: `${url} takes no reloads over HTTP (403): it was started without --web.enable-lifecycle, so that new files stay unread.`,
      help: 'Start it with that flag. Or reload it by other means, and say so in the settings.',
      remedy: [
        'prometheus --web.enable-lifecycle …',
        '# or: kill -HUP "$(pidof prometheus)", and in rulewright.yaml',
        'prometheus:',
        '  reload_enabled: false',
      ],
    };
  },
};
