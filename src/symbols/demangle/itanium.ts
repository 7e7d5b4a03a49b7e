// C++ names: a recursive-descent reader of the Itanium ABI mangling (itanium-cxx-abi, section 5.1) into a tree, which print.ts writes as GNU tools do.
// What it does not know it leaves mangled.
/* eslint-disable max-lines -- one grammar, whose rules call each other */
import { ExpressionReader } from "./itanium-expressions.ts";
import { baseName, hasReturnType, text, type FunctionType, type Node, type TemplateArgs } from "./nodes.ts";
import { print } from "./print.ts";
import { Unknown } from "./scanner.ts";
import { BUILTIN_TYPES, OPERATORS, SPECIAL_NAMES, SPECIAL_TYPES, STANDARD } from "./tables.ts";

/** The readable form of a name that begins with "_Z"; undefined when it is not understood. */
export function demangleItanium(mangled: string): string | undefined {
  const dot = mangled.indexOf(".", 2);
  const body = dot < 0 ? mangled : mangled.slice(0, dot);
  try {
    const reader = new Reader(body);
    reader.expect("_Z");
    const tree = reader.encoding();
    if (!reader.atEnd) return undefined;
    const shown = print(tree);
    return dot < 0 ? shown : `${shown}${clones(mangled.slice(dot))}`;
  } catch (error) {
    if (error instanceof Unknown) return undefined;
    throw error;
  }
}

/** ".constprop.0.isra.1" to " [clone .constprop.0] [clone .isra.1]". */
function clones(suffix: string): string {
  const parts = suffix.match(/\.[A-Za-z_]+(\.[0-9]+)*|\.[0-9]+/g) ?? [suffix];
  return parts.map((part) => ` [clone ${part}]`).join("");
}

interface Name {
  readonly node: Node;
  /** "const" and the like of the member function. */
  readonly suffix: string;
}

class Reader extends ExpressionReader {
  private readonly substitutions: Node[] = [];
  /** Of the function whose name is being read; the last ones in it count. */
  private args: TemplateArgs | undefined;
  /** In the type of a conversion: a parameter may be one of arguments that come later. */
  private isConversion = false;

  private remember(node: Node): Node {
    this.substitutions.push(node);
    return node;
  }

  /** @param isScope a function that something is declared in does not show what it returns */
  encoding(isScope = false): Node {
    return this.nested(() => {
      const special = this.specialName();
      if (special !== undefined) return special;
      const outerArgs = this.args;
      this.args = undefined;
      const { node, suffix } = this.name(true);
      const args = this.args;
      let result = node;
      if (!this.atEnd && this.peek() !== "E" && this.peek() !== ".") {
        const returns = hasReturnType(node) ? this.type() : undefined;
        const parameters = this.parameters();
        const type: FunctionType = {
          kind: "function",
          returns: isScope ? undefined : returns,
          parameters,
          suffix: [suffix],
        };
        result = { kind: "encoding", name: node, type, args };
      }
      this.args = outerArgs;
      return result;
    });
  }

  protected parameters(): Node[] {
    const types: Node[] = [];
    while (!this.atEnd && this.peek() !== "E" && this.peek() !== "." && !/^[RO]E/.test(this.peek(2))) {
      types.push(this.type());
    }
    return types;
  }

  private specialName(): Node | undefined {
    const code = this.peek(2);
    const ofType = SPECIAL_TYPES[code];
    if (ofType !== undefined) {
      this.pos += 2;
      return { kind: "prefixed", prefix: ofType, of: this.type() };
    }
    const ofName = SPECIAL_NAMES[code];
    if (ofName !== undefined) {
      this.pos += 2;
      return { kind: "prefixed", prefix: ofName, of: this.name().node };
    }
    switch (code) {
      case "Th":
      case "Tv":
        this.pos++;
        this.callOffset();
        return {
          kind: "prefixed",
          prefix: code === "Th" ? "non-virtual thunk to " : "virtual thunk to ",
          of: this.encoding(),
        };
      case "Tc":
        this.pos += 2;
        this.callOffset();
        this.callOffset();
        return { kind: "prefixed", prefix: "covariant return thunk to ", of: this.encoding() };
      case "TC": {
        this.pos += 2;
        const derived = this.type();
        this.number();
        this.expect("_");
        return { kind: "prefixed", prefix: "construction vtable for ", of: this.type(), after: derived };
      }
      case "TA":
        this.pos += 2;
        return { kind: "prefixed", prefix: "template parameter object for ", of: this.templateArgument() };
      case "GR": {
        this.pos += 2;
        const of = this.name().node;
        const number = /^([0-9A-Z]*)_?/.exec(this.peek(8));
        this.pos += number?.[0].length ?? 0;
        const index = number?.[1] === "" || number?.[1] === undefined ? 0 : parseInt(number[1], 36) + 1;
        return { kind: "prefixed", prefix: `reference temporary #${index} for `, of };
      }
      case "GT": {
        this.pos += 2;
        const isPlain = this.take("n");
        if (!isPlain) this.expect("t");
        const prefix = isPlain ? "non-transaction clone for " : "transaction clone for ";
        return { kind: "prefixed", prefix, of: this.encoding() };
      }
      case "GA":
        this.pos += 2;
        return { kind: "prefixed", prefix: "hidden alias for ", of: this.encoding() };
      default:
        return undefined;
    }
  }

