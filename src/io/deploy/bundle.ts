/** One file of a bundle, as it was compiled. */
export interface Part {
  readonly fileName: string;
  readonly text: string;
}

/** Two rule groups of one name, which one file can't hold. */
export interface Clash {
  /** As it is written in the files. */
  readonly ruleGroup: string;
  readonly files: readonly [string, string];
}

const HEAD =
  '# Compiled by rulewright: do not edit, the next deploy would undo it.\n' +
  '# One file holds the whole release, so that no reload can catch a half of it.\n' +
  '# Its parts, one for each group, lie in .rulewright/current/parts/ to be read.\n';

/** The rule groups of several compiled files as the text of one; parts in the order given. */
export function bundleText(parts: readonly Part[]): string {
  const bodies = parts.flatMap(({ fileName, text }) => {
    const body = bodyOf(text);
    return body === undefined || body === '' ? [] : [`  # ${fileName}\n${body}`];
  });
  return bodies.length === 0 ? `${HEAD}groups: []\n` : `${HEAD}groups:\n${bodies.join('\n')}`;
}

/** Rule groups that can't stand in one file together, sorted by name; each name once. */
export function clashes(parts: readonly Part[]): readonly Clash[] {
  const first = new Map<string, string>();
  const found = new Map<string, Clash>();
  for (const { fileName, text } of parts) {
    for (const ruleGroup of groupNames(bodyOf(text) ?? '')) {
      const other = first.get(ruleGroup);
      if (other === undefined) first.set(ruleGroup, fileName);
      else if (!found.has(ruleGroup)) found.set(ruleGroup, { ruleGroup, files: [other, fileName] });
    }
  }
  return [...found.values()].sort((a, b) => (a.ruleGroup < b.ruleGroup ? -1 : 1));
}

/**
 * The lines below `groups:`. Undefined where the text isn't as we write rule files: then it can't be joined with
 * others by lines, and nothing must be guessed.
 */
export function bodyOf(text: string): string | undefined {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line !== '' && !line.startsWith('#'));
  if (lines[start] === 'groups: []') return lines.slice(start + 1).every(isBlank) ? '' : undefined;
  if (lines[start] !== 'groups:') return undefined;
  const body = lines.slice(start + 1);
  if (body.some((line) => line !== '' && !line.startsWith('  '))) return undefined;
  while (body.length > 0 && isBlank(body[body.length - 1] ?? '')) body.pop();
  return body.length === 0 ? undefined : `${body.join('\n')}\n`;
}

function isBlank(line: string): boolean {
  return line === '' || line.startsWith('#');
}

/** Names as they are written: one emitter writes them all, so equal names have equal texts. */
function* groupNames(body: string): Generator<string> {
  let name: string | undefined;
  for (const line of body.split('\n')) {
    const begins = /^ {2}- name: ?(.*)$/.exec(line);
    if (begins) {
      if (name !== undefined) yield name;
      name = begins[1] ?? '';
    } else if (name !== undefined) {
      // A name over several lines goes on further to the right than the fields of its rule group.
      if (/^ {4}\S/.test(line)) {
        yield name;
        name = undefined;
      } else name += `\n${line}`;
    }
  }
  if (name !== undefined) yield name;
}
