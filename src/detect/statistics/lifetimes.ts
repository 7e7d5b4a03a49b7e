// How long blocks of one site live. Freed blocks tell their lifetime; live ones only that it is longer than their age (right
// censoring). Leaving the live ones out makes every site look short-lived; the Kaplan–Meier estimate counts them as what they
// are. Lifetimes are kept in buckets of half powers of two, so that memory does not depend on the number of blocks.

export const lifetimeBuckets = 96;

/** Bucket of a duration in microseconds: two buckets per power of two, 0 for everything up to 1 µs. */
export function lifetimeBucket(microseconds: number): number {
  if (microseconds <= 1) return 0;
  return Math.min(lifetimeBuckets - 1, Math.ceil(2 * Math.log2(microseconds)));
}

/** Longest duration that falls into a bucket, in microseconds. */
export function bucketLimit(bucket: number): number {
  return 2 ** (bucket / 2);
}

/**
 * Longest duration of the bucket in which the share of freed blocks that had lived shorter reaches `quantile`.
 * @param freed number of freed blocks by lifetime bucket
 */
export function lifetimeQuantile(freed: ArrayLike<number>, quantile: number): number {
  let total = 0;
  for (let i = 0; i < freed.length; i++) total += freed[i] ?? 0;
  let seen = 0;
  for (let i = 0; i < freed.length; i++) {
    seen += freed[i] ?? 0;
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
  for (let i = 0; i < freed.length; i++) atRisk += (freed[i] ?? 0) + (live[i] ?? 0);
  let probability = 1;
  for (let i = 0; i < freed.length; i++) {
    const deaths = freed[i] ?? 0;
    if (atRisk > 0) probability *= 1 - deaths / atRisk;
    curve[i] = probability;
    atRisk -= deaths + (live[i] ?? 0);
  }
  return curve;
}
