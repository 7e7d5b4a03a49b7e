// The symbol table of a small ELF that is made here: which symbol an address of code or data has.
import { expect, test } from "vitest";
import { elf, text, u16, u32 } from "../../test/symbols/made-elf.ts";
import { openSymbols, type Symbols } from "./index.ts";

const [NOTYPE, OBJECT, FUNC, FILE] = [0, 1, 2, 4];
const [LOCAL, GLOBAL] = [0, 1];
const [TEXT, DATA, LATER, ABSOLUTE] = [1, 2, 3, 0xfff1];

type Row = readonly [name: string, address: number, size: number, type: number, section: number, binding?: number];

function open(rows: readonly Row[], map?: string): Symbols {
  const names = [0];
  const table = [new Array<number>(16).fill(0)];
  for (const [name, address, size, type, section, binding = GLOBAL] of rows) {
    table.push([...u32(names.length), ...u32(address), ...u32(size), (binding << 4) | type, 0, ...u16(section)]);
    names.push(...text(name));
  }
  const zeros = (size: number): number[] => new Array<number>(size).fill(0);
  return openSymbols(
    elf([
      { name: ".text", flags: 6, address: 0x4200_0000, bytes: zeros(0x100) },
      { name: ".data", flags: 3, address: 0x3fc8_0000, bytes: zeros(0x100) },
      { name: ".later", flags: 6, address: 0x4200_0200, bytes: zeros(0x40) },
      { name: ".symtab", type: 2, link: 5, flags: 0, address: 0, bytes: table.flat() },
      { name: ".strtab", type: 3, flags: 0, address: 0, bytes: names },
    ]),
    map === undefined ? {} : { map },
  );
}

const nameAt = (symbols: Symbols, address: number): string | undefined => symbols.symbolize(address)[0]?.function;

test("a function is what its size holds, and the padding behind it up to the next one or the section's end", () => {
  const symbols = open([
    ["second", 0x4200_0040, 0x10, FUNC, TEXT],
    ["first", 0x4200_0010, 0x20, FUNC, TEXT],
    ["elsewhere", 0x4200_0200, 4, FUNC, LATER],
  ]);
  expect([0x0f, 0x10, 0x2f, 0x30, 0x3f, 0x40, 0xff].map((at) => nameAt(symbols, 0x4200_0000 + at))).toEqual([
    undefined,
    "first",
    "first",
    "first",
    "first",
    "second",
    "second",
  ]);
  expect([0x1ff, 0x200, 0x23f, 0x240].map((at) => nameAt(symbols, 0x4200_0000 + at))).toEqual([
    undefined,
    "elsewhere",
    "elsewhere",
    undefined,
  ]);
});

test("a section without symbols has none of those before it", () => {
  const symbols = open([["only", 0x4200_0000, 0x10, FUNC, TEXT]]);
  expect([0xff, 0x200, 0x23f].map((at) => nameAt(symbols, 0x4200_0000 + at))).toEqual(["only", undefined, undefined]);
});

test("labels without a size inside of a function do not hide it; behind its end they are what is known", () => {
  const symbols = open([
    ["function", 0x4200_0000, 0x20, FUNC, TEXT],
    ["label", 0x4200_0008, 0, NOTYPE, TEXT],
    ["other", 0x4200_0010, 0, NOTYPE, TEXT],
    ["behind", 0x4200_0020, 0, NOTYPE, TEXT],
    ["sized", 0x4200_0030, 1, FUNC, TEXT],
    ["last", 0x4200_0040, 0, NOTYPE, TEXT],
  ]);
  expect([0x04, 0x08, 0x1f, 0x20, 0x2f, 0x31, 0x40].map((at) => nameAt(symbols, 0x4200_0000 + at))).toEqual([
    "function",
    "function",
    "function",
    "behind",
    "behind",
    "sized",
    "last",
  ]);
  expect(symbols.startsFunction(0x4200_0000)).toBe(true);
  expect(symbols.startsFunction(0x4200_0004)).toBe(false);
});

test("of several at one address a function is meant before a label, one with a size before one without, then the first", () => {
  const at = 0x4200_0000;
  const byte: Row = ["byte", at, 1, FUNC, TEXT];
  expect(nameAt(open([["empty", at, 0, FUNC, TEXT], byte]), at)).toBe("byte");
  expect(
    nameAt(
      open([
        ["label", at, 4, NOTYPE, TEXT],
        ["function", at, 0, FUNC, TEXT],
      ]),
      at,
    ),
  ).toBe("function");
  expect(
    nameAt(
      open([
        ["empty", at, 0, FUNC, TEXT],
        ["sized", at, 4, FUNC, TEXT],
      ]),
      at,
    ),
  ).toBe("sized");
  expect(
    nameAt(
      open([
        ["sized", at, 4, FUNC, TEXT],
        ["empty", at, 0, FUNC, TEXT],
      ]),
      at,
    ),
  ).toBe("sized");
  expect(
    nameAt(
      open([
        ["first", at, 4, FUNC, TEXT],
        ["second", at, 8, FUNC, TEXT],
      ]),
      at,
    ),
  ).toBe("first");
});

