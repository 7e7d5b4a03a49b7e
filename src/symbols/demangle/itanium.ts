// C++ names: a recursive-descent reader of the Itanium ABI mangling (itanium-cxx-abi, section 5.1) that writes names as GNU
// tools do. What it does not know it leaves mangled. A name is read into text at once; a type is the text before and behind
// the name that it would declare, because "pointer to function" wraps around what it points to.
import { Scanner, Unknown } from "./scanner.ts";
import {
  BINARY,
  BUILTIN_TYPES,
  LITERAL_SUFFIX,
  OPERATORS,
  SPECIAL_NAMES,
  SPECIAL_TYPES,
  STANDARD,
  UNARY,
} from "./tables.ts";
import { clones, listOf, plain, pointer, show, type Name, type Type } from "./type-text.ts";

/** Substitutions double a name's length with every step; what grows beyond this is not for reading. */
const MAX_LENGTH = 16_384;

/** The readable form of a name that begins with "_Z"; undefined when it is not understood. */
export function demangleItanium(mangled: string): string | undefined {
  const dot = mangled.indexOf(".", 2);
  const body = dot < 0 ? mangled : mangled.slice(0, dot);
  try {
    const reader = new Reader(body);
    reader.expect("_Z");
    const text = reader.encoding(true);
    if (!reader.atEnd) return undefined;
    return dot < 0 ? text : `${text}${clones(mangled.slice(dot))}`;
  } catch (error) {
    if (error instanceof Unknown) return undefined;
    throw error;
  }
}

class Reader extends Scanner {
  private readonly substitutions: (Type & { readonly last: string })[] = [];
  private templateArguments: readonly Type[] = [];

  private remember(type: Type, last: string): void {
    if (show(type).length > MAX_LENGTH) throw new Unknown();
    this.substitutions.push({ ...type, last });
  }

  /** @param isTop only the outermost function shows what it returns */
  encoding(isTop = false): string {
    return this.nested(() => {
      const special = this.specialName();
      if (special !== undefined) return special;
      const name = this.name();
      if (this.atEnd || this.peek() === "E") return name.text;
      const returns = name.isTemplate && !name.hasNoReturn ? this.type() : undefined;
      const parameters = `(${this.parameters()})`;
      const text = `${name.text}${parameters}${name.suffix}`;
      if (returns === undefined || !isTop) return text;
      return returns.kind === "plain" && returns.right === ""
        ? `${returns.left} ${text}`
        : `${returns.left}${text}${returns.right}`;
    });
  }

  private parameters(): string {
    const types: string[] = [];
    while (!this.atEnd && this.peek() !== "E" && this.peek() !== "." && !/^[RO]E/.test(this.peek(2))) {
      const text = show(this.type());
      if (text !== "") types.push(text);
    }
    return types.length === 1 && types[0] === "void" ? "" : types.join(", ");
  }

  private specialName(): string | undefined {
    const code = this.peek(2);
    const prefix = SPECIAL_TYPES[code];
    if (prefix !== undefined) {
      this.pos += 2;
      return prefix + show(this.type());
    }
    const variable = SPECIAL_NAMES[code];
    if (variable !== undefined) {
      this.pos += 2;
      return variable + this.name().text;
    }
    if (code === "Th" || code === "Tv") {
      this.pos += 2;
      const numbers = code === "Th" ? 1 : 2;
      for (let i = 0; i < numbers; i++) if (this.number() === undefined || !this.take("_")) throw new Unknown();
      return `${code === "Th" ? "non-virtual" : "virtual"} thunk to ${this.encoding()}`;
    }
    return undefined;
  }

  private name(): Name {
    return this.nested(() => {
      if (this.peek() === "N") return this.nestedName();
      if (this.peek() === "Z") return this.localName();
      let name: Name;
      if (this.peek() === "S" && this.peek(2) !== "St") {
        const { left, last } = this.substitution();
        name = { text: left, last, isTemplate: false, hasNoReturn: false, suffix: "" };
      } else {
        const scope = this.take("St") ? "std::" : "";
        name = this.unqualified(scope, "");
        if (this.peek() === "I") this.remember(plain(name.text), name.last);
      }
      if (this.peek() === "I") name = { ...name, text: name.text + this.templateArgs(name.text), isTemplate: true };
      return name;
    });
  }

