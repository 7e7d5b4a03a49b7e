// The order of texts, for lists that are sorted by other things first.

/** By code units, as `<` has it: the same everywhere, whatever the language. */
export function inTextOrder(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
