// Some programs begin each line with what is free of the heap and its largest block: `[98292/104972 6]`, with the share that is fragmented, as openHASP
// does; `[  12496|   9880]`, `(  12496|   9880)`.

const STAMP = /^(?:\[ *|\( *(?=\d{4,7} *\|))(\d{4,7})(?: *\| *(\d{4,7})|\/ *(\d{4,7})(?: +(\d{1,2}))?)[\])]/;
/** Of a pool beside the heap. */
const OTHERS = /^(?:\[ *\d{1,7}[/|] *\d{1,7}(?:[ /]+\d{1,2})?\])* */;

/** Of the lines of a log so many have it, where it is one; so many where the share that is fragmented proves the numbers. */
const LEAST_SHARE = 0.4;
const LEAST_PROVEN = 0.2;

export interface MemoryStamp {
  /** In words. */
  readonly figures: string;
  readonly message: string;
  readonly isProven: boolean;
}

export function memoryStamp(text: string): MemoryStamp | undefined {
  const match = STAMP.exec(text);
  if (match === null) return undefined;
  const [whole, first, second = first, third = second, share] = match;
  const [least = 0, most = 0] = [Number(first), Number(third)].sort((a, b) => a - b);
  if (most % 4 !== 0 || least % 4 !== 0) return undefined;
  const message = text.slice(whole.length).replace(OTHERS, "");
  if (share === undefined) return { figures: `heap: ${most}, largest block: ${least}`, message, isProven: false };
  // The share proves which numbers these are.
  if (Math.abs(Number(share) - 100 * (1 - least / most)) > 1) return undefined;
  return { figures: `heap free: ${most}, largest: ${least}, fragmentation: ${share} %`, message, isProven: true };
}

export function hasMemoryStamps(texts: readonly string[]): boolean {
  const stamps = texts.flatMap((text) => memoryStamp(text) ?? []);
  const proven = stamps.filter(({ isProven }) => isProven);
  return stamps.length > LEAST_SHARE * texts.length || proven.length > LEAST_PROVEN * texts.length;
}
