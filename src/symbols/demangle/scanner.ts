// Reading a mangled name from left to right: the parts that do not depend on the mangling's grammar.

/** Thrown by a reader and caught where it was started: the name is not one that it knows. */
export class Unknown extends Error {}

const MAX_DEPTH = 200;

export class Scanner {
  protected readonly input: string;
  protected pos = 0;
  private depth = 0;

  constructor(input: string) {
    this.input = input;
  }

  get atEnd(): boolean {
    return this.pos >= this.input.length;
  }

  expect(text: string): void {
    if (!this.take(text)) throw new Unknown();
  }

  protected take(text: string): boolean {
    if (!this.input.startsWith(text, this.pos)) return false;
    this.pos += text.length;
    return true;
  }

  protected peek(count = 1): string {
    return this.input.slice(this.pos, this.pos + count);
  }

  /** Bounds how deep a grammar may call itself. */
  protected nested<T>(read: () => T): T {
    if (++this.depth > MAX_DEPTH) throw new Unknown();
    const result = read();
    this.depth--;
    return result;
  }

  /** A decimal number, negative with an "n" before it; undefined when there is none. */
  protected number(): number | undefined {
    const match = /^n?[0-9]+/.exec(this.peek(12));
    if (match === null) return undefined;
    this.pos += match[0].length;
    return Number(match[0].replace("n", "-"));
  }

  /** A name with its length in front. */
  protected sourceName(): string {
    const length = this.number();
    if (length === undefined || length <= 0 || this.pos + length > this.input.length) throw new Unknown();
    const name = this.input.slice(this.pos, this.pos + length);
    this.pos += length;
    return /^_GLOBAL_[._$]N/.test(name) ? "(anonymous namespace)" : name;
  }

  /** Passes over what tells local names apart. */
  protected discriminator(): void {
    const match = /^(__[0-9]+_|_[0-9]+)/.exec(this.peek(14));
    if (match !== null) this.pos += match[0].length;
  }
}
