// Theil–Sen slope: the median of the slopes between all pairs of points. A third of the points may be anything (bursts, a
// cache flush) without moving it, which is why growth is measured with it and not with least squares.
import { valueAt } from "../../base/values.ts";

export interface Trend {
  /** Per unit of x. */
  readonly slope: number;
  /** 90 % interval of the slope, after Sen (1968): from the ranks of the pairwise slopes. */
  readonly low: number;
  readonly high: number;
}

const Z90 = 1.645;

/** Trend of `y` over `x`; undefined for fewer than three points. Quadratic in the number of points: meant for epochs, not events. */
export function theilSen(x: ArrayLike<number>, y: ArrayLike<number>): Trend | undefined {
  const count = Math.min(x.length, y.length);
  if (count < 3) return undefined;
  const slopes = new Float64Array((count * (count - 1)) / 2);
  let pairs = 0;
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      const dx = valueAt(x, j) - valueAt(x, i);
      if (dx > 0) slopes[pairs++] = (valueAt(y, j) - valueAt(y, i)) / dx;
    }
  }
  if (pairs === 0) return undefined;
  const sorted = slopes.subarray(0, pairs).sort();
  const spread = Z90 * Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18);
  return {
    slope: median(sorted),
    low: at(sorted, Math.floor((pairs - spread) / 2)),
    high: at(sorted, Math.ceil((pairs + spread) / 2)),
  };
}

/** Middle of an ascending list; 0 for an empty one. */
export function median(sorted: ArrayLike<number>): number {
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? at(sorted, middle) : (at(sorted, middle - 1) + at(sorted, middle)) / 2;
}

function at(sorted: ArrayLike<number>, index: number): number {
  return valueAt(sorted, Math.min(Math.max(index, 0), sorted.length - 1));
}