  private callOffset(): void {
    const numbers = this.take("h") ? 1 : this.take("v") ? 2 : 0;
    if (numbers === 0) throw new Unknown();
    for (let i = 0; i < numbers; i++) if (this.number() === undefined || !this.take("_")) throw new Unknown();
  }

  /** @param ofFunction the name of the function that is being read, whose arguments T_ means; not one within a type */
  private name(ofFunction = false): Name {
    return this.nested(() => {
      if (this.peek() === "N") return this.nestedName(ofFunction);
      if (this.peek() === "Z") return this.localName(ofFunction);
      let node: Node;
      if (this.peek() === "S" && this.peek(2) !== "St") node = this.substitution();
      else {
        const isStd = this.take("St");
        const own = this.unqualified(undefined);
        node = isStd ? { kind: "qualified", scope: text("std"), name: own } : own;
        if (this.peek() === "I") this.remember(node);
      }
      if (this.peek() === "I") node = { kind: "template", name: node, args: this.nameArgs(ofFunction) };
      return { node, suffix: "" };
    });
  }

  private nestedName(ofFunction: boolean): Name {
    this.expect("N");
    const qualifiers = this.qualifiers();
    const reference = this.take("R") ? " &" : this.take("O") ? " &&" : "";
    let node: Node | undefined;
    while (!this.take("E")) {
      const start = this.peek();
      const two = this.peek(2);
      let isRemembered = false;
      if (start === "S" && two !== "St") {
        node = this.substitution(true);
        isRemembered = true;
      } else if (start === "I") {
        if (node === undefined) throw new Unknown();
        node = { kind: "template", name: node, args: this.nameArgs(ofFunction) };
      } else if (start === "T") node = this.templateParameter();
      else if (two === "Dt" || two === "DT") node = this.decltype();
      else if (this.take("St")) {
        node = text("std");
        isRemembered = true;
      } else if (this.take("M")) {
        // The initializer of a member, which a lambda stands in: the member's name says it all.
        continue;
      } else {
        const own: Node = this.unqualified(node);
        node = node === undefined ? own : { kind: "qualified", scope: node, name: own };
      }
      if (!isRemembered && this.peek() !== "E") this.remember(node);
    }
    if (node === undefined) throw new Unknown();
    return { node, suffix: qualifiers + reference };
  }

  private localName(ofFunction: boolean): Name {
    this.expect("Z");
    const outer = this.encoding(true);
    this.expect("E");
    if (this.take("s")) {
      this.discriminator();
      return { node: { kind: "local", outer, name: text("string literal") }, suffix: "" };
    }
    if (this.take("d")) {
      const index = this.number();
      this.expect("_");
      const { node, suffix } = this.name();
      const name: Node = { kind: "qualified", scope: text(`{default arg#${(index ?? -1) + 2}}`), name: node };
      return { node: { kind: "local", outer, name }, suffix };
    }
    const { node, suffix } = this.name(ofFunction);
    this.discriminator();
    return { node: { kind: "local", outer, name: node }, suffix };
  }

  protected unqualified(enclosing: Node | undefined): Node {
    this.take("L");
    let own = this.ownName(enclosing);
    while (this.take("B")) own = { kind: "tagged", name: own, tag: this.sourceName() };
    return own;
  }