  private nestedName(): Name {
    this.expect("N");
    let suffix = "";
    const qualifiers = /^r?V?K?/.exec(this.peek(3))?.[0] ?? "";
    this.pos += qualifiers.length;
    if (qualifiers.includes("K")) suffix += " const";
    if (qualifiers.includes("V")) suffix += " volatile";
    if (this.take("R")) suffix += " &";
    else if (this.take("O")) suffix += " &&";
    let name: Name = { text: "", last: "", isTemplate: false, hasNoReturn: false, suffix };
    while (!this.take("E")) {
      const start = this.peek();
      let isRemembered = false;
      if (start === "S" && this.peek(2) !== "St") {
        const code = this.peek(2);
        const { left, last } = this.substitution();
        // Constructors of std::string are those of the template behind it.
        const standard = /^[CD][0-9]/.test(this.peek(2)) ? STANDARD[code] : undefined;
        name = { ...name, text: standard?.[1] ?? left, last, isTemplate: false };
        isRemembered = true;
      } else if (start === "I") {
        name = { ...name, text: name.text + this.templateArgs(name.text), isTemplate: true };
      } else if (start === "T") {
        const text = show(this.templateParameter());
        name = { ...name, text, last: text, isTemplate: false };
      } else if (this.peek(2) === "Dt" || this.peek(2) === "DT") {
        const text = show(this.decltype());
        name = { ...name, text, last: text, isTemplate: false };
      } else if (this.take("St")) {
        name = { ...name, text: "std", last: "std", isTemplate: false };
        isRemembered = true;
      } else {
        const scope = name.text === "" ? "" : `${name.text}::`;
        name = { ...this.unqualified(scope, name.last), suffix };
      }
      if (!isRemembered && this.peek() !== "E") this.remember(plain(name.text), name.last);
    }
    return name;
  }

  private localName(): Name {
    this.expect("Z");
    const outerArguments = this.templateArguments;
    const outer = this.encoding();
    this.expect("E");
    if (this.take("s")) {
      this.discriminator();
      return { text: `${outer}::string literal`, last: "", isTemplate: false, hasNoReturn: true, suffix: "" };
    }
    if (this.take("d")) {
      const index = this.number();
      this.expect("_");
      const inner = this.name();
      return { ...inner, text: `${outer}::{default arg#${(index ?? -1) + 2}}::${inner.text}` };
    }
    const inner = this.name();
    this.discriminator();
    if (!inner.isTemplate) this.templateArguments = outerArguments;
    return { ...inner, text: `${outer}::${inner.text}` };
  }

  private unqualified(scope: string, enclosing: string): Name {
    this.take("L");
    const start = this.peek();
    const two = this.peek(2);
    let own: string;
    let hasNoReturn = false;
    if (/^[0-9]/.test(start)) own = this.sourceName();
    else if (start === "C" && /^C[1-5]/.test(two)) {
      this.pos += 2;
      own = enclosing;
      hasNoReturn = true;
    } else if (start === "D" && /^D[0-5]/.test(two)) {
      this.pos += 2;
      own = `~${enclosing}`;
      hasNoReturn = true;
    } else if (two === "Ul") own = this.lambda();
    else if (two === "Ut") {
      this.pos += 2;
      const index = this.number();
      this.expect("_");
      own = `{unnamed type#${(index ?? -1) + 2}}`;
    } else if (two === "cv") {
      this.pos += 2;
      own = `operator ${show(this.type())}`;
      hasNoReturn = true;
    } else if (two === "li") {
      this.pos += 2;
      own = `operator"" ${this.sourceName()}`;
    } else {
      const operator = OPERATORS[two];
      if (operator === undefined) throw new Unknown();
      this.pos += 2;
      own = `operator${/^[a-z]/.test(operator) ? " " : ""}${operator}`;
    }
    const last = own;
    while (this.take("B")) own += `[abi:${this.sourceName()}]`;
    return { text: scope + own, last, isTemplate: false, hasNoReturn, suffix: "" };
  }

  private lambda(): string {
    this.expect("Ul");
    const parameters = this.parameters();
    this.expect("E");
    const index = this.number();
    this.expect("_");
    return `{lambda(${parameters})#${(index ?? -1) + 2}}`;
  }

