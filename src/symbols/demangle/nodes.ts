// A C++ name as a tree. Parts that the mangling names twice are the same node, so that a tree is never larger than the name that it came from, however
// long it would be in print.

export type Node =
  | { readonly kind: "name"; readonly text: string }
  /** scope::name; a missing scope is "::name". */
  | { readonly kind: "qualified"; readonly scope: Node | undefined; readonly name: Node }
  | { readonly kind: "template"; readonly name: Node; readonly args: TemplateArgs }
  /** What is declared inside a function. */
  | { readonly kind: "local"; readonly outer: Node; readonly name: Node }
  /** A constructor, or with "~" a destructor, of the class whose name is `of`. */
  | { readonly kind: "structor"; readonly tilde: "" | "~"; readonly of: Node }
  /** "operator T". */
  | { readonly kind: "conversion"; readonly type: Node }
  | { readonly kind: "tagged"; readonly name: Node; readonly tag: string }
  | { readonly kind: "lambda"; readonly parameters: readonly Node[]; readonly number: number }
  /** A function; `args` are those of its template, which parameters within mean. */
  | {
      readonly kind: "encoding";
      readonly name: Node;
      readonly type: FunctionType;
      readonly args: TemplateArgs | undefined;
    }
  /** Text before another: "vtable for X". */
  | { readonly kind: "prefixed"; readonly prefix: string; readonly of: Node; readonly after?: Node }
  | { readonly kind: "qualifiers"; readonly type: Node; readonly words: string }
  | { readonly kind: "pointer"; readonly to: Node; readonly sign: "*" | "&" | "&&" }
  | { readonly kind: "member-pointer"; readonly owner: Node; readonly to: Node }
  | { readonly kind: "array"; readonly of: Node; readonly size: Node | undefined }
  | FunctionType
  /** A template parameter of the function that it is printed in: one that a substitution repeats may have been written in another. */
  | { readonly kind: "parameter"; readonly index: number }
  | { readonly kind: "pack"; readonly items: readonly Node[] }
  | { readonly kind: "expansion"; readonly pattern: Node }
  | { readonly kind: "expression"; readonly parts: readonly Part[] }
  | { readonly kind: "pack-size"; readonly of: Node };

export interface FunctionType {
  readonly kind: "function";
  readonly returns: Node | undefined;
  readonly parameters: readonly Node[];
  /** " const", " noexcept" and the like. */
  readonly suffix: readonly Part[];
  /** " &" or " &&", which stands behind all of these. */
  readonly reference?: string;
}

/** Text as it is, a node, or a node in parentheses unless it is simple. */
export type Part = string | Node | { readonly operand: Node } | { readonly list: readonly Node[] };

export type TemplateArgs = readonly Node[];

export function text(value: string): Node {
  return { kind: "name", text: value };
}

/** Whether a function's mangling begins with its return type: for templates other than constructors, destructors and conversions. */
export function hasReturnType(name: Node): boolean {
  switch (name.kind) {
    case "template":
      return !isUnreturning(name.name);
    case "local":
      return hasReturnType(name.name);
    case "tagged":
      return hasReturnType(name.name);
    case "qualifiers":
      return hasReturnType(name.type);
    default:
      return false;
  }
}

function isUnreturning(name: Node): boolean {
  switch (name.kind) {
    case "structor":
    case "conversion":
      return true;
    case "qualified":
    case "local":
    case "tagged":
      return isUnreturning(name.name);
    default:
      return false;
  }
}

/** What constructors and destructors of it are called. */
export function baseName(name: Node): Node {
  switch (name.kind) {
    case "qualified":
    case "template":
    case "local":
    case "tagged":
      return baseName(name.name);
    default:
      return name;
  }
}
