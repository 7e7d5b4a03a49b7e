// Lines of one shape, and of one layout, told apart as a plain reading of their letters does; and the lines of figures that are read again by it.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Codes, Interest, LineShape, mayBeWarning, TellingNumbers } from "./line-interest.ts";
import { KnownLines } from "./known-lines.ts";
import { logLine } from "./log-text.ts";

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

function shapeOf(text: string): LineShape {
  const shape = new LineShape();
  const bytes = bytesOf(`12${text}34`);
  shape.of(bytes, 2, bytes.length - 2);
  return shape;
}

const numbersOf = ({ starts, ends, numbers }: LineShape): number[][] =>
  Array.from({ length: Math.min(numbers, starts.length) }, (_, i) => [starts[i] ?? 0, ends[i] ?? 0]);

/** What makes a shape: letters, with a mark for each number and the hexadecimal letters behind its digits. */
const plainShape = (text: string): string => text.replace(/\d[\da-fA-F]*/g, "#");
/** A layout: letters, with a mark for each digit, of later numbers for each number. */
const plainLayout = (text: string): string =>
  text.replace(/\d+/g, (digits, at: number) => "#".repeat(Math.max(1, Math.min(digits.length, 64 - at))));

const letters = fc.constantFrom("a", "f", "F", "g", "0", "7", "12", "99", " ", ":", "x", "\u001b[0;31m", "é", "A", "{");
const lines = fc.array(letters, { maxLength: 60 }).map((parts) => parts.join(""));