  private substitution(): Type & { readonly last: string } {
    const standard = STANDARD[this.peek(2)];
    if (standard !== undefined) {
      this.pos += 2;
      return { ...plain(standard[0]), last: standard[2] };
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

  private templateParameter(): Type {
    this.expect("T");
    const index = this.number();
    this.expect("_");
    const argument = this.templateArguments[(index ?? -1) + 1];
    if (argument === undefined) throw new Unknown();
    return argument;
  }

  private templateArgs(name: string): string {
    this.expect("I");
    const args: Type[] = [];
    while (!this.take("E")) args.push(this.templateArgument());
    this.templateArguments = args;
    const shown = listOf(args);
    return `${name.endsWith("<") ? " " : ""}<${shown}${shown.endsWith(">") ? " " : ""}>`;
  }

  private templateArgument(): Type {
    return this.nested(() => {
      if (this.peek() === "L") return plain(this.literal());
      if (this.take("X")) {
        const text = this.expression();
        this.expect("E");
        return plain(text);
      }
      if (this.take("J")) {
        const pack: Type[] = [];
        while (!this.take("E")) pack.push(this.templateArgument());
        return plain(listOf(pack));
      }
      const kept = this.templateArguments;
      const type = this.type();
      this.templateArguments = kept;
      return type;
    });
  }

  private literal(): string {
    this.expect("L");
    if (this.take("_Z")) {
      const text = this.encoding();
      this.expect("E");
      return text;
    }
    const code = this.peek();
    const type = show(this.type());
    const match = /^n?[0-9a-z]*/.exec(this.input.slice(this.pos));
    const digits = (match?.[0] ?? "").replace(/^n/, "-");
    this.pos += match?.[0].length ?? 0;
    this.expect("E");
    if (code === "b") return digits === "1" ? "true" : "false";
    const suffix = LITERAL_SUFFIX[code];
    return suffix === undefined ? `(${type})${digits}` : digits + suffix;
  }

  private expression(): string {
    return this.nested(() => {
      const two = this.peek(2);
      if (two.startsWith("L")) return this.literal();
      if (two.startsWith("T")) return show(this.templateParameter());
      if (/^[0-9]/.test(two)) return this.sourceName();
      if (UNARY.has(two)) {
        this.pos += 2;
        return `${OPERATORS[two] ?? ""}(${this.expression()})`;
      }
      if (BINARY.has(two)) {
        this.pos += 2;
        const left = this.expression();
        const text = `(${left})${OPERATORS[two] ?? ""}(${this.expression()})`;
        return two === "gt" ? `(${text})` : text;
      }
      if (two === "st" || two === "at") {
        this.pos += 2;
        return `${two === "st" ? "sizeof" : "alignof"} (${show(this.type())})`;
      }
      throw new Unknown();
    });
  }

  private decltype(): Type {
    this.pos += 2;
    const text = `decltype (${this.expression()})`;
    this.expect("E");
    return plain(text);
  }

  private type(): Type {
    return this.nested(() => {
      const start = this.peek();
      const two = this.peek(2);
      const builtin = BUILTIN_TYPES[two.startsWith("D") ? two : start];
      if (builtin !== undefined) {
        this.pos += two.startsWith("D") ? 2 : 1;
        return plain(builtin);
      }
      let type: Type;
      let last = "";
      if (/^[rVK]/.test(start)) {
        const qualifiers = /^r?V?K?/.exec(this.peek(3))?.[0] ?? "";
        this.pos += qualifiers.length;
        const words = `${qualifiers.includes("K") ? " const" : ""}${qualifiers.includes("V") ? " volatile" : ""}`;
        const inner = this.type();
        type =
          inner.kind === "plain" ? { ...inner, left: inner.left + words } : { ...inner, right: inner.right + words };
      } else if (start === "P" || start === "R" || start === "O") {
        this.pos++;
        type = pointer(this.type(), start === "P" ? "*" : start === "R" ? "&" : "&&");
      } else if (start === "F") type = this.functionType();
      else if (start === "A") type = this.arrayType();
      else if (start === "M") {
        this.pos++;
        const owner = show(this.type());
        type = pointer(this.type(), `${owner}::*`, true);
      } else if (start === "T") {
        type = this.templateParameter();
        if (this.peek() === "I") {
          this.remember(type, show(type));
          type = plain(show(type) + this.templateArgs(show(type)));
        }
      } else if (two === "Dp") {
        this.pos += 2;
        type = this.type();
      } else if (two === "Dt" || two === "DT") type = this.decltype();
      else if (two === "Do" || two === "DO" || two === "Dw") throw new Unknown();
      else if (start === "u") {
        this.pos++;
        type = plain(this.sourceName());
      } else if (start === "S" && two !== "St") {
        const found = this.substitution();
        if (this.peek() !== "I") return found;
        last = found.last;
        type = plain(found.left + this.templateArgs(found.left));
      } else {
        const name = this.name();
        last = name.last;
        type = plain(name.text);
      }
      this.remember(type, last);
      return type;
    });
  }

  private functionType(): Type {
    this.expect("F");
    this.take("Y");
    const returns = this.type();
    const parameters = this.parameters();
    const reference = this.take("R") ? " &" : this.take("O") ? " &&" : "";
    this.expect("E");
    return { left: `${returns.left} `, right: `(${parameters})${reference}${returns.right}`, kind: "function" };
  }

  private arrayType(): Type {
    this.expect("A");
    const size = this.number();
    const text = size === undefined && this.peek() !== "_" ? this.expression() : (size?.toString() ?? "");
    this.expect("_");
    const element = this.type();
    if (element.kind === "array") return { ...element, right: `[${text}]${element.right}` };
    return { left: `${element.left} `, right: `[${text}]${element.right}`, kind: "array" };
  }
}
