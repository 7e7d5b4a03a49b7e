// A C++ name's tree as text, the way GNU tools write it. A type stands before and behind the name that it would declare, because "pointer to function"
// wraps around what it points to: each node is printed in two halves.
/* eslint-disable max-lines -- one walk over one tree: each kind of node in two halves */
import type { FunctionType, Node, Part, TemplateArgs } from "./nodes.ts";
import { Unknown } from "./scanner.ts";

/** Longer names are not for reading. Substitutions can double a name's length with every step, so that this is what bounds time and memory. */
const MAX_LENGTH = 16_384;
const MAX_STEPS = 100_000;
const MAX_DEPTH = 400;

export function print(node: Node): string {
  const printer = new Printer();
  printer.whole(node);
  return printer.out;
}

class Printer {
  out = "";
  /** As GNU tools remember it: a comma that an empty pack took back has left its space behind. */
  private last = "";
  private steps = 0;
  private depth = 0;
  /** Which item of its packs a pattern is being written for; undefined outside of an expansion. */
  private packIndex: number | undefined;
  /** Of the functions that are being written, the outermost first. An argument's own parameters are those of the function around. */
  private scopes: readonly TemplateArgs[] = [];
  /** Among the parameters of a lambda, template parameters are its `auto`s. */
  private inLambda = false;

  whole(node: Node): void {
    this.left(node);
    this.right(node);
  }

  private append(text: string): void {
    if (text === "") return;
    this.out += text;
    this.last = text.slice(-1);
    if (this.out.length > MAX_LENGTH) throw new Unknown();
  }

  private left(node: Node): void {
    if (++this.steps > MAX_STEPS || ++this.depth > MAX_DEPTH) throw new Unknown();
    this.leftOf(node);
    this.depth--;
  }

  private leftOf(node: Node): void {
    switch (node.kind) {
      case "name":
        this.append(node.text);
        break;
      case "qualified":
        if (node.scope !== undefined) this.whole(node.scope);
        this.append("::");
        this.whole(node.name);
        break;
      case "template":
        this.whole(node.name);
        this.args(node.args);
        break;
      case "local":
        this.whole(node.outer);
        this.append("::");
        this.whole(node.name);
        break;
      case "structor":
        this.append(node.tilde);
        this.whole(node.of);
        break;
      case "conversion":
        this.append("operator ");
        this.whole(node.type);
        break;
      case "tagged":
        this.whole(node.name);
        this.append(`[abi:${node.tag}]`);
        break;
      case "lambda":
        this.lambda(node.parameters, node.number);
        break;
      case "encoding":
        this.inScope(node.args === undefined ? this.scopes : [...this.scopes, node.args], () => {
          this.encoding(node.name, node.type);
        });
        break;
      case "prefixed":
        this.append(node.prefix);
        this.whole(node.of);
        if (node.after !== undefined) {
          this.append("-in-");
          this.whole(node.after);
        }
        break;
      case "qualifiers":
        this.left(node.type);
        // Of a function type they are the last thing that is written, of an array those of its elements.
        if (this.resolved(node.type).kind !== "function") this.append(this.newWords(node));
        break;
      case "pointer":
        this.pointer(node.to, node.sign);
        break;
      case "member-pointer":
        this.left(node.to);
        this.append(!this.wraps(node.to) ? " " : this.out.endsWith(" ") ? "(" : " (");
        this.whole(node.owner);
        this.append("::*");
        break;
      case "array":
        this.left(node.of);
        break;
      case "function":
        if (node.returns !== undefined) {
          this.left(node.returns);
          if (!this.hasRight(node.returns)) this.append(" ");
        }
        break;
      case "parameter":
        if (this.inLambda) this.append(`auto:${node.index + 1}`);
        else
          this.withParameter(node, (argument) => {
            this.left(argument);
          });
        break;
      case "pack":
        if (this.packIndex === undefined) this.list(node.items);
        else
          this.withItem(node.items, (item) => {
            this.left(item);
          });
        break;
      case "expansion":
        this.expansion(node.pattern);
        break;
      case "expression":
        this.parts(node.parts);
        break;
      case "pack-size": {
        const pack = this.resolved(node.of);
        this.append(String(pack.kind === "pack" ? pack.items.length : 0));
        break;
      }
    }
  }

