import type { Diagnostic } from '../ground/diagnostic.ts';
import { diagnostic } from '../ground/diagnostic.ts';
import { MAX_FILE_NAME } from '../ground/limits.ts';
import type { Program } from '../instance/program.ts';

/** Derived groups whose file would have a longer name than file systems take. */
export function checkFileNames({ rules }: Program): Diagnostic[] {
  const seen = new Set<string>();
  return rules.flatMap((resolved) => {
    const { rule } = resolved;
    if (resolved.cascade.partition.longestOwner <= MAX_FILE_NAME) return [];
    return resolved.instances.flatMap(({ cell }) => {
      if (cell.owner.length <= MAX_FILE_NAME || seen.has(cell.owner)) return [];
      seen.add(cell.owner);
      return [
        diagnostic(
          'derived-id-too-long',
          cell.declarations.at(-1)?.span ?? rule.span,
          `The groups ${cell.owner.split('--').join(', ')} overlap, and the id that joins theirs has ${cell.owner.length} bytes; ${MAX_FILE_NAME} are the limit.`,
          {
            help: 'give them shorter ids, or let one be the parent of another',
          },
        ),
      ];
    });
  });
}
