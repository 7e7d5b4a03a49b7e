// Rust names of the v0 scheme (RFC 2603; rustc book, "v0 Symbol Format"). Crate disambiguators are left out: they tell builds apart, not functions.
import { punycode } from "./punycode.ts";
import { Unknown } from "./scanner.ts";

const BASIC_TYPES: Readonly<Record<string, string>> = {
  a: "i8",
  b: "bool",
  c: "char",
  d: "f64",
  e: "str",
  f: "f32",
  h: "u8",
  i: "isize",
  j: "usize",
  l: "i32",
  m: "u32",
  n: "i128",
  o: "u128",
  s: "i16",
  t: "u16",
  u: "()",
  v: "...",
  x: "i64",
  y: "u64",
  z: "!",
  p: "_",
};

/** `_R…`: the readable path; undefined when it is not understood. */
export function demangleRustV0(mangled: string): string | undefined {
  const body = /^[^.$]*/.exec(mangled.slice(2))?.[0] ?? "";
  try {
    const reader = new V0Reader(body);
    const text = reader.path(true);
    reader.instantiatingCrate();
    return text;
  } catch (error) {
    if (error instanceof Unknown) return undefined;
    throw error;
  }
}

/** Back references can nest and repeat: these bound depth, work and length. */
const MAX_DEPTH = 200;
const MAX_STEPS = 20_000;
const MAX_LENGTH = 16_384;

class V0Reader {
  private readonly input: string;
  private pos = 0;
  private depth = 0;
  private steps = 0;
  /** Lifetimes that the binders around have introduced. */
  private lifetimes = 0;

  constructor(input: string) {
    this.input = input;
  }

  private peek(): string {
    return this.input.charAt(this.pos);
  }

  private take(text: string): boolean {
    if (!this.input.startsWith(text, this.pos)) return false;
    this.pos += text.length;
    return true;
  }

  private next(): string {
    const char = this.input.charAt(this.pos++);
    if (char === "" || ++this.steps > MAX_STEPS) throw new Unknown();
    return char;
  }

  /** Base 62 with a closing "_"; "_" alone is 0. */
  private base62(): number {
    let value = 0;
    if (this.take("_")) return 0;
    for (;;) {
      const char = this.next();
      if (char === "_") return value + 1;
      const digit = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".indexOf(char);
      if (digit < 0) throw new Unknown();
      value = value * 62 + digit;
    }
  }

  private disambiguator(): number {
    return this.take("s") ? this.base62() + 1 : 0;
  }

  private identifier(): string {
    const isPunycode = this.take("u");
    const digits = /^(0|[1-9][0-9]*)/.exec(this.input.slice(this.pos, this.pos + 8))?.[0];
    if (digits === undefined) throw new Unknown();
    this.pos += digits.length;
    this.take("_");
    const name = this.input.slice(this.pos, this.pos + Number(digits));
    if (name.length !== Number(digits)) throw new Unknown();
    this.pos += name.length;
    return isPunycode ? (punycode(name) ?? `punycode{${name}}`) : name;
  }

  private within(read: () => string): string {
    if (++this.depth > MAX_DEPTH || ++this.steps > MAX_STEPS) throw new Unknown();
    const result = read();
    if (result.length > MAX_LENGTH) throw new Unknown();
    this.depth--;
    return result;
  }

  private back(read: () => string): string {
    const from = this.pos - 1;
    const target = this.base62();
    if (target >= from) throw new Unknown();
    const here = this.pos;
    this.pos = target;
    const result = this.within(read);
    this.pos = here;
    return result;
  }

  /** What may follow the name: the crate in which a generic function was made. */
  instantiatingCrate(): void {
    if (this.peek() !== "" && /[A-Z]/.test(this.peek())) this.path(false);
    if (this.peek() !== "") throw new Unknown();
  }

