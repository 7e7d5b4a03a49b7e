// Names and types of C++ as text. A type is what stands before and behind the name that it would declare, because "pointer to function" wraps
// around what it points to.

export interface Type {
  readonly left: string;
  readonly right: string;
  /** A function or an array: a pointer to it needs parentheses. */
  readonly kind: "plain" | "function" | "array";
}

export interface Name {
  readonly text: string;
  /** What constructors and destructors of it are called. */
  readonly last: string;
  /** Whether it ends in template arguments: then a function's mangling begins with its return type. */
  readonly isTemplate: boolean;
  /** Constructors, destructors and conversions never have a return type. */
  readonly hasNoReturn: boolean;
  /** "const" and the like of the member function. */
  readonly suffix: string;
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

/** ".constprop.0.isra.1" to " [clone .constprop.0] [clone .isra.1]", as GNU tools write it. */
export function clones(suffix: string): string {
  const parts = suffix.match(/\.[A-Za-z_]+(\.[0-9]+)*|\.[0-9]+/g) ?? [suffix];
  return parts.map((part) => ` [clone ${part}]`).join("");
}
