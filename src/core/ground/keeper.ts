/**
 * Lists that are made when they are asked for. Of those made last, as many are kept as have `limit` items
 * together: in a repository of usual size that is all of them, while a million instances never are in memory at once.
 */
export type Keeper = <T>(make: () => readonly T[]) => () => readonly T[];

export function keeper(limit: number): Keeper {
  const queue: { readonly size: number; readonly drop: () => void }[] = [];
  let total = 0;
  return <T>(make: () => readonly T[]) => {
    let kept: readonly T[] | undefined;
    return () => {
      if (kept) return kept;
      const made = make();
      kept = made;
      total += made.length;
      queue.push({
        size: made.length,
        drop: () => {
          kept = undefined;
        },
      });
      while (total > limit && queue.length > 1) {
        const oldest = queue.shift();
        total -= oldest?.size ?? 0;
        oldest?.drop();
      }
      return made;
    };
  };
}
