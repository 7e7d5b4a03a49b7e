// One wording in which a request is told that the heap refused.

export interface Wording {
  readonly known: string;
  readonly pattern: RegExp;
  readonly component?: string;
  /** Only for lines of these tags. */
  readonly tag?: RegExp;
  /** Only behind one of these words: `word.*pattern` would try every pair of places in a line that repeats both. */
  readonly behind?: RegExp;
  readonly isEcho?: true;
}
