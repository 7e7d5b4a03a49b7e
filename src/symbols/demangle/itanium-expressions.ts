// Expressions in C++ names (itanium-cxx-abi, section 5.1.6): sizes of arrays, arguments of templates, decltype. They are written as GNU tools write
// them: each operand in parentheses unless it is a name.
import { text, type Node, type Part } from "./nodes.ts";
import { Scanner, Unknown } from "./scanner.ts";
import { BINARY, BUILTIN_TYPES, LITERAL_SUFFIX, OPERATORS, UNARY } from "./tables.ts";

const PREFIXES: Readonly<Record<string, string>> = {
  sz: "sizeof ",
  az: "alignof ",
  te: "typeid ",
  tw: "throw ",
  aw: "co_await ",
};
const TYPE_PREFIXES: Readonly<Record<string, string>> = { st: "sizeof (", at: "alignof (", ti: "typeid (" };
const CASTS: Readonly<Record<string, string>> = {
  sc: "static_cast",
  dc: "dynamic_cast",
  rc: "reinterpret_cast",
  cc: "const_cast",
};

export abstract class ExpressionReader extends Scanner {
  abstract encoding(): Node;
  protected abstract type(): Node;
  protected abstract templateParameter(): Node;
  protected abstract templateArgs(): readonly Node[];
  protected abstract unqualified(enclosing: Node | undefined): Node;

  protected expression(): Node {
    return this.nested(() => this.expressionBy(this.peek(2)));
  }

  private expressionBy(two: string): Node {
    if (two.startsWith("L")) return this.literal();
    if (/^T[0-9_L]/.test(two)) return this.templateParameter();
    if (/^[0-9]/.test(two)) return this.named(undefined);
    if (/^f[pL]/.test(two) && /^f(p|L\d+p)[rVK]*(T|\d*_)/.test(this.peek(16))) return this.functionParameter();
    if (/^f[lrLR]$/.test(two)) return this.fold(two);
    const operator = OPERATORS[two];
    if (UNARY.has(two) && operator !== undefined) {
      this.pos += 2;
      // Before the operand: with "_" behind the code, else after it. Both are written the same way here as by the tools.
      if ((two === "pp" || two === "mm") && !this.take("_"))
        return expression({ operand: this.expression() }, operator);
      const operand = this.expression();
      const isNamed =
        two === "ad" &&
        operand.kind === "encoding" &&
        operand.name.kind === "qualified" &&
        operand.type.suffix.every((part) => part === "");
      return expression(operator, { operand: isNamed ? operand.name : operand });
    }
    if (BINARY.has(two) && operator !== undefined) {
      this.pos += 2;
      const left = this.expression();
      const right = this.expression();
      const parts: Part[] = [{ operand: left }, operator, { operand: right }];
      return two === "gt" ? expression("(", ...parts, ")") : expression(...parts);
    }
    const prefix = PREFIXES[two];
    if (prefix !== undefined) {
      this.pos += 2;
      return expression(prefix, { operand: this.expression() });
    }
    const ofType = TYPE_PREFIXES[two];
    if (ofType !== undefined) {
      this.pos += 2;
      return expression(ofType, this.type(), ")");
    }
    const cast = CASTS[two];
    if (cast !== undefined) {
      this.pos += 2;
      const type = this.type();
      return expression(`${cast}<`, type, ">(", this.expression(), ")");
    }
    return this.rarer(two);
  }

  private rarer(two: string): Node {
    this.pos += 2;
    switch (two) {
      case "qu": {
        const condition = this.expression();
        const yes = this.expression();
        return expression({ operand: condition }, "?", { operand: yes }, " : ", { operand: this.expression() });
      }
      case "ix": {
        const array = this.expression();
        return expression({ operand: array }, "[", this.expression(), "]");
      }
      case "cl": {
        const called = this.expression();
        const name = called.kind === "encoding" ? called.name : called;
        return expression({ operand: name }, "(", { list: this.expressions() }, ")");
      }
      case "cv": {
        const type = this.type();
        if (this.take("_")) return expression("(", type, ")(", { list: this.expressions() }, ")");
        return expression("(", type, ")", { operand: this.expression() });
      }
      case "il":
        return expression("{", { list: this.expressions() }, "}");
      case "tl": {
        const type = this.type();
        return expression(type, "{", { list: this.expressions() }, "}");
      }
      case "dt":
      case "pt": {
        const object = this.expression();
        return expression({ operand: object }, two === "dt" ? "." : "->", { operand: this.expression() });
      }
      case "ds":
      case "pm": {
        const object = this.expression();
        return expression({ operand: object }, two === "ds" ? ".*" : "->*", { operand: this.expression() });
      }
      case "nx":
        return expression("noexcept (", this.expression(), ")");
      case "sZ":
        return { kind: "pack-size", of: this.peek() === "T" ? this.templateParameter() : this.functionParameter() };
      case "sp":
        return { kind: "expansion", pattern: this.expression() };
      case "tr":
        return text("throw");
      case "gs":
        return this.globally();
      case "sr":
        return this.unresolved();
      case "on": {
        const operator = OPERATORS[this.peek(2)];
        if (operator === undefined) throw new Unknown();
        this.pos += 2;
        return this.withArgs(expression(`operator${/^[a-z]/.test(operator) ? " " : ""}${operator}`));
      }
      case "dn":
        return expression("~", /^[0-9]/.test(this.peek()) ? this.named(undefined) : this.type());
      case "nw":
      case "na":
        return this.allocation(two === "na");
      case "dl":
      case "da":
        return expression(two === "dl" ? "delete " : "delete[] ", { operand: this.expression() });
      default:
        throw new Unknown();
    }
  }

