import type { Diagnostic } from './diagnostic.ts';
import type { SourceFile } from './source.ts';

/** Everything the compiler reads, as text: what `io/load` gives and tests write by hand. */
export interface Sources {
  /** `rulewright.yaml`, where there is one. */
  readonly config?: SourceFile;
  readonly rules: readonly SourceFile[];
  readonly groups: readonly SourceFile[];
  /** `templates/**` in YAML. */
  readonly templates: readonly SourceFile[];
  /** `templates/**` ending in `.njk`. */
  readonly macros: readonly SourceFile[];
  readonly inventory: readonly InventoryFile[];
  /** What could not be read at all. */
  readonly problems: readonly Diagnostic[];
}

/** A file_sd file and the labels that the scrape configuration adds to its targets. */
export interface InventoryFile {
  readonly file: SourceFile;
  readonly labels: Readonly<Record<string, string>>;
}
