import type { EffectiveRow } from './row.ts';

/** Hexadecimal digits that hang on a text alone. */
export type Hash = (text: string) => string;

/** In effect: the number of a row of its owner's file, with its condition where it has one. */
export type StoredRef = number | readonly [row: number, condition: string];

/** What is in effect, by owner: the name of the file in `dist/rules/`, without its ending. */
export type StoredRefs = Readonly<Record<string, readonly StoredRef[]>>;

export interface StoredSet {
  /** What stands here of a rule replaces all that the base says of it. */
  readonly base: string;
  /** Ids of rules of the base that are not in effect. */
  readonly off: readonly string[];
  readonly rows: StoredRefs;
}

/** The rows of one owner, with what they have in common. */
export type StoredRows = Pick<EffectiveRow, 'source' | 'source_id' | 'source_name'> & {
  readonly rows: readonly StoredRow[];
};

/** The first row of a rule is whole; the others say what differs from it (`like`: owner and number). */
export type StoredRow = Partial<EffectiveRow> & { readonly like?: readonly [string, number] };

/** A target: its set, the numbers of its labels' values (in the order of labels.json), and what is its own where its id doesn't tell it. */
export type StoredTarget = readonly [set: string, labels: readonly number[], own?: Readonly<Record<string, string>>];

export interface StoredIndex {
  readonly compiled_by: 'rulewright';
  readonly version: 1;
  readonly targets: number;
  readonly sets: number;
  readonly rules: number;
  /** How many digits of a hash name the file that something is in. */
  readonly target_digits: number;
  readonly set_digits: number;
}