  /** @param inValue as an expression, with "::" before generic arguments */
  path(inValue: boolean): string {
    return this.within(() => {
      const kind = this.next();
      switch (kind) {
        case "C":
          this.disambiguator();
          return this.identifier();
        case "M":
          this.implementation();
          return `<${this.type()}>`;
        case "X":
          this.implementation();
          return `<${this.type()} as ${this.path(false)}>`;
        case "Y":
          return `<${this.type()} as ${this.path(false)}>`;
        case "N":
          return this.nested(inValue);
        case "I": {
          const outer = this.path(inValue);
          const args = this.listOf(() => this.genericArgument());
          return `${outer}${inValue ? "::" : ""}<${args.join(", ")}>`;
        }
        case "B":
          return this.back(() => this.path(inValue));
        default:
          throw new Unknown();
      }
    });
  }

  /** The path of an impl block says nothing that its type and trait do not. */
  private implementation(): void {
    this.disambiguator();
    this.path(false);
  }

  private nested(inValue: boolean): string {
    const space = this.next();
    if (!/[A-Za-z]/.test(space)) throw new Unknown();
    const outer = this.path(inValue);
    const index = this.disambiguator();
    const name = this.identifier();
    // Lower case: the kinds that look like any other name.
    if (/[a-z]/.test(space)) return name === "" ? outer : `${outer}::${name}`;
    const kind = space === "C" ? "closure" : space === "S" ? "shim" : space;
    return `${outer}::{${kind}${name === "" ? "" : `:${name}`}#${index}}`;
  }

  private listOf(read: () => string): string[] {
    const items: string[] = [];
    while (!this.take("E")) items.push(read());
    return items;
  }

  private genericArgument(): string {
    if (this.take("L")) return this.lifetime(this.base62());
    if (this.take("K")) return this.constant(false);
    return this.type();
  }

  /** De Bruijn index, 1 the innermost; 0 was erased. */
  private lifetime(index: number): string {
    if (index === 0) return "'_";
    const depth = this.lifetimes - index;
    if (depth < 0) throw new Unknown();
    return depth < 26 ? `'${String.fromCharCode(97 + depth)}` : `'_${depth}`;
  }

  /** "for<'a, 'b> " and what it binds them in. */
  private bound(read: () => string): string {
    const count = this.take("G") ? this.base62() + 1 : 0;
    if (count > 100) throw new Unknown();
    const names = Array.from({ length: count }, () => {
      this.lifetimes++;
      return this.lifetime(1);
    });
    const text = read();
    this.lifetimes -= count;
    return count === 0 ? text : `for<${names.join(", ")}> ${text}`;
  }

  private type(): string {
    return this.within(() => {
      const kind = this.next();
      const basic = BASIC_TYPES[kind];
      if (basic !== undefined) return basic;
      switch (kind) {
        case "A":
          return `[${this.type()}; ${this.constant(true)}]`;
        case "S":
          return `[${this.type()}]`;
        case "T":
          return tuple(this.listOf(() => this.type()));
        case "R":
        case "Q": {
          const index = this.take("L") ? this.base62() : 0;
          const lifetime = index === 0 ? "" : `${this.lifetime(index)} `;
          return `&${lifetime}${kind === "Q" ? "mut " : ""}${this.type()}`;
        }
        case "P":
          return `*const ${this.type()}`;
        case "O":
          return `*mut ${this.type()}`;
        case "F":
          return this.bound(() => this.functionPointer());
        case "D": {
          const traits = this.bound(() => this.listOf(() => this.traitWithBindings()).join(" + "));
          if (!this.take("L")) throw new Unknown();
          const index = this.base62();
          return `dyn ${traits}${index === 0 ? "" : ` + ${this.lifetime(index)}`}`;
        }
        case "W": {
          const type = this.type();
          this.pattern();
          return type;
        }
        case "B":
          return this.back(() => this.type());
        default:
          this.pos--;
          return this.path(false);
      }
    });
  }

  /** Of a pattern type: a range, or none. */
  private pattern(): void {
    const kind = this.next();
    if (kind === "R") {
      this.constant(true);
      this.constant(true);
    } else if (kind === "O") this.listOf(() => (this.pattern(), ""));
    else if (kind !== "N") throw new Unknown();
  }

  private functionPointer(): string {
    const unsafe = this.take("U") ? "unsafe " : "";
    const abi = this.take("K") ? `extern "${this.take("C") ? "C" : this.identifier().replaceAll("_", "-")}" ` : "";
    const parameters = this.listOf(() => this.type());
    const result = this.take("u") ? "" : ` -> ${this.type()}`;
    return `${unsafe}${abi}fn(${parameters.join(", ")})${result}`;
  }

