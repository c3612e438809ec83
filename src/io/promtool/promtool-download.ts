import { createHash } from 'node:crypto';
import { access, chmod, constants, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { GitHub, GitHubProblem } from '../github/client.ts';
import { isGitHubProblem } from '../github/client.ts';
import { environmentProblem, fsProblem, type Problem } from '../problem.ts';
import { type Env, run } from './promtool.ts';

const Release = z.object({
  assets: z.array(
    z.object({
      id: z.number().int().positive(),
      name: z.string(),
      size: z.number(),
      digest: z.string().nullish(),
    }),
  ),
});

/** A release is some 110 MB; ten times that is none. */
const LARGEST = 1024 * 1024 * 1024; // bytes
const UNPACK_TIMEOUT = 120_000; // milliseconds

export interface Wanted {
  /** Such as "3.5.0". */
  readonly version: string;
  /** Lower-case hexadecimal; "" where the release's own word is trusted. */
  readonly sha256: string;
}

export interface Place {
  /** Kept between jobs; absolute. */
  readonly cache: string;
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly env: Env;
}

/**
 * The path of a promtool of this version: from the cache, else from the release of Prometheus' at GitHub, whose archive must
 * have the SHA-256 that is wanted, or that the release itself states. `github` is opened for prometheus/prometheus.
 */
export async function downloadPromtool(github: GitHub, wanted: Wanted, place: Place): Promise<string | Problem> {
  const os = { linux: 'linux', darwin: 'darwin', win32: 'windows' }[place.platform as string];
  const cpu = { x64: 'amd64', arm64: 'arm64', ppc64: 'ppc64le', s390x: 's390x' }[place.arch];
  if (os === undefined || cpu === undefined) {
    const help = 'Put a promtool in PATH and say `promtool: path`.';
    return environmentProblem(`There is no promtool for ${place.platform} on ${place.arch}.`, help);
  }
  const folder = `prometheus-${wanted.version}.${os}-${cpu}`;
  const program = os === 'windows' ? 'promtool.exe' : 'promtool';
  const home = join(place.cache, 'promtool', wanted.version, place.arch);
  const path = join(home, program);
  // A pinned hash is of the archive, which the cache has no more: it was checked when the cache was filled.
  const pinned = wanted.sha256 === '' ? 'unpinned' : wanted.sha256;
  if (await isThere(join(home, `${pinned}.complete`))) return path;

  const archive = await fetchArchive(github, wanted, `${folder}.tar.gz`);
  if ('message' in archive) return archive;
  try {
    await mkdir(home, { recursive: true });
    const temporary = await mkdtemp(join(home, 'unpack-'));
    try {
      await writeFile(join(temporary, 'archive.tar.gz'), archive);
      const args = ['-xzf', 'archive.tar.gz', `${folder}/${program}`];
      const ran = await run('tar', args, temporary, place.env, UNPACK_TIMEOUT);
      if (ran.code !== 0) {
        return environmentProblem(
          `The archive of Prometheus ${wanted.version} can't be unpacked: ${ran.stderr.trim() || ran.failure}`,
        );
      }
      await chmod(join(temporary, folder, program), 0o755);
      await rename(join(temporary, folder, program), path);
      await writeFile(join(home, `${pinned}.complete`), '');
      return path;
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  } catch (error) {
    return fsProblem(error, 'cannot write', home);
  }
}

async function fetchArchive(github: GitHub, { version, sha256 }: Wanted, name: string): Promise<Buffer | Problem> {
  const what = `download promtool ${version}`;
  const path = ['releases', 'tags', `v${version}`];
  const release = await github.ask({ doing: what, path, answer: Release });
  if (isGitHubProblem(release)) {
    if (release.kind !== 'missing') return release;
    return { ...release, help: 'Is there such a version of Prometheus? Or say `promtool: path` or `promtool: none`.' };
  }
  const asset = release.assets.find((one) => one.name === name);
  if (!asset) return environmentProblem(`Prometheus ${version} has no ${name} among its releases.`, PATH_HELP);
  if (asset.size > LARGEST) return environmentProblem(`${name} is larger than a release of Prometheus can be.`);
  const fetchAsset = (id: number): Promise<Buffer | GitHubProblem> =>
    github.download({ doing: what, path: ['releases', 'assets', id] });
  let expected = sha256 === '' ? /^sha256:([0-9a-f]{64})$/.exec(asset.digest ?? '')?.[1] : sha256;
  if (expected === undefined) {
    const sums = release.assets.find((one) => one.name === 'sha256sums.txt');
    const text = sums && (await fetchAsset(sums.id));
    if (text && 'message' in text) return text;
    expected = text
      ?.toString('utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .find((words) => words[1]?.replace(/^\*/, '') === name)?.[0]
      ?.toLowerCase();
  }
  if (expected === undefined)
    return environmentProblem(`The release states no SHA-256 of ${name}, so nothing proves what it is.`, PATH_HELP);
  const bytes = await fetchAsset(asset.id);
  if ('message' in bytes) return bytes;
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual === expected) return bytes;
  return environmentProblem(
    `${name} is not what it should be: its SHA-256 is ${actual}, not ${expected}. It was not run.`,
    sha256 === ''
      ? 'Run the job again; if it stays so, the download is tampered with.'
      : 'Check the input `promtool-sha256`.',
  );
}

const PATH_HELP = 'Put a promtool in PATH and say `promtool: path`.';

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
