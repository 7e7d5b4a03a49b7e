// What a filter is: one decision on one block, bound to a run's names. query.ts makes filters from text; code may make its own.

import type { Address, Bytes, Microseconds } from "../base/units.ts";

export interface BlockFilter {
  /** As the user wrote it, to be shown again. */
  readonly query: string;
  /** Asks for a block's age: then what it accepted at an earlier moment, and so its peak, is not known from one pass. */
  readonly hasAge: boolean;
  /** Names in it that nothing in the run has: told, so that a slip of the pen is no silent zero. */
  readonly remarks: readonly string[];
  /**
   * @param site run-wide site id
   * @param context run-wide task id × 4 + core
   * @param until moment at which the block's age counts: the time of the question, or when it was freed
   */
  accepts(
    address: Address,
    size: Bytes,
    site: number,
    context: number,
    born: Microseconds,
    until: Microseconds,
  ): boolean;
}

/** Accepts what all of them accept. */
export function allOf(filters: readonly BlockFilter[]): BlockFilter {
  const [only] = filters;
  if (filters.length === 1 && only !== undefined) return only;
  return {
    query: filters.map((filter) => filter.query).join(" "),
    hasAge: filters.some((filter) => filter.hasAge),
    remarks: filters.flatMap((filter) => filter.remarks),
    accepts: (address, size, site, context, born, until) =>
      filters.every((filter) => filter.accepts(address, size, site, context, born, until)),
  };
}

/** Accepts what any of them accepts. */
export function anyOf(filters: readonly BlockFilter[]): BlockFilter {
  const [only] = filters;
  if (filters.length === 1 && only !== undefined) return only;
  return {
    query: filters.map((filter) => filter.query).join(" or "),
    hasAge: filters.some((filter) => filter.hasAge),
    remarks: filters.flatMap((filter) => filter.remarks),
    accepts: (address, size, site, context, born, until) =>
      filters.some((filter) => filter.accepts(address, size, site, context, born, until)),
  };
}