  private traitWithBindings(): string {
    const text = this.path(false);
    const bindings: string[] = [];
    while (this.take("p"))
      bindings.push(`${this.identifier()} = ${this.take("K") ? this.constant(false) : this.type()}`);
    if (bindings.length === 0) return text;
    const all = bindings.join(", ");
    return text.endsWith(">") ? `${text.slice(0, -1)}, ${all}>` : `${text}<${all}>`;
  }

  /** @param inExpression within another constant, where braces are not needed */
  private constant(inExpression: boolean): string {
    return this.within(() => {
      const braced = (text: string): string => (inExpression ? text : `{${text}}`);
      const kind = this.next();
      switch (kind) {
        case "p":
          return "_";
        case "B":
          return this.back(() => this.constant(inExpression));
        case "b": {
          const value = this.hexadecimal();
          if (value > 1n) throw new Unknown();
          return value === 1n ? "true" : "false";
        }
        case "c": {
          const value = this.hexadecimal();
          if (value > 0x10ffffn || (value >= 0xd800n && value < 0xe000n)) throw new Unknown();
          return quoted(String.fromCodePoint(Number(value)), "'");
        }
        case "e":
          return braced(`*${this.stringConstant()}`);
        case "R":
          if (this.take("e")) return this.stringConstant();
          return braced(`&${this.constant(true)}`);
        case "Q":
          return braced(`&mut ${this.constant(true)}`);
        case "A":
          return braced(`[${this.listOf(() => this.constant(true)).join(", ")}]`);
        case "T":
          return braced(tuple(this.listOf(() => this.constant(true))));
        case "V":
          return braced(this.structure());
        default: {
          if (!/[a-z]/.test(kind) || !/^[iu]/.test(BASIC_TYPES[kind] ?? "")) throw new Unknown();
          const sign = /^i/.test(BASIC_TYPES[kind] ?? "") && this.take("n") ? "-" : "";
          const value = this.hexadecimal();
          return `${sign}${value < 1n << 64n ? value : `0x${value.toString(16)}`}`;
        }
      }
    });
  }

  private structure(): string {
    const name = this.path(true);
    switch (this.next()) {
      case "U":
        return name;
      case "T":
        return `${name}(${this.listOf(() => this.constant(true)).join(", ")})`;
      case "S": {
        const fields = this.listOf(() => {
          this.disambiguator();
          return `${this.identifier()}: ${this.constant(true)}`;
        });
        return `${name} { ${fields.join(", ")} }`;
      }
      default:
        throw new Unknown();
    }
  }

  private digits(): string {
    const digits = /^([0-9a-f]*)_/.exec(this.input.slice(this.pos, this.pos + MAX_LENGTH));
    if (digits?.[1] === undefined) throw new Unknown();
    this.pos += digits[0].length;
    return digits[1];
  }

  private hexadecimal(): bigint {
    const digits = this.digits();
    return digits === "" ? 0n : BigInt(`0x${digits}`);
  }

  /** UTF-8, two digits a byte. */
  private stringConstant(): string {
    const digits = this.digits();
    if (digits.length % 2 !== 0) throw new Unknown();
    const bytes = Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
      parseInt(digits.slice(2 * i, 2 * i + 2), 16),
    );
    return quoted(new TextDecoder().decode(bytes), '"');
  }
}

function tuple(items: readonly string[]): string {
  return items.length === 1 ? `(${items[0]},)` : `(${items.join(", ")})`;
}

const ESCAPES: Readonly<Record<string, string>> = { "\t": "\\t", "\r": "\\r", "\n": "\\n", "\\": "\\\\", "\0": "\\0" };

/** As Rust's Debug writes it. */
function quoted(text: string, quote: string): string {
  const inner = [...text].map((char) => {
    if (char === quote) return `\\${char}`;
    const escape = ESCAPES[char];
    if (escape !== undefined) return escape;
    return /[\p{C}\p{Z}]/u.test(char) && char !== " " ? `\\u{${char.codePointAt(0)?.toString(16)}}` : char;
  });
  return `${quote}${inner.join("")}${quote}`;
}
