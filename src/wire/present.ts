// Objects with optional properties, made from values that may be missing.

/** As T, but each optional property may also be given as undefined. */
type MaybeMissing<T> = { readonly [K in keyof T]: object extends Pick<T, K> ? T[K] | undefined : T[K] };

/** `values` without the properties that are undefined. */
export function present<T extends object>(values: MaybeMissing<T>): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
