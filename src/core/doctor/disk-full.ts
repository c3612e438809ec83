import { type Check, fine, quoted } from './finding.ts';

/** Beside the files of a release: its directory, the links and the journal. */
const MORE_FILES = 16;
const SLACK = 64 * 1024;

/** The volume of the rule path has no room for a release. */
export const diskFull: Check = {
  code: 'disk-full',
  look({ directory: { free }, dist, rulePath }) {
    if (!free) return undefined;
    const bytes = (dist.release?.bytes ?? 0) + SLACK;
    const files = (dist.release?.files ?? 0) + MORE_FILES;
    const path = quoted(rulePath);
    if (free.inodes !== undefined && free.inodes < files) {
      return {
        severity: 'error',
        message: `The volume of ${rulePath} has ${free.inodes} inodes left, and a release takes ${files}: no deploy can make its files, however many bytes are free.`,
        help: 'Remove files, many small ones above all, or make the volume anew with more inodes.',
        remedy: [`df -i ${path}`, `du --inodes -x -d 2 "$(findmnt -nT ${path} -o TARGET)" | sort -n | tail`],
      };
    }
    if (free.bytes >= bytes) return fine(`${size(free.bytes)} are free`);
    return {
      severity: 'error',
      message: `The volume of ${rulePath} is full: ${size(free.bytes)} are left, and a release takes ${size(bytes)}.`,
      help: 'Free some space, or make the volume larger. If Prometheus keeps its data there too, it can’t write either.',
      remedy: [`df -h ${path}`, `du -xh -d 2 "$(findmnt -nT ${path} -o TARGET)" | sort -h | tail`],
    };
  },
};

function size(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 10 ? Math.floor(value) : value.toFixed(1)} ${units[unit]}`;
}