  protected literal(): Node {
    this.expect("L");
    if (this.take("_Z")) {
      const name = this.encoding();
      this.expect("E");
      return name;
    }
    const code = this.peek();
    const type = this.type();
    const match = /^n?[0-9a-z]*/.exec(this.peek(64));
    const digits = (match?.[0] ?? "").replace(/^n/, "-");
    this.pos += match?.[0].length ?? 0;
    this.expect("E");
    if (code === "b" && (digits === "0" || digits === "1")) return expression(digits === "1" ? "true" : "false");
    const suffix = BUILTIN_TYPES[code] === undefined ? undefined : LITERAL_SUFFIX[code];
    if (suffix !== undefined) return { kind: "expression", parts: [digits + suffix] };
    if (digits === "") return type; // of nullptr
    // Floating point as it lies in memory.
    const value = /^[fdeg]$/.test(code) ? `[${digits}]` : digits;
    return { kind: "expression", parts: ["(", type, `)${value}`] };
  }

  private expressions(): Node[] {
    const all: Node[] = [];
    while (!this.take("E")) all.push(this.expression());
    return all;
  }

  /** A parameter of the function that the expression is in the type of. */
  private functionParameter(): Node {
    const match = /^f(?:p|L\d+p)[rVK]*(?:(T)|(\d*)_)/.exec(this.peek(16));
    if (match === null) throw new Unknown();
    this.pos += match[0].length;
    if (match[1] !== undefined) return text("this");
    return text(`{parm#${match[2] === "" || match[2] === undefined ? 1 : Number(match[2]) + 2}}`);
  }

  private fold(kind: string): Node {
    this.pos += 2;
    const operator = OPERATORS[this.peek(2)];
    if (operator === undefined) throw new Unknown();
    this.pos += 2;
    const first = this.expression();
    if (kind === "fl") return expression("(...", operator, { operand: first }, ")");
    if (kind === "fr") return expression("(", { operand: first }, operator, "...)");
    return expression("(", { operand: first }, operator, "...", operator, { operand: this.expression() }, ")");
  }

  private named(scope: Node | undefined): Node {
    const own = this.unqualified(scope);
    return this.withArgs(scope === undefined ? own : { kind: "qualified", scope, name: own });
  }

  private withArgs(name: Node): Node {
    return this.peek() === "I" ? { kind: "template", name, args: this.templateArgs() } : name;
  }

  private globally(): Node {
    const two = this.peek(2);
    if (two === "nw" || two === "na" || two === "dl" || two === "da") return expression("::", this.expression());
    return { kind: "qualified", scope: undefined, name: this.take("sr") ? this.unresolved() : this.named(undefined) };
  }

  /** sr <type> <name>,  sr <names> E <name>,  srN <type> <names> E <name>. */
  private unresolved(): Node {
    let scope: Node;
    if (this.take("N")) {
      scope = this.type();
      while (!this.take("E")) scope = this.named(scope);
    } else if (/^[0-9]/.test(this.peek())) {
      scope = this.named(undefined);
      // Old compilers write a type and the name, new ones a list that ends in E before it.
      while (!this.endsLevels()) {
        if (!/^[0-9]/.test(this.peek())) return scope;
        scope = this.named(scope);
      }
      this.expect("E");
    } else scope = this.type();
    if (this.take("on")) {
      this.pos -= 2;
      const operator = this.expression();
      return { kind: "qualified", scope, name: operator };
    }
    if (this.take("dn")) {
      const of = /^[0-9]/.test(this.peek()) ? this.named(undefined) : this.type();
      return { kind: "qualified", scope, name: { kind: "structor", tilde: "~", of } };
    }
    return this.named(scope);
  }

  private endsLevels(): boolean {
    return /^E([0-9]|on|dn)/.test(this.peek(3));
  }

  private allocation(isArray: boolean): Node {
    const placement: Node[] = [];
    while (!this.take("_")) placement.push(this.expression());
    const type = this.type();
    const parts: Part[] = [isArray ? "new[] " : "new "];
    if (placement.length > 0) parts.push("(", { list: placement }, ") ");
    parts.push(type);
    if (this.take("pi")) parts.push("(", { list: this.expressions() }, ")");
    else if (this.peek(2) === "il") parts.push(this.expression());
    else this.expect("E");
    return expression(...parts);
  }
}

function expression(...parts: readonly Part[]): Node {
  return { kind: "expression", parts };
}