  private ownName(enclosing: Node | undefined): Node {
    const two = this.peek(2);
    if (/^[0-9]/.test(two)) return text(this.sourceName());
    if (/^C[1-5I]/.test(two) || /^D[0-5]/.test(two)) {
      if (enclosing === undefined) throw new Unknown();
      this.pos += 2;
      // Inherited: the class that it comes from follows.
      if (two === "CI") {
        this.pos++;
        this.type();
      }
      return { kind: "structor", tilde: two.startsWith("D") ? "~" : "", of: baseName(enclosing) };
    }
    switch (two) {
      case "Ul":
        return this.lambda();
      case "Ut": {
        this.pos += 2;
        const index = this.number();
        this.expect("_");
        return text(`{unnamed type#${(index ?? -1) + 2}}`);
      }
      case "DC": {
        this.pos += 2;
        const names: string[] = [];
        while (!this.take("E")) names.push(this.sourceName());
        return text(`[${names.join(", ")}]`);
      }
      case "cv": {
        this.pos += 2;
        const outer = this.isConversion;
        this.isConversion = true;
        const type = this.type();
        this.isConversion = outer;
        return { kind: "conversion", type };
      }
      case "li":
        this.pos += 2;
        return text(`operator"" ${this.sourceName()}`);
      default: {
        const operator = OPERATORS[two];
        if (operator === undefined) throw new Unknown();
        this.pos += 2;
        return text(`operator${/^[a-z]/.test(operator) ? " " : ""}${operator}`);
      }
    }
  }

  private lambda(): Node {
    this.expect("Ul");
    const parameters = this.parameters();
    this.expect("E");
    const index = this.number();
    this.expect("_");
    return { kind: "lambda", parameters, number: (index ?? -1) + 2 };
  }

  /** @param isPrefix constructors of std::string are those of the template behind it */
  private substitution(isPrefix = false): Node {
    const standard = STANDARD[this.peek(2)];
    if (standard !== undefined) {
      this.pos += 2;
      const isFull = isPrefix && standard.args.length > 0 && /^[CD][0-9I]/.test(this.peek(2));
      const name = text(isFull ? standard.name : standard.short);
      let node: Node = { kind: "qualified", scope: text("std"), name };
      if (isFull) node = { kind: "template", name: node, args: standard.args.map(text) };
      let isTagged = false;
      for (; this.take("B"); isTagged = true) node = { kind: "tagged", name: node, tag: this.sourceName() };
      return isTagged ? this.remember(node) : node;
    }
    this.expect("S");
    const match = /^([0-9A-Z]*)_/.exec(this.peek(8));
    if (match === null) throw new Unknown();
    this.pos += match[0].length;
    const index = match[1] === "" || match[1] === undefined ? 0 : parseInt(match[1], 36) + 1;
    const found = this.substitutions[index];
    if (found === undefined) throw new Unknown();
    return found;
  }

  protected templateParameter(): Node {
    this.expect("T");
    if (this.take("L")) {
      this.number();
      this.expect("_");
    }
    const index = (this.number() ?? -1) + 1;
    this.expect("_");
    return { kind: "parameter", index };
  }

  private nameArgs(ofFunction: boolean): TemplateArgs {
    const args = this.templateArgs();
    if (ofFunction) this.args = args;
    return args;
  }

  protected templateArgs(): TemplateArgs {
    this.expect("I");
    // What is read within does not belong to the name outside.
    const outer = this.isConversion;
    this.isConversion = false;
    const args: Node[] = [];
    while (!this.take("E")) {
      if (this.take("Q")) this.expression();
      else args.push(this.templateArgument());
    }
    this.isConversion = outer;
    return args;
  }

  private templateArgument(): Node {
    return this.nested(() => {
      if (this.peek() === "L") return this.literal();
      if (this.take("X")) {
        const value = this.expression();
        this.expect("E");
        return value;
      }
      // "I": compilers before GCC 4.7's version of the ABI.
      if (this.take("J") || this.take("I")) {
        const items: Node[] = [];
        while (!this.take("E")) items.push(this.templateArgument());
        return { kind: "pack", items };
      }
      return this.type();
    });
  }

  private decltype(): Node {
    this.pos += 2;
    const of = this.expression();
    this.expect("E");
    return { kind: "expression", parts: ["decltype (", of, ")"] };
  }

  private qualifiers(): string {
    const letters = /^r?V?K?/.exec(this.peek(3))?.[0] ?? "";
    this.pos += letters.length;
    const restrict = letters.includes("r") ? " restrict" : "";
    return `${letters.includes("K") ? " const" : ""}${letters.includes("V") ? " volatile" : ""}${restrict}`;
  }

