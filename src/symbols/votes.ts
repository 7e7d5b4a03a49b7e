// What most of many parts of a firmware say.

/** The text that was counted most often, the first of equals; undefined where there is none. */
export function mostOften(votes: ReadonlyMap<string, number>): string | undefined {
  return [...votes].sort((a, b) => b[1] - a[1])[0]?.[0];
}
