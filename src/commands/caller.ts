import { resolve } from 'node:path';
import type { Caller } from '../core/ground/paste.ts';
import { shownUrl } from '../io/server/http.ts';
import { type Call, directoryOf, type Io } from './context.ts';

/** What a command must say to mean the same as this call; `server`: the one of several that is spoken of. */
export function callerOf(
  { globals, options }: Pick<Call, 'globals' | 'options'>,
  io: Pick<Io, 'cwd'>,
  server = '',
): Caller {
  const [url, from] = [options['url'], options['from']];
  return {
    directory: directoryOf(globals, io),
    server,
    url: typeof url === 'string' ? shownUrl(url) : undefined,
    from: typeof from === 'string' ? resolve(io.cwd, from) : undefined,
  };
}
