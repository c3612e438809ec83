/** A map, weak or not, that remembers what was made for a key. */
interface Memory<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): unknown;
}

/** What a map has for a key; where it has nothing, what `make` makes, which it then has. */
export function remembered<K, V extends NonNullable<unknown>>(memory: Memory<K, V>, key: K, make: () => V): V {
  const found = memory.get(key);
  if (found !== undefined) return found;
  const made = make();
  memory.set(key, made);
  return made;
}
