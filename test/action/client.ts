import { type GitHub, openGitHub } from '../../src/io/github/client.ts';
import type { GitHubServer } from './github-server.ts';

/** The client with the stand-in behind it, and what it waited and said meanwhile. Nobody waits in truth. */
export interface Client extends GitHub {
  /** Milliseconds. */
  readonly waits: number[];
  readonly said: string[];
}

export function openClient({ url }: Pick<GitHubServer, 'url'>): Client {
  const [waits, said]: [number[], string[]] = [[], []];
  const github = openGitHub({
    owner: 'o',
    repo: 'r',
    apiUrl: url,
    token: 'the-token',
    version: '0.0.0',
    log: (text) => said.push(text),
    sleep: async (milliseconds) => void waits.push(milliseconds),
  });
  return { ...github, waits, said };
}
