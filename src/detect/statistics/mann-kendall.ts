// Mann–Kendall test: is there a rising trend at all, whatever its shape? Counts the pairs of points that rise and those that
// fall; needs no assumption about noise. Variance with correction for ties, which plateaus make plenty of.
import { valueAt } from "../../base/values.ts";

export interface TrendTest {
  /** Kendall's S: pairs that rise minus pairs that fall. */
  readonly s: number;
  /** Probability of so large an S without any trend, one-sided: small means "it rises". */
  readonly pRising: number;
}

export function mannKendall(values: ArrayLike<number>): TrendTest {
  const count = values.length;
  let s = 0;
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) s += Math.sign(valueAt(values, j) - valueAt(values, i));
  }
  const variance = (count * (count - 1) * (2 * count + 5) - tieTerm(values)) / 18;
  if (variance <= 0) return { s, pRising: 1 };
  const z = (s - Math.sign(s)) / Math.sqrt(variance);
  return { s, pRising: upperTail(z) };
}

/** Sum of t (t - 1) (2 t + 5) over groups of t equal values. */
function tieTerm(values: ArrayLike<number>): number {
  const groups = new Map<number, number>();
  for (let i = 0; i < values.length; i++) groups.set(valueAt(values, i), (groups.get(valueAt(values, i)) ?? 0) + 1);
  let term = 0;
  for (const ties of groups.values()) term += ties * (ties - 1) * (2 * ties + 5);
  return term;
}

/** P(Z > z) of the standard normal distribution; Abramowitz and Stegun 26.2.17, error below 7.5e-8. */
export function upperTail(z: number): number {
  if (z < 0) return 1 - upperTail(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const polynomial = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}
