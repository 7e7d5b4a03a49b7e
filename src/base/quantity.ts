// A number and how far it is known: the one way in which views, terminal, page and exports say it.

/** The number itself. */
export interface ExactQuantity {
  readonly certainty: "exact";
  readonly value: number;
}

/** The truth lies within proven bounds. */
export interface BoundedQuantity {
  readonly certainty: "bounded";
  /** The most likely one. */
  readonly value: number;
  /** Absent where nothing limits it: only differences have no lower bound. */
  readonly lowest?: number;
  readonly highest?: number;
}

/** Right on average or likely, without proven bounds: from a sample, or where history is missing. */
export interface EstimatedQuantity {
  readonly certainty: "estimated";
  readonly value: number;
}

export interface UnknownQuantity {
  readonly certainty: "unknown";
}

/** A number that is exact, has bounds, is an estimate, or is not known. */
export type Quantity = ExactQuantity | BoundedQuantity | EstimatedQuantity | UnknownQuantity;

export const unknown: UnknownQuantity = { certainty: "unknown" };

export function exactly(value: number): ExactQuantity {
  return { certainty: "exact", value };
}

export function estimated(value: number): EstimatedQuantity {
  return { certainty: "estimated", value };
}

/** Exact where the bounds leave no room; an infinite bound is none. */
export function between(lowest: number, value: number, highest: number): ExactQuantity | BoundedQuantity {
  if (lowest === highest) return exactly(value);
  return {
    certainty: "bounded",
    value,
    ...(lowest !== -Infinity && { lowest }),
    ...(highest !== Infinity && { highest }),
  };
}

/** The number, the most likely one, or `otherwise` where nothing is known: for sorting and drawing. */
export function likely(quantity: Quantity, otherwise = 0): number {
  return quantity.certainty === "unknown" ? otherwise : quantity.value;
}

export function isExact(quantity: Quantity): quantity is ExactQuantity {
  return quantity.certainty === "exact";
}

/** `a - b`, as certain as both are. */
export function difference(a: Quantity, b: Quantity): Quantity {
  if (a.certainty === "unknown" || b.certainty === "unknown") return unknown;
  const value = a.value - b.value;
  if (a.certainty === "estimated" || b.certainty === "estimated") return estimated(value);
  const [lowestA, highestA] = boundsOf(a);
  const [lowestB, highestB] = boundsOf(b);
  return between(lowestA - highestB, value, highestA - lowestB);
}

function boundsOf(quantity: ExactQuantity | BoundedQuantity): readonly [number, number] {
  if (quantity.certainty === "exact") return [quantity.value, quantity.value];
  return [quantity.lowest ?? -Infinity, quantity.highest ?? Infinity];
}
