// Rust names: the legacy scheme, an Itanium path with a hash at its end, and v0 (RFC 2603). Hashes and crate
// disambiguators are left out: they tell builds apart, not functions.
import { Unknown } from "./scanner.ts";

const LEGACY_ESCAPES: Readonly<Record<string, string>> = {
  SP: "@",
  BP: "*",
  RF: "&",
  LT: "<",
  GT: ">",
  LP: "(",
  RP: ")",
  C: ",",
};

/** `_ZN…17h<16 hex digits>E`: the readable path; undefined when it is C++. */
export function demangleRustLegacy(mangled: string): string | undefined {
  const parts: string[] = [];
  let pos = 3;
  for (;;) {
    const digits = /^[0-9]{1,5}/.exec(mangled.slice(pos, pos + 5))?.[0];
    if (digits === undefined) break;
    pos += digits.length;
    parts.push(mangled.slice(pos, pos + Number(digits)));
    pos += Number(digits);
  }
  const hash = parts.pop();
  if (!mangled.startsWith("_ZN") || mangled.charAt(pos) !== "E") return undefined;
  return hash !== undefined && /^h[0-9a-f]{16}$/.test(hash) ? parts.map(unescapeLegacy).join("::") : undefined;
}

function unescapeLegacy(name: string): string {
  return name
    .replace(/^_\$/, "$")
    .replace(/\$([A-Z]{1,2}|u[0-9a-f]{1,6})\$/g, (whole, code: string) => {
      if (!code.startsWith("u")) return LEGACY_ESCAPES[code] ?? whole;
      const point = parseInt(code.slice(1), 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    })
    .replaceAll("..", "::");
}

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
  const body = mangled.slice(2).split(".")[0] ?? "";
  try {
    const reader = new V0Reader(body);
    return reader.path(true);
  } catch (error) {
    if (error instanceof Unknown) return undefined;
    throw error;
  }
}

/** Back references can nest and repeat: this bounds both depth and work. */
const MAX_DEPTH = 100;
const MAX_STEPS = 10_000;

class V0Reader {
  private readonly input: string;
  private pos = 0;
  private depth = 0;
  private steps = 0;

  constructor(input: string) {
    this.input = input;
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
    const digits = /^[0-9]+/.exec(this.input.slice(this.pos, this.pos + 8))?.[0];
    if (digits === undefined) throw new Unknown();
    this.pos += digits.length;
    this.take("_");
    const name = this.input.slice(this.pos, this.pos + Number(digits));
    if (name.length !== Number(digits)) throw new Unknown();
    this.pos += name.length;
    return isPunycode ? `punycode{${name}}` : name;
  }

  private within<T>(read: () => T): T {
    if (++this.depth > MAX_DEPTH || ++this.steps > MAX_STEPS) throw new Unknown();
    const result = read();
    this.depth--;
    return result;
  }

  private back<T>(read: () => T): T {
    const target = this.base62();
    if (target >= this.pos) throw new Unknown();
    const here = this.pos;
    this.pos = target;
    const result = this.within(read);
    this.pos = here;
    return result;
  }

  path(inValue: boolean): string {
    return this.within(() => {
      const kind = this.next();
      switch (kind) {
        case "C":
          this.disambiguator();
          return this.identifier();
        case "M":
          this.disambiguator();
          this.path(false);
          return `<${this.type()}>`;
        case "X":
          this.disambiguator();
          this.path(false);
          return `<${this.type()} as ${this.path(false)}>`;
        case "Y":
          return `<${this.type()} as ${this.path(false)}>`;
        case "N": {
          const space = this.next();
          const outer = this.path(inValue);
          const index = this.disambiguator();
          const name = this.identifier();
          if (space === "C") return `${outer}::{closure#${index}}`;
          if (space === "S") return `${outer}::{shim${name === "" ? "" : `:${name}`}#${index}}`;
          return name === "" ? outer : `${outer}::${name}`;
        }
        case "I": {
          const outer = this.path(inValue);
          const args: string[] = [];
          while (!this.take("E")) args.push(this.genericArgument());
          return `${outer}${inValue ? "::" : ""}<${args.join(", ")}>`;
        }
        case "B":
          return this.back(() => this.path(inValue));
        default:
          throw new Unknown();
      }
    });
  }

  private genericArgument(): string {
    if (this.take("L")) return this.base62() === 0 ? "'_" : "'a";
    if (this.take("K")) return this.constant();
    return this.type();
  }

  private constant(): string {
    return this.within(() => {
      if (this.take("p")) return "_";
      if (this.take("B")) return this.back(() => this.constant());
      const type = this.next();
      const digits = /^(n?)([0-9a-f]*)_/.exec(this.input.slice(this.pos, this.pos + 64));
      if (digits?.[2] === undefined) throw new Unknown();
      this.pos += digits[0].length;
      const value = digits[2] === "" ? 0n : BigInt(`0x${digits[2]}`);
      if (type === "b") return value === 1n ? "true" : "false";
      if (type === "c") return `'${String.fromCodePoint(Number(value) % 0x110000)}'`;
      return `${digits[1] === "n" ? "-" : ""}${value}`;
    });
  }

  private type(): string {
    return this.within(() => {
      const kind = this.next();
      const basic = BASIC_TYPES[kind];
      if (basic !== undefined) return basic;
      switch (kind) {
        case "A":
          return `[${this.type()}; ${this.constant()}]`;
        case "S":
          return `[${this.type()}]`;
        case "T": {
          const items: string[] = [];
          while (!this.take("E")) items.push(this.type());
          return items.length === 1 ? `(${items[0]},)` : `(${items.join(", ")})`;
        }
        case "R":
        case "Q":
          if (this.take("L")) this.base62();
          return `&${kind === "Q" ? "mut " : ""}${this.type()}`;
        case "P":
          return `*const ${this.type()}`;
        case "O":
          return `*mut ${this.type()}`;
        case "F":
          return this.functionPointer();
        case "D":
          return this.traitObject();
        case "B":
          return this.back(() => this.type());
        default:
          this.pos--;
          return this.path(false);
      }
    });
  }

  private functionPointer(): string {
    if (this.take("G")) this.base62();
    const unsafe = this.take("U") ? "unsafe " : "";
    const abi = this.take("K") ? `extern "${this.take("C") ? "C" : this.identifier().replaceAll("_", "-")}" ` : "";
    const parameters: string[] = [];
    while (!this.take("E")) parameters.push(this.type());
    const result = this.type();
    return `${unsafe}${abi}fn(${parameters.join(", ")})${result === "()" ? "" : ` -> ${result}`}`;
  }

  private traitObject(): string {
    if (this.take("G")) this.base62();
    const traits: string[] = [];
    while (!this.take("E")) {
      let text = this.path(false);
      const bindings: string[] = [];
      while (this.take("p")) bindings.push(`${this.identifier()} = ${this.type()}`);
      if (bindings.length > 0) {
        text = text.endsWith(">") ? `${text.slice(0, -1)}, ${bindings.join(", ")}>` : `${text}<${bindings.join(", ")}>`;
      }
      traits.push(text);
    }
    if (this.take("L")) this.base62();
    return `dyn ${traits.join(" + ")}`;
  }
}
