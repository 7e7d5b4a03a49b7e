/**
 * A constant that is worked out when it is first asked for, since most who load its module never do. `make` gives the same for all that it may be called with.
 */
export function once<A extends readonly unknown[], T>(make: (...args: A) => T): (...args: A) => T {
  let made: { readonly value: T } | undefined;
  return (...args) => (made ??= { value: make(...args) }).value;
}