  private right(node: Node): void {
    if (++this.steps > MAX_STEPS || ++this.depth > MAX_DEPTH) throw new Unknown();
    this.rightOf(node);
    this.depth--;
  }

  private rightOf(node: Node): void {
    switch (node.kind) {
      case "qualifiers":
        this.right(node.type);
        if (this.resolved(node.type).kind === "function") this.append(node.words);
        break;
      case "pointer":
      case "member-pointer":
        if (this.wraps(node.to)) this.append(")");
        this.right(node.to);
        break;
      case "array":
        this.append(this.out.endsWith("]") ? "[" : " [");
        if (node.size !== undefined) this.whole(node.size);
        this.append("]");
        this.right(node.of);
        break;
      case "function":
        this.parameters(node);
        if (node.returns !== undefined) this.right(node.returns);
        break;
      case "parameter":
        if (!this.inLambda)
          this.withParameter(node, (argument) => {
            this.right(argument);
          });
        break;
      case "pack":
        if (this.packIndex !== undefined)
          this.withItem(node.items, (item) => {
            this.right(item);
          });
        break;
      default:
        break;
    }
  }

  private encoding(name: Node, type: FunctionType): void {
    if (type.returns !== undefined) {
      this.left(type.returns);
      if (!this.hasRight(type.returns)) this.append(" ");
    }
    this.whole(name);
    this.parameters(type);
    if (type.returns !== undefined) this.right(type.returns);
  }

  private parameters({ parameters, suffix, reference = "" }: FunctionType): void {
    this.append("(");
    this.parameterList(parameters);
    this.append(")");
    this.parts(suffix);
    this.append(reference);
  }

  private lambda(parameters: readonly Node[], number: number): void {
    this.append("{lambda(");
    const outer = this.inLambda;
    this.inLambda = true;
    this.parameterList(parameters);
    this.inLambda = outer;
    this.append(`)#${number}}`);
  }

  private parameterList(parameters: readonly Node[]): void {
    const [only] = parameters;
    if (parameters.length === 1 && only?.kind === "name" && only.text === "void") return;
    this.list(parameters);
  }

  private args(args: readonly Node[]): void {
    this.append(this.last === "<" ? " <" : "<");
    this.list(args);
    this.append(this.last === ">" ? " >" : ">");
  }

  /** With commas between. An empty pack takes back the comma in front of it at the end of the list only, as GNU tools do. */
  private list(nodes: readonly Node[]): void {
    let kept = this.out.length;
    for (const [i, node] of nodes.entries()) {
      if (i > 0) this.append(", ");
      const start = this.out.length;
      this.whole(node);
      if (this.out.length > start) kept = this.out.length;
    }
    this.out = this.out.slice(0, kept);
  }

  /** References to references, by way of template parameters, collapse. */
  private pointer(to: Node, sign: string): void {
    this.left(to);
    if (this.wraps(to)) this.append(this.opensAtOnce(to) ? "(" : " (");
    if (sign !== "*" && this.out.endsWith("&") && this.isReference(to)) {
      if (sign === "&" && this.out.endsWith("&&")) this.out = this.out.slice(0, -1);
    } else this.append(sign);
  }

  /** Behind a space; that of a pointer to a function within another's also behind its sign. */
  private opensAtOnce(to: Node): boolean {
    const isFunction = this.resolved(to).kind === "function";
    return this.out.endsWith(" ") || (isFunction && this.out.endsWith("*"));
  }

  private isReference(node: Node): boolean {
    const type = this.resolved(node);
    return type.kind === "pointer" && type.sign !== "*";
  }

  /** Qualifiers that the type does not have already by way of a template parameter. */
  private newWords(node: Node & { readonly kind: "qualifiers" }): string {
    const inner = this.resolved(node.type);
    if (inner.kind !== "qualifiers") return node.words;
    return node.words
      .split(/(?= )/)
      .filter((word) => !inner.words.split(/(?= )/).includes(word))
      .join("");
  }

  /** Whether a pointer to it needs parentheses. */
  private wraps(node: Node): boolean {
    const type = this.resolved(node);
    if (type.kind === "qualifiers") return this.wraps(type.type);
    return type.kind === "array" || type.kind === "function";
  }

