/** Sets of label names, finite or all but finitely many: what an expression's result carries. */

/** A set of labels: these alone, or all but these. */
export interface Labels {
  readonly all: boolean;
  readonly names: ReadonlySet<string>;
}

export const ALL: Labels = { all: true, names: new Set() };
export const NO_LABELS: Labels = { all: false, names: new Set() };
export const onlyLabels = (names: Iterable<string>): Labels => ({ all: false, names: new Set(names) });

export const hasLabel = (labels: Labels, name: string): boolean => labels.names.has(name) !== labels.all;

export function without(labels: Labels, names: Iterable<string>): Labels {
  const set = new Set(labels.names);
  for (const name of names)
    if (labels.all) set.add(name);
    else set.delete(name);
  return { all: labels.all, names: set };
}

export function withLabels(labels: Labels, names: Iterable<string>): Labels {
  const set = new Set(labels.names);
  for (const name of names)
    if (labels.all) set.delete(name);
    else set.add(name);
  return { all: labels.all, names: set };
}

export function restrict(labels: Labels, names: Iterable<string>): Labels {
  return onlyLabels([...names].filter((name) => hasLabel(labels, name)));
}

export function commonLabels(a: Labels, b: Labels): Labels {
  if (a.all && b.all) return { all: true, names: new Set([...a.names, ...b.names]) };
  if (a.all) return restrict(a, b.names);
  return restrict(b, a.names);
}

export function eitherLabels(a: Labels, b: Labels): Labels {
  if (!a.all && !b.all) return onlyLabels([...a.names, ...b.names]);
  if (a.all && b.all) return { all: true, names: new Set([...a.names].filter((name) => b.names.has(name))) };
  return a.all ? withLabels(a, b.names) : withLabels(b, a.names);
}
