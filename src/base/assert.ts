// Assertions, for programmers' errors only. What a user or a device can cause is a MemmapError or counted data.

/** Throws when `condition` does not hold: the caller broke a contract. */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${what}`);
}

/** The value, which the caller knows to be there; throws when it is not. */
export function assertDefined<T>(value: T | undefined, what: string): T {
  assert(value !== undefined, `${what} is missing`);
  return value;
}

/** For the default branch of a switch over a union: the compiler complains here when a case is missing. */
export function assertUnreachable(value: never): never {
  throw new Error(`assertion failed: unexpected value ${String(value)}`);
}
