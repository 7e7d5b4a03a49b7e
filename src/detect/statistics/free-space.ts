// Measures of how split free memory is. All take the sizes of the free blocks of one region: over several regions at once they
// mean nothing, because no allocation spans two (a chip with three heaps looks "84 % fragmented" at boot).
import { valueAt } from "../../base/values.ts";

/**
 * 1 - sqrt(sum of squares) / sum: 0 for one hole, towards 1 for many small ones. The score that umm_malloc and Pigweed use.
 * 0 for no free memory.
 */
export function rootSumSquareScore(holes: ArrayLike<number>): number {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < holes.length; i++) {
    const size = valueAt(holes, i);
    sum += size;
    squares += size * size;
  }
  return sum === 0 ? 0 : 1 - Math.sqrt(squares) / sum;
}

/** Share of the free bytes that lie in holes too small for a request of `request` bytes (Gorman's unusable free space index). */
export function unusableShare(holes: ArrayLike<number>, request: number): number {
  let sum = 0;
  let usable = 0;
  for (let i = 0; i < holes.length; i++) {
    const size = valueAt(holes, i);
    sum += size;
    if (size >= request) usable += size;
  }
  return sum === 0 ? 0 : (sum - usable) / sum;
}

/** The share over request sizes: doubling from 16 bytes up to the first that nothing can serve. */
export function unusableCurve(
  holes: ArrayLike<number>,
): readonly { readonly request: number; readonly share: number }[] {
  const curve: { request: number; share: number }[] = [];
  for (let request = 16; request <= 2 ** 31; request *= 2) {
    const share = unusableShare(holes, request);
    curve.push({ request, share });
    if (share >= 1) break;
  }
  return curve;
}

/**
 * Why a request fails: towards 0 for lack of memory, towards 1 for fragmentation; undefined when some hole would serve it.
 * Linux' fragmentation index 1 - (1 + F / R) / N has 0.5 as its lowest value where F just reaches R; with F < R it is taken as 0,
 * because then no arrangement of the free memory would have served.
 */
export function failureCauseIndex(holes: ArrayLike<number>, request: number): number | undefined {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < holes.length; i++) {
    const size = valueAt(holes, i);
    if (size >= request) return undefined;
    sum += size;
    if (size > 0) count++;
  }
  if (sum < request || count === 0) return 0;
  return Math.max(0, 1 - (1 + sum / request) / count);
}
