import type { Program } from '../instance/program.ts';
import type { Identity } from '../model/identity.ts';
import type { GroupNames } from './pairs.ts';
import type { ChangeKind, ChangePlace } from './report.ts';

/** One thing that is different for a target, before it is gathered with what is different for others. */
export interface Difference {
  readonly kind: Extract<ChangeKind, 'setting' | 'restart' | 'annotation' | 'expression'>;
  readonly field: string;
  readonly old?: string;
  readonly new?: string;
  readonly group?: string;
  readonly why?: string;
  readonly place?: ChangePlace;
  readonly condition?: string;
}

/** What instances are compared with. */
export interface Ground {
  readonly base: Program;
  readonly head: Program;
  readonly names: GroupNames;
  /** What carries an alert's state from one to the other. */
  readonly identity: Identity;
  /** Whether instances that look the same are the same. */
  readonly sure: boolean;
}
