import { type Diagnostic, diagnostic } from '../ground/diagnostic.ts';
import type { SourceFile } from '../ground/source.ts';
import { headSpan } from '../parse/nodes.ts';

const HELM =
  /\{\{-?\s*(?:if|else|end|range|with|include|template|define|toYaml|tpl|\/\*|\.Values|\.Release|\.Chart|\$\.|\$root)|\.Values\./;

/** What only Helm knows, wherever it stands in a text that is YAML as it is. */
const HELM_VALUE =
  /\{\{-?[^}]*(?:\.Values\b|\.Release\.|\.Chart\.|\.Capabilities\.|\.Files\.|\binclude\s+"|\btoYaml\b|\btpl\s)/;

/** What a text is that is no YAML, if Helm has its hand in it. */
export function helmAround(file: SourceFile): Diagnostic | undefined {
  const found = HELM.exec(file.text);
  return found ? helmTemplate(file, found.index) : undefined;
}

/** What to say instead of the errors of a file in which only Helm knows some values: once it is filled in they may be none. */
export function helmInside(file: SourceFile): Diagnostic | undefined {
  const found = HELM_VALUE.exec(file.text);
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