test("what assemblers name for themselves, what lies outside of its section or in none, and data name no code", () => {
  const at = 0x4200_0010;
  for (const [name, type, section, address] of [
    ["$x", NOTYPE, TEXT, at],
    [".L12", NOTYPE, TEXT, at],
    ["", NOTYPE, TEXT, at],
    ["data", OBJECT, TEXT, at],
    ["file.c", FILE, TEXT, at],
    ["absolute", FUNC, ABSOLUTE, at],
    ["of a section that is not there", FUNC, 0x100 + TEXT, at],
    ["astray", FUNC, LATER, at],
    ["before", FUNC, LATER, 0x4200_01ff],
    ["variable", FUNC, DATA, 0x3fc8_0000],
  ] as const) {
    const symbols = open([[name, address, 4, type, section]]);
    expect([name, nameAt(symbols, at), nameAt(symbols, address)]).toEqual([name, undefined, undefined]);
  }
  for (const [name, type] of [
    [".Lone", FUNC],
    [".local", NOTYPE],
    ["$x", FUNC],
  ] as const)
    expect(nameAt(open([[name, at, 4, type, TEXT]]), at)).toBe(name);
});

test("a local symbol's file stands before it; a global one has none", () => {
  const symbols = open([
    ["a.c", 0, 0, FILE, ABSOLUTE, LOCAL],
    ["one", 0x4200_0000, 4, FUNC, TEXT, LOCAL],
    ["b.c", 0, 0, FILE, ABSOLUTE, LOCAL],
    ["two", 0x4200_0010, 4, FUNC, TEXT, LOCAL],
    ["three", 0x4200_0014, 4, FUNC, TEXT, LOCAL],
    ["four", 0x4200_0020, 4, FUNC, TEXT, GLOBAL],
  ]);
  expect([0, 0x10, 0x14, 0x20].map((at) => symbols.symbolize(0x4200_0000 + at)[0]?.file)).toEqual([
    "a.c",
    "b.c",
    "b.c",
    undefined,
  ]);
});

test("variables by name and by address: the smallest of several that hold it", () => {
  const symbols = open([
    ["buffer", 0x3fc8_0010, 0x20, OBJECT, DATA],
    ["part", 0x3fc8_0018, 4, OBJECT, DATA],
    ["buffer", 0x3fc8_0080, 8, OBJECT, DATA],
    ["buffer2", 0x3fc8_0090, 8, OBJECT, DATA],
    ["buffer", 0, 0, FILE, ABSOLUTE],
    ["function", 0x4200_0000, 4, FUNC, TEXT],
  ]);
  expect(symbols.find("buffer").map(({ address, size }) => [address, size])).toEqual([
    [0x3fc8_0010, 0x20],
    [0x3fc8_0080, 8],
  ]);
  expect(symbols.find("buff")).toEqual([]);
  expect(symbols.find("function")).toMatchObject([{ name: "function", address: 0x4200_0000 }]);
  const names = [0x0f, 0x10, 0x17, 0x18, 0x1b, 0x1c, 0x2f, 0x30, 0x87, 0x88].map((at) =>
    symbols.variableAt(0x3fc8_0000 + at),
  );
  expect(names.map((place) => place && [place.name, place.rest])).toEqual([
    undefined,
    ["buffer", 0],
    ["buffer", 7],
    ["part", 0],
    ["part", 3],
    ["buffer", 12],
    ["buffer", 31],
    undefined,
    ["buffer", 7],
    undefined,
  ]);
});

test("the linker's map says what code without debug information was linked from", () => {
  const map = `Linker script and memory map

.text           0x0000000042000000       0x40
 .text.radio_on
                0x0000000042000000       0x10 /sdk/lib/libphy.a(phy.o)
 .text.main     0x0000000042000010       0x10 esp-idf/main/libmain.a(main.c.obj)
`;
  const symbols = open(
    [
      ["radio_on", 0x4200_0000, 0x10, FUNC, TEXT],
      ["app_main", 0x4200_0010, 0x10, FUNC, TEXT],
      ["unplaced", 0x4200_0080, 0x10, FUNC, TEXT],
    ],
    map,
  );
  const told = [0, 0x1f, 0x80].map((at) => {
    const [frame] = symbols.attribute(symbols.symbolize(0x4200_0000 + at)).frames;
    return [frame?.function, frame?.file, frame?.component];
  });
  expect(told).toEqual([
    ["radio_on", "/sdk/lib/libphy.a(phy.o)", "phy"],
    ["app_main", "esp-idf/main/libmain.a(main.c.obj)", "main"],
    ["unplaced", undefined, undefined],
  ]);
});