describe("a line's shape", () => {
  test("and layout are the same exactly where its letters are", () => {
    fc.assert(
      fc.property(lines, lines, (one, other) => {
        const [a, b] = [shapeOf(one), shapeOf(other)];
        expect(a.shape === b.shape).toBe(plainShape(one) === plainShape(other));
        expect(a.layout === b.layout).toBe(plainLayout(one) === plainLayout(other));
      }),
    );
  });

  test("does not change with its numbers, its layout where they have as many digits", () => {
    fc.assert(
      fc.property(lines, fc.nat(9), (line, digit) => {
        const other = line.replace(/\d/g, String(digit));
        expect([shapeOf(other).shape, shapeOf(other).layout]).toEqual([shapeOf(line).shape, shapeOf(line).layout]);
      }),
    );
    expect(shapeOf("a 1 b").shape).toBe(shapeOf("a 0019ff b").shape);
    expect(shapeOf("a 1 b").shape).not.toBe(shapeOf("a 1g b").shape);
    expect(shapeOf("a 1 b").layout).not.toBe(shapeOf("a 12 b").layout);
    const far = `${"x".repeat(64)} `;
    expect(shapeOf(`${far}1 b`).layout).toBe(shapeOf(`${far}12 b`).layout);
    // The sixty-fourth byte is the last whose digits count.
    const near = "x".repeat(62);
    expect(shapeOf(`${near}12`).layout).not.toBe(shapeOf(`${near}1`).layout);
    expect(shapeOf(`${near}x12`).layout).toBe(shapeOf(`${near}x1`).layout);
  });

  test("holds where its decimal numbers stand, but for those of colours", () => {
    fc.assert(
      fc.property(lines, (line) => {
        const shape = shapeOf(line);
        // eslint-disable-next-line no-control-regex -- colours begin with an escape character
        const masked = line.replace(/\u001b\[[\d;]*/g, (colour) => " ".repeat(colour.length));
        const numbers = [...masked.matchAll(/\d+/g)].map(({ 0: digits, index }) => [index + 2, index + 2 + digits.length]); // prettier-ignore
        expect(shape.numbers).toBe(numbers.length);
        expect(numbersOf(shape)).toEqual(numbers.slice(0, 64));
      }),
    );
    expect(numbersOf(shapeOf("\u001b[31m12\u001b34"))).toEqual([[7, 9]]);
  });

  test("ends with 400 bytes and 64 numbers", () => {
    expect(shapeOf("x".repeat(400)).numbers).toBe(0);
    expect(shapeOf("x".repeat(401)).numbers).toBe(Infinity);
    expect(shapeOf(`${"x".repeat(400)}a`).shape).toBe(shapeOf(`${"x".repeat(400)}b`).shape);
    expect(shapeOf(`${"x".repeat(399)}a`).shape).not.toBe(shapeOf(`${"x".repeat(399)}b`).shape);
    const many = (count: number): LineShape => shapeOf("1 ".repeat(count));
    expect([many(64).numbers, many(65).numbers]).toEqual([64, 65]);
    expect(numbersOf(many(64)).at(-1)).toEqual([128, 129]);
    expect(numbersOf(many(65)).at(-1)).toEqual([128, 129]);
    expect(numbersOf(shapeOf(`${"1 ".repeat(63)}12`)).at(-1)).toEqual([128, 130]);
    expect(numbersOf(shapeOf(`${"1 ".repeat(64)}12`)).at(-1)).toEqual([128, 129]);
  });
});

describe("numbers that tell", () => {
  const telling = new TellingNumbers([6, 12, 257]);
  const some = (text: string, codes: Codes): boolean => {
    const shape = new LineShape();
    const bytes = bytesOf(text);
    shape.of(bytes, 0, bytes.length);
    return telling.someIn(shape, bytes, codes);
  };

  test.for<readonly [string, boolean, boolean]>([
    ["rc 6", true, false],
    ["rc 5, 257", true, false],
    ["rc 258 7 256 13", false, false],
    ["rc 0 0", false, false],
    ["rc 006", true, false],
    ["rc -12", true, true],
    ["-12", true, true],
    ["2026-12-05", true, false],
    ["0-6", true, false],
    ["9-6", true, false],
    ["/-6", true, true],
    [":-6", true, true],
    ["rc --6", true, true],
    ["rc +6", true, false],
    ["5 -7", false, false],
    ["5 -7 -6", true, true],
    ["", false, false],
  ])("%j: %j among all, %j among negative ones", ([text, all, negative]) => {
    expect([some(text, "all"), some(text, "negative"), some(text, "none")]).toEqual([all, negative, false]);
  });

  test("a line with too many numbers may hold one", () => {
    expect(some("1 ".repeat(64), "all")).toBe(false);
    expect(some("1 ".repeat(65), "all")).toBe(true);
    expect(some("1 ".repeat(65), "none")).toBe(false);
    expect(some(`${"1 ".repeat(63)}6`, "all")).toBe(true);
  });
});

describe("a line that may be a warning", () => {
  const may = (text: string): boolean => {
    const bytes = bytesOf(`E ${text} E`);
    return mayBeWarning(bytes, 2, bytes.length - 2);
  };
  test.for<readonly [string, boolean]>([
    ["I (1) a: b", false],
    ["e", true],
    ["x e", true],
    ["xe", false],
    ["W", true],
    ["f:", true],
    ["C ", true],
    ["D I V", false],
    ["err", true],
    ["wrn", true],
    ["warn", true],
    ["fatal", true],
    ["crit", true],
    ["ez", false],
    ["we", false],
    ["fb", false],
    ["cb", false],
    ["e[", true],
    ["e`", true],
    ["e{", true],
    ["z`e", true],
    ["a{e", true],
    ["[31mrx", false],
    ["[31mE", true],
    ["[0;32me", true],
    ["[e", true],
    ["[]e", true],
    ["x[e", true],
    ["[31", false],
    ["[:e", true],
    ["", false],
  ])("%j: %j", ([text, is]) => {
    expect(may(text)).toBe(is);
  });

  test("within 120 bytes", () => {
    expect(may(`${" ".repeat(119)}e`)).toBe(true);
    expect(may(`${" ".repeat(120)}e`)).toBe(false);
  });
});

test("what is interesting is asked once, until there are too many shapes", () => {
  const asked: string[] = [];
  const interest = new Interest((text) => {
    asked.push(text);
    return text === "yes";
  });
  expect(interest.known(1)).toBeUndefined();
  expect([interest.learn(1, "yes"), interest.learn(2, "no")]).toEqual([true, false]);
  expect([interest.known(1), interest.known(2), interest.known(3)]).toEqual([true, false, undefined]);
  for (let shape = 3; shape <= 1 << 15; shape++) interest.learn(shape, "no");
  expect(interest.known(1)).toBe(true);
  interest.learn(-1, "yes");
  expect([interest.known(1), interest.known(-1)]).toEqual([undefined, true]);
  expect(asked).toHaveLength((1 << 15) + 1);
});

describe("lines of figures that are read again", () => {
  type Learned = { readonly values?: number[]; readonly stamps?: object };

  /** What is read of `line` by what `first` taught, or undefined where it is not known. */
  function again(first: string, line: string, places: readonly (readonly [string, number?])[]): Learned | undefined {
    const known = new KnownLines(logLine);
    const shape = new LineShape();
    const bytes = bytesOf(first);
    shape.of(bytes, 0, bytes.length);
    const told = logLine(bytes, 1);
    const found = places.map(([digits, factor]) => {
      const start = told.text.indexOf(digits);
      return { start, end: start + digits.length, hasFraction: digits.includes("."), factor };
    });
    known.learn(shape, bytes, 0, bytes.length, told, { places: found, add: () => undefined, codes: "none" });
    const other = bytesOf(`xx${line}yy`);
    shape.of(other, 2, other.length - 2);
    const one = known.get(shape.layout);
    if (one === undefined) return undefined;
    if (!known.read(one, shape, other)) return {};
    const stamps = known.stamps(one, shape, other, 2, other.length - 2, 9);
    return { values: [...one.values], stamps };
  }

  test.for<readonly [string, string, readonly (readonly [string, number?])[], Learned | undefined]>([
    ["free 100", "free 257", [["100"]], { values: [257], stamps: { number: 9 } }],
    ["free 100", "free 25", [["100"]], undefined],
    ["free 100", "used 257", [["100"]], undefined],
    ["I (1000) a: free 100", "I (2500) a: free 257", [["100"]], { values: [257], stamps: { number: 9, uptime: 2_500_000 } }],
    ["[12s]: free 100", "[34s]: free 257", [["100"]], { values: [257], stamps: { number: 9, uptime: 34e6 } }],
    ["free 1.5 kB of 20", "free 2.5 kB of 30", [["1.5", 1024], ["20"]], { values: [2560, 30], stamps: { number: 9 } }],
    ["free 1.50", "free 2.75", [["1.50"]], { values: [2.75], stamps: { number: 9 } }],
    ["a 1 b 2 c 3", "a 4 b 5 c 6", [["3"], ["1"]], { values: [6, 4], stamps: { number: 9 } }],
    ["free 100 up 5", "free 257 up 6", [["100"]], undefined],
    ["free 100 millis 5", "free 257 millis 6", [["100"]], undefined],
    ["free 100 ts=1767225600", "free 257 ts=1767225601", [["100"]], undefined],
    ["I (0) a: free 100", "I (5) a: free 257", [["100"]], { values: [257], stamps: { number: 9, uptime: 5000, isWarning: false, tags: ["a"], text: "free 257" } }],
    ["12:00:01 free 100", "12:00:02 free 257", [["100"]], { values: [257], stamps: { number: 9, clock: 43_202e6, tags: [], text: "free 257" } }],
    ["\u001b[31mfree 100", "\u001b[32mfree 257", [["100"]], { values: [257], stamps: { number: 9 } }],
    [`free ${"1".repeat(15)}`, `free ${"2".repeat(15)}`, [["1".repeat(15)]], { values: [222_222_222_222_222], stamps: { number: 9 } }],
    [`free ${"1".repeat(16)}`, `free ${"2".repeat(16)}`, [["1".repeat(16)]], {}],
    ["free 1\u00072", "free 1\u00072", [["12"]], undefined],
    ["free 12", "free 12", [["no"]], undefined],
  ])("%j teaches to read %j", ([first, line, places, told]) => {
    expect(again(first, line, places)).toEqual(told);
  }); // prettier-ignore

  test("stamps beyond the bytes that hold them are not learned", () => {
    const far = (blanks: number): Learned | undefined =>
      again(`${" ".repeat(blanks)}12:00:01 free 100`, `${" ".repeat(blanks)}12:00:02 free 257`, [["100"]]);
    expect(far(100)?.stamps).toMatchObject({ clock: 43_202e6 });
    expect(far(120)).toBeUndefined();
  });

  test("are forgotten when all is, and there are not too many", () => {
    const known = new KnownLines(logLine);
    const shape = new LineShape();
    const learn = (text: string): number => {
      const bytes = bytesOf(text);
      shape.of(bytes, 0, bytes.length);
      known.learn(shape, bytes, 0, bytes.length, logLine(bytes, 1), {
        places: [],
        add: () => undefined,
        codes: "none",
      });
      return shape.layout;
    };
    const layout = learn("free w");
    expect(known.get(layout)).toBeDefined();
    for (let i = 1; i < 1 << 13; i++) learn(`free ${"x".repeat(i % 300)}${"y".repeat(Math.floor(i / 300))}`);
    const last = learn("free z");
    expect([known.get(layout) === undefined, known.get(last) === undefined]).toEqual([false, true]);
    known.clear();
    expect(known.get(layout)).toBeUndefined();
    const many = learn("1 ".repeat(65));
    expect(known.get(many)).toBeUndefined();
    expect(known.get(learn("1 ".repeat(64)))).toBeDefined();
  });
});
