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
