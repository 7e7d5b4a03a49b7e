// How long blocks of one site live. Freed blocks tell their lifetime; live ones only that it is longer than their age (right
// censoring). Leaving the live ones out makes every site look short-lived; the Kaplan–Meier estimate counts them as what they
// are. Lifetimes come in buckets of powers of two, as the heap model counts them
// (lifetimeBucket in src/heap/activity.ts): bucket k holds 2^k to 2^(k+1)-1 µs.
import { valueAt } from "../../base/values.ts";

/** The first duration that is too long for a bucket, in microseconds. */
export function bucketLimit(bucket: number): number {
  return 2 ** (bucket + 1);
}

/**
 * A duration that at least the share `quantile` of the freed blocks did not reach; 0 where nothing was freed. The limit of a bucket,
 * so up to twice the true quantile: on the careful side for whoever calls older blocks suspect.
 * @param freed number of freed blocks by lifetime bucket
 */
export function lifetimeQuantile(freed: ArrayLike<number>, quantile: number): number {
  let total = 0;
  for (let i = 0; i < freed.length; i++) total += valueAt(freed, i);
  let seen = 0;
  for (let i = 0; i < freed.length; i++) {
    seen += valueAt(freed, i);
    if (total > 0 && seen >= quantile * total) return bucketLimit(i);
  }
  return 0;
}

/**
 * Kaplan–Meier estimate of the probability to outlive each bucket.
 * @param freed number of freed blocks by lifetime bucket
 * @param live number of live blocks by age bucket
 */
export function survival(freed: ArrayLike<number>, live: ArrayLike<number>): Float64Array {
  const curve = new Float64Array(freed.length);
  let atRisk = 0;
  for (let i = 0; i < freed.length; i++) atRisk += valueAt(freed, i) + valueAt(live, i);
  let probability = 1;
  for (let i = 0; i < freed.length; i++) {
    const deaths = valueAt(freed, i);
    if (atRisk > 0) probability *= 1 - deaths / atRisk;
    curve[i] = probability;
    atRisk -= deaths + valueAt(live, i);
  }
  return curve;
}
