/** The few styles that reports use; without colour each gives its text back as it is. */
export interface Style {
  readonly error: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly note: (text: string) => string;
  readonly help: (text: string) => string;
  readonly added: (text: string) => string;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
}

/** Styles for a terminal (`color` true) or for plain text. */
export function style(color: boolean): Style {
  const sgr =
    (codes: string) =>
    (text: string): string =>
      color && text !== '' ? `\u001b[${codes}m${text}\u001b[0m` : text;
  return {
    error: sgr('1;31'),
    warning: sgr('1;33'),
    note: sgr('1;34'),
    help: sgr('1;36'),
    added: sgr('32'),
    bold: sgr('1'),
    dim: sgr('2'),
  };
}
