// A C++ type as text: what stands before and behind the name that it would declare, because "pointer to function" wraps
// around what it points to.

export interface Type {
  readonly left: string;
  readonly right: string;
  /** A function or an array: a pointer to it needs parentheses. */
  readonly kind: "plain" | "function" | "array";
}

export function plain(left: string): Type {
  return { left, right: "", kind: "plain" };
}

export function show(type: Type): string {
  return type.left + type.right;
}

/** Types with commas between; empty packs leave no trace. */
export function listOf(types: readonly Type[]): string {
  return types
    .map(show)
    .filter((text) => text !== "")
    .join(", ");
}

/** A pointer, reference or pointer to member of a type. */
export function pointer(type: Type, sign: string, isMember = false): Type {
  if (type.kind === "function") return { left: `${type.left}(${sign}`, right: `)${type.right}`, kind: "plain" };
  if (type.kind === "array") return { left: `${type.left}(${sign}`, right: `) ${type.right}`, kind: "plain" };
  // References to references, by way of template parameters, collapse.
  if (sign.startsWith("&") && type.left.endsWith("&")) {
    const left = sign === "&" && type.left.endsWith("&&") ? type.left.slice(0, -1) : type.left;
    return { ...type, left };
  }
  return { ...type, left: `${type.left}${isMember ? " " : ""}${sign}` };
}