  protected type(): Node {
    return this.nested(() => {
      const start = this.peek();
      const two = this.peek(2);
      const builtin = BUILTIN_TYPES[start === "D" ? two : start];
      if (builtin !== undefined) {
        this.pos += start === "D" ? 2 : 1;
        return text(builtin);
      }
      if (start === "S" && two !== "St") {
        const found = this.substitution();
        if (this.peek() !== "I") return found;
        return this.remember({ kind: "template", name: found, args: this.templateArgs() });
      }
      const extended = /^D(?:F(\d+)([_xb])|B(\d+)_)/.exec(this.peek(8));
      if (extended !== null) {
        this.pos += extended[0].length;
        return text(extendedType(extended));
      }
      return this.remember(this.compound(start, two));
    });
  }

  /** Types that can be substituted later. */
  private compound(start: string, two: string): Node {
    if (/^[rVK]/.test(start)) {
      const words = this.qualifiers();
      // Of a member function they are a part of its type, which cannot be substituted without.
      const isFunction = /^(F|D[oOx])/.test(this.peek(2));
      const type = isFunction ? this.compound(this.peek(), this.peek(2)) : this.type();
      if (type.kind === "function" && isFunction) return { ...type, suffix: [...type.suffix, words] };
      return { kind: "qualifiers", type, words };
    }
    switch (start) {
      case "P":
      case "R":
      case "O":
        this.pos++;
        return { kind: "pointer", to: this.type(), sign: start === "P" ? "*" : start === "R" ? "&" : "&&" };
      case "C":
      case "G":
        this.pos++;
        return { kind: "qualifiers", type: this.type(), words: start === "C" ? " _Complex" : " _Imaginary" };
      case "U": {
        this.pos++;
        const word = this.sourceName();
        const args = this.peek() === "I" ? this.templateArgs() : [];
        const type = this.type();
        const parts = args.length === 0 ? [type, ` ${word}`] : [type, ` ${word}<`, { list: args }, ">"];
        return { kind: "expression", parts };
      }
      case "u":
        this.pos++;
        return text(this.sourceName());
      case "F":
        return this.functionType("");
      case "A":
        return this.arrayType();
      case "M": {
        this.pos++;
        const owner = this.type();
        return { kind: "member-pointer", owner, to: this.type() };
      }
      case "T": {
        if (/^T[sue]/.test(two)) {
          this.pos += 2;
          return this.name().node;
        }
        const parameter = this.templateParameter();
        // After a conversion's own type, arguments are those of the conversion.
        if (this.peek() !== "I") return parameter;
        if (this.isConversion) {
          const retreat = this.pos;
          const args = this.templateArgs();
          if (this.peek() === "I") return { kind: "template", name: this.remember(parameter), args };
          this.pos = retreat;
          return parameter;
        }
        return { kind: "template", name: this.remember(parameter), args: this.templateArgs() };
      }
      default:
        break;
    }
    switch (two) {
      case "Dp":
        this.pos += 2;
        return { kind: "expansion", pattern: this.type() };
      case "Dt":
      case "DT":
        return this.decltype();
      case "Dv": {
        this.pos += 2;
        const size = this.take("_") ? this.expression() : text(String(this.number() ?? ""));
        this.expect("_");
        return { kind: "expression", parts: [this.type(), " __vector(", size, ")"] };
      }
      case "Do":
        this.pos += 2;
        return this.functionType(" noexcept");
      case "DO": {
        this.pos += 2;
        const condition = this.expression();
        this.expect("E");
        return this.functionType(" noexcept", condition);
      }
      case "Dx":
        this.pos += 2;
        return this.functionType(" transaction_safe");
      default:
        return this.name().node;
    }
  }

  private functionType(words: string, condition?: Node): Node {
    this.expect("F");
    this.take("Y");
    const returns = this.type();
    const parameters = this.parameters();
    const reference = this.take("R") ? " &" : this.take("O") ? " &&" : "";
    this.expect("E");
    const suffix = condition === undefined ? [words] : [words, "(", condition, ")"];
    return { kind: "function", returns, parameters, suffix, reference };
  }

  private arrayType(): Node {
    this.expect("A");
    const digits = this.number();
    const size = digits !== undefined ? text(String(digits)) : this.peek() === "_" ? undefined : this.expression();
    this.expect("_");
    return { kind: "array", of: this.type(), size };
  }
}

function extendedType([, floatBits, end, integerBits]: RegExpExecArray): string {
  if (floatBits === undefined) return `_BitInt(${integerBits})`;
  return end === "b" ? "std::bfloat16_t" : `_Float${floatBits}${end === "x" ? "x" : ""}`;
}
