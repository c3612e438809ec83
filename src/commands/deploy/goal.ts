import type { Hold } from '../../io/deploy/hold.ts';
import type { Release } from '../../io/deploy/types.ts';
import type { Problem } from '../../io/problem.ts';

/** What a server is to get: a release from `dist/`, or the n-th of those that are kept. */
export type Goal =
  | { readonly kind: 'deploy'; readonly release: Release | Problem }
  | {
      readonly kind: 'rollback';
      readonly n: number;
      /** It was broken off behind its switch: what is left is to load and to confirm it. */
      readonly resumed?: boolean;
    }
  /** What is in force stays: whole, loaded and proven. `instead` of what was asked for, where a hold keeps that back. */
  | { readonly kind: 'keep'; readonly instead?: { readonly hold: Hold; readonly release: Release } };