  private hasRight(node: Node): boolean {
    const type = this.resolved(node);
    if (type.kind === "qualifiers") return this.hasRight(type.type);
    if (type.kind === "pointer" || type.kind === "member-pointer") return this.hasRight(type.to);
    return type.kind === "array" || type.kind === "function";
  }

  /** The pattern for each item of the packs that it names. */
  private expansion(pattern: Node): void {
    const length = this.packLength(pattern, 0);
    if (length === undefined) {
      this.operand(pattern);
      this.append("...");
      return;
    }
    const outer = this.packIndex;
    const before = this.out.length;
    for (let i = 0; i < length; i++) {
      if (this.out.length > before) this.append(", ");
      this.packIndex = i;
      this.whole(pattern);
    }
    this.packIndex = outer;
  }

  private packLength(node: Node, depth: number): number | undefined {
    if (++this.steps > MAX_STEPS || depth > MAX_DEPTH) throw new Unknown();
    if (node.kind === "pack") return node.items.length;
    if (node.kind === "parameter") {
      if (this.inLambda) return undefined;
      const argument = this.scopes.at(-1)?.[node.index];
      return argument?.kind === "pack" ? argument.items.length : undefined;
    }
    for (const child of childrenOf(node)) {
      const length = this.packLength(child, depth + 1);
      if (length !== undefined) return length;
    }
    return undefined;
  }

  private itemOf(items: readonly Node[]): Node {
    const item = items[this.packIndex ?? 0];
    if (item === undefined) throw new Unknown();
    return item;
  }

  /** Inside of an item, packs are its own. */
  private withItem(items: readonly Node[], use: (item: Node) => void): void {
    const item = this.itemOf(items);
    const index = this.packIndex;
    this.packIndex = undefined;
    use(item);
    this.packIndex = index;
  }

  private inScope(scopes: readonly TemplateArgs[], use: () => void): void {
    const outer = this.scopes;
    this.scopes = scopes;
    use();
    this.scopes = outer;
  }

  private withParameter(node: Node & { readonly kind: "parameter" }, use: (argument: Node) => void): void {
    const argument = this.scopes.at(-1)?.[node.index];
    if (argument === undefined) throw new Unknown();
    const index = this.packIndex;
    this.inScope(this.scopes.slice(0, -1), () => {
      if (argument.kind === "pack" && index !== undefined) {
        this.withItem(argument.items, use);
        return;
      }
      this.packIndex = undefined;
      use(argument);
    });
    this.packIndex = index;
  }

  /** What a parameter stands for, here and now. */
  private resolved(node: Node): Node {
    let found = node;
    for (let scope = this.scopes.length - 1, isItem = false; ;) {
      if (found.kind === "parameter") {
        if (this.inLambda) return found;
        const argument = this.scopes[scope--]?.[found.index];
        if (argument === undefined) throw new Unknown();
        found = argument;
      } else if (found.kind === "pack" && this.packIndex !== undefined && !isItem) {
        found = this.itemOf(found.items);
        isItem = true;
      } else return found;
    }
  }

  private parts(parts: readonly Part[]): void {
    for (const part of parts) {
      if (typeof part === "string") this.append(part);
      else if ("operand" in part) this.operand(part.operand);
      else if ("list" in part) this.list(part.list);
      else this.whole(part);
    }
  }

  private operand(node: Node): void {
    const isSimple = node.kind === "name" || node.kind === "qualified";
    if (!isSimple) this.append("(");
    this.whole(node);
    if (!isSimple) this.append(")");
  }
}

function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case "qualified":
      return node.scope === undefined ? [node.name] : [node.scope, node.name];
    case "template":
      return [node.name, ...node.args];
    case "local":
      return [node.outer, node.name];
    case "conversion":
    case "qualifiers":
      return [node.type];
    case "tagged":
      return [node.name];
    case "lambda":
      return node.parameters;
    case "pointer":
      return [node.to];
    case "member-pointer":
      return [node.owner, node.to];
    case "array":
      return node.size === undefined ? [node.of] : [node.of, node.size];
    case "function":
      return node.returns === undefined ? node.parameters : [node.returns, ...node.parameters];
    case "encoding":
      return [node.name, node.type];
    case "prefixed":
      return [node.of];
    case "expression":
      return node.parts.flatMap((part) =>
        typeof part === "string" ? [] : "operand" in part ? [part.operand] : "list" in part ? part.list : [part],
      );
    default:
      return [];
  }
}
