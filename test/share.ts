// A place in something of whatever length, as a share of it.
import fc from "fast-check";

/** From 0 up to but not 1, evenly: fc.double prefers numbers next to 0, so that all places would be at the beginning. */
export const anyShare: fc.Arbitrary<number> = fc.nat(999_999).map((part) => part / 1e6);
