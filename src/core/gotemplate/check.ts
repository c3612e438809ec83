import type { Version } from '../../promql/version.ts';

export interface LabelUse {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export interface GoProblem {
  readonly message: string;
  readonly from: number;
  readonly to: number;
  readonly help?: string;
}

/** Placeholder until the checker stands here. */
export function checkGoTemplate(
  _text: string,
  _options: { kind: 'annotation' | 'label'; min: Version },
): { problems: GoProblem[]; labelsUsed: LabelUse[]; usesValue: boolean } {
  return { problems: [], labelsUsed: [], usesValue: false };
}
