// The words without which a pattern cannot match: a line that holds none of them need not be tried, and a line is searched for the words of all
// patterns in one pass (needle-finder.ts).
import { smallest } from "../base/values.ts";

/** What is known of a part of a pattern. */
interface Part {
  /** The only texts that it matches; undefined where they are too many. */
  readonly exact: readonly string[] | undefined;
  /** One of these is in whatever it matches; undefined where none is certain. */
  readonly needles: readonly string[] | undefined;
}

const MOST_TEXTS = 64;
const ANYTHING: Part = { exact: undefined, needles: undefined };
const NOTHING: Part = { exact: [""], needles: undefined };

/** In lower case; undefined where a match needs no certain word. */
export function needlesOf(pattern: RegExp): readonly string[] | undefined {
  const parser = new Parser(pattern.source);
  const { needles } = parser.alternatives();
  if (!parser.isAtEnd) throw new Error(`a pattern that cannot be read: ${pattern.source}`);
  return needles;
}

/** What lines of figures hold as well: a pattern's other words tell more of them. */
const COMMON: ReadonlySet<string> = new Set(["heap", "mem", "memory", "ram", "psram", "free"]);

function better(a: readonly string[] | undefined, b: readonly string[] | undefined): readonly string[] | undefined {
  const worth = (texts: readonly string[] | undefined): number =>
    texts === undefined ? 0 : smallest(texts.map((text) => (COMMON.has(text) ? 2 : text.length))) - texts.length / 1000;
  return worth(b) > worth(a) ? b : a;
}

/** Joins the parts that follow each other. */
class Sequence {
  private run: readonly string[] = [""];
  /** What stands behind each text of the run. */
  private tail = "";
  private isExact = true;
  private needles: readonly string[] | undefined;

  add({ exact, needles }: Part): void {
    this.needles = better(this.needles, needles);
    if (exact !== undefined && exact.length * this.run.length <= MOST_TEXTS) {
      const [only = ""] = exact;
      if (exact.length === 1) this.tail += only;
      else this.run = this.texts().flatMap((before) => exact.map((text) => before + text));
      return;
    }
    this.endRun();
    if (exact !== undefined) this.run = exact;
  }

  get part(): Part {
    const exact = this.isExact ? this.texts() : undefined;
    this.endRun();
    return { exact, needles: this.needles };
  }

  private texts(): readonly string[] {
    const { run, tail } = this;
    if (tail === "") return run;
    this.tail = "";
    return (this.run = run.map((text) => text + tail));
  }

  private endRun(): void {
    this.needles = better(this.needles, this.texts());
    this.run = [""];
    this.isExact = false;
  }
}

/** Reads what this folder's patterns use of the syntax of regular expressions. */
class Parser {
  private readonly source: string;
  private at = 0;

  constructor(source: string) {
    this.source = source;
  }

  get isAtEnd(): boolean {
    return this.at === this.source.length;
  }

  alternatives(): Part {
    const parts = [this.sequence()];
    while (this.takes("|")) parts.push(this.sequence());
    const exact = parts.every((part) => part.exact !== undefined)
      ? parts.flatMap((part) => part.exact ?? [])
      : undefined;
    const needles = parts.every((part) => part.needles !== undefined)
      ? parts.flatMap((part) => part.needles ?? [])
      : undefined;
    return { exact, needles };
  }

  private sequence(): Part {
    const sequence = new Sequence();
    while (!this.isAtEnd && !/[|)]/.test(this.source[this.at] ?? "")) sequence.add(this.repeated(this.atom()));
    return sequence.part;
  }

  private repeated(part: Part): Part {
    if (!"{?*+".includes(this.source[this.at] ?? " ")) return part;
    const match = /^(?:\{(\d+)(,?)(\d*)\}|([?*+]))\??/.exec(this.source.slice(this.at));
    if (match === null) return part;
    this.at += match[0].length;
    const [, least, , , mark] = match;
    if (mark === "?") return part.exact === undefined ? ANYTHING : { exact: ["", ...part.exact], needles: undefined };
    if (mark === "*" || least === "0") return ANYTHING;
    return { exact: undefined, needles: part.needles };
  }

  private atom(): Part {
    const { source } = this;
    if (source[this.at] === "(") {
      const [group = "("] = /^\((?:\?(?::|<?[=!]|<\w+>))?/.exec(source.slice(this.at)) ?? [];
      this.at += group.length;
      const inner = this.alternatives();
      this.takes(")");
      return /[=!]$/.test(group) ? NOTHING : inner;
    }
    if (source[this.at] === "[") return this.letters();
    const letter = source[this.at++] ?? "";
    if (letter === "^" || letter === "$") return NOTHING;
    if (letter === ".") return ANYTHING;
    if (letter !== "\\") return exactly(letter);
    const escaped = source[this.at++] ?? "";
    if (/[bB]/.test(escaped)) return NOTHING;
    if (escaped === "p") this.at = source.indexOf("}", this.at) + 1;
    return /\w/.test(escaped) ? ANYTHING : exactly(escaped);
  }

  /** Of a class of letters only how it ends; a few single ones are kept. */
  private letters(): Part {
    const match = /^\[(\^?)((?:\\.|[^\]\\])*)\]/.exec(this.source.slice(this.at));
    const [whole = "[", not, inner = ""] = match ?? [];
    this.at += whole.length;
    const isPlain = not === "" && /^(?:[^\\-]|-$){1,4}$/.test(inner);
    return isPlain ? { exact: [...inner.toLowerCase()], needles: undefined } : ANYTHING;
  }

  private takes(letter: string): boolean {
    if (this.source[this.at] !== letter) return false;
    this.at++;
    return true;
  }
}

function exactly(letter: string): Part {
  return { exact: [letter.toLowerCase()], needles: undefined };
}
