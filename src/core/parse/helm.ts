import { type Diagnostic, diagnostic } from '../ground/diagnostic.ts';
import type { SourceFile } from '../ground/source.ts';
import { headSpan } from './nodes.ts';

/**
 * A statement at the start of a line: no text of a rule can stand there, in which Prometheus' own templates have statements
 * as well.
 */
const HELM_STATEMENT = /^\{\{-?\s*(?:if|else|end|range|with|include|template|define|\/\*|\$\w+\s*:?=)/m;

/** What only Helm knows, wherever it stands. */
const HELM_VALUE =
  /\{\{-?[^}]*(?:\.Values\b|\.Release\.|\.Chart\.|\.Capabilities\.|\.Files\.|\binclude\s+"|\btoYaml\b|\btpl\s)/;

/**
 * What to say instead of the errors of a file that Helm has its hand in: once it is filled in they may be none. Undefined
 * where nothing of it is Helm's.
 */
export function helmInside(file: SourceFile): Diagnostic | undefined {
  const found = HELM_VALUE.exec(file.text) ?? HELM_STATEMENT.exec(file.text);
  return found ? helmTemplate(file, found.index) : undefined;
}

function helmTemplate(file: SourceFile, at: number): Diagnostic {
  const span = headSpan({ file, start: at, end: Math.min(file.text.length, at + 40) });
  return diagnostic(
    'not-our-format',
    span,
    'This is a template of Helm, which becomes YAML only when Helm fills it in.',
    {
      help: 'Render it and take over the result: `helm template CHART > rendered.yaml`, then `rulewright adopt rendered.yaml`.',
    },
  );
}
