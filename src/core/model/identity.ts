/** An alert as a server has it loaded. */
export interface AlertPlace {
  /** The file's name without its directories. */
  readonly file: string;
  readonly ruleGroup: string;
  readonly name: string;
  /** The static ones, the rule group's among them. */
  readonly labels: ReadonlyMap<string, string>;
}

/** What carries an alert's state over a release: alerts of one text are the same alert to the server before and after. */
export type Identity = (place: AlertPlace) => string;
