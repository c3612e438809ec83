import type { Span } from '../ground/source.ts';

/** A text that holds a template, and how its offsets lead to places in a file. */
export interface TemplateSource {
  readonly text: string;
  span(from: number, to: number): Span;
}
