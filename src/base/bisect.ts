// Bisection: where a value belongs among values that ascend.
/* eslint-disable @typescript-eslint/no-non-null-assertion -- indexes stay below the length */

/** How many items come first for which `holds`, of `length` whose first ones all do and whose rest all do not. */
export function countWhile(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = low + ((high - low) >>> 1);
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many of the ascending numbers are at most `value`: the index of the first one above it. */
export function countUpTo(ascending: ArrayLike<number>, value: number): number {
  return countWhile(ascending.length, (index) => ascending[index]! <= value);
}

/** How many of the ascending numbers are less than `value`: the index of the first one at or above it. */
export function countBelow(ascending: ArrayLike<number>, value: number): number {
  return countWhile(ascending.length, (index) => ascending[index]! < value);
}
