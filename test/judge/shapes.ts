import type { Shape } from './shape.ts';
import { FLEET, NOTHING, READERS } from './shapes-fleet.ts';
import { PER_SERIES } from './shapes-series.ts';

/** All kinds of expressions that are generated. */
export const SHAPES: readonly Shape[] = [...PER_SERIES, ...FLEET, ...READERS, ...NOTHING];

const byName = new Map(SHAPES.map((s) => [s.name, s]));

export function shapeOf(name: string): Shape {
  const shape = byName.get(name);
  if (!shape) throw new Error(`no shape ${name}`);
  return shape;
}
