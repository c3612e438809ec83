/** A text that a release is made of, whatever the backend: what is written below `dist/`, or below a server's folder of it. */
export interface OutputFile {
  /** From that folder on, with `/`: `rules/group-production.yml`. */
  readonly path: string;
  readonly groupId: string;
  /** Paths of the sources that had a part in it, sorted. */
  readonly sources: readonly string[];
  readonly ruleCount: number;
  /** The text in pieces, for files that are too large for one string; the same each time it is called. */
  parts(): Iterable<string>;
}

/** The whole text of a file. */
export const textOf = (file: OutputFile): string => [...file.parts()].join('');

const RULES = 'rules/';

/** The name of a rule file below `rules/`, where all lie that are released as files. */
export const fileNameOf = ({ path }: OutputFile): string => path.slice(RULES.length);
