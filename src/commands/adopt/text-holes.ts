import { visible } from '../../report/visible.ts';
import type { Proposal } from './layout.ts';

/** A number of a text in whose place a param stands now. */
export interface TextHole {
  /** The proposal's path. */
  readonly path: string;
  /** The rule's id. */
  readonly rule: string;
  readonly annotation: string;
  /** The text's line with the hole in it, cut short. */
  readonly text: string;
}

/** All holes in the texts of what is proposed, so that whoever adopts can look at each. */
export function textHoles(proposals: readonly Proposal[]): TextHole[] {
  return proposals.flatMap(({ path, own }) =>
    (own?.rules ?? []).flatMap(({ id, name, annotations }) =>
      [...annotations].flatMap(([annotation, text]) =>
        // A hole with a string in it stands for a delimiter, see `asTemplate`.
        [...text.matchAll(/<< (?!")[^>]*>>/g)].map(({ 0: hole, index }): TextHole => {
          return { path, rule: id ?? name, annotation, text: around(text, index, index + hole.length) };
        }),
      ),
    ),
  );
}

/** The same for people: a wrong guess changes no text today, and would once a group sets another number. */
export function holeLines(proposals: readonly Proposal[], most: number): string[] {
  const holes = textHoles(proposals);
  if (holes.length === 0) return [];
  return [
    'Texts that tell the param from now on, where a number stood:',
    ...holes.slice(0, most).map((one) => `  ${visible(one.rule)}, ${visible(one.annotation)}: ${visible(one.text)}`),
    ...(holes.length > most ? [`  … and ${holes.length - most} more, which --format json lists`] : []),
  ];
}

/** Characters of the text on each side that are shown. */
const SHOWN = 40;

function around(text: string, from: number, to: number): string {
  const before = text.slice(text.lastIndexOf('\n', from - 1) + 1, from);
  const [after = ''] = text.slice(to).split('\n');
  const start = before.length > SHOWN ? `…${before.slice(-SHOWN)}` : before;
  return start + text.slice(from, to) + (after.length > SHOWN ? `${after.slice(0, SHOWN)}…` : after);
}
