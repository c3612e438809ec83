import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, type TestContext } from 'vitest';
import { temporaryFolder } from '../support/paths.ts';

/** A mounted file system that goes when the test does, or the test is skipped and says why. Gives where it is mounted. */
export function mountOrSkip(context: TestContext, ...args: readonly string[]): string {
  return mountedBy(context, 'mount', args);
}

/** The same, by a program that takes what is to be mounted and where. */
export function mountedBy(context: TestContext, program: string, args: readonly string[]): string {
  const point = join(temporaryFolder(), 'mounted');
  mkdirSync(point);
  const { status, stderr, error } = spawnSync(program, [...args, point], { encoding: 'utf8' });
  if (status !== 0) context.skip(`skipped: nothing can be mounted here: ${stderr?.trim() ?? error?.message}`);
  onTestFinished(() => unmount(point));
  return point;
}

/** A folder in memory where that can be had, else one on the disk: for tests that write very much. */
export function quickFolder(): string {
  const folder = temporaryFolder();
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=400m', 'tmpfs', folder]).status === 0) {
    onTestFinished(() => unmount(folder));
  }
  return folder;
}

/** A block device over a file, which goes when the test does. */
export function loopOrSkip(context: TestContext, image: string): string {
  const { status, stdout } = spawnSync('losetup', ['--find', '--show', image], { encoding: 'utf8' });
  if (status !== 0) context.skip('skipped: no loop device can be had here');
  const device = stdout.trim();
  onTestFinished(() => {
    spawnSync('losetup', ['--detach', device]);
  });
  return device;
}

export function unmount(point: string): void {
  spawnSync('umount', ['-l', point]);
}
