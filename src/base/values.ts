// Values of columns at rows that they have: what the compiler cannot know to be there, and the caller does. Not for loops over every event.
import { assertDefined } from "./assert.ts";

/** The value at an index that the column has; throws beyond its ends. */
export function valueAt<T>(column: ArrayLike<T>, index: number): T {
  return assertDefined(column[index], "a value of a column");
}

/** The last value of a column that is not empty; throws where it is. */
export function lastValue<T>(column: ArrayLike<T>): T {
  return valueAt(column, column.length - 1);
}

/** The greatest of any number of values, of which a log may have a million: more than a call has room for. At least `atLeast`. */
export function greatest(values: Iterable<number>, atLeast = -Infinity): number {
  let most = atLeast;
  for (const value of values) if (value > most) most = value;
  return most;
}

/** The same of the smallest; at most `atMost`. */
export function smallest(values: Iterable<number>, atMost = Infinity): number {
  let least = atMost;
  for (const value of values) if (value < least) least = value;
  return least;
}
