// How much RAM each component takes: a program without debug information, of whose bytes the symbols and the linker's map tell whose they are.
import { expect, test } from "vitest";
import { elf, text, u16, u32, type MadeSection } from "../../test/symbols/made-elf.ts";
import { openSymbols } from "./index.ts";

const [WRITE, ALLOC, CODE] = [1, 2, 4];
const NOBITS = 8;
const DATA = 0x3ffb_0000;
const IRAM = 0x4008_0000;

/** Of a section, from so many bytes behind its beginning: whose, and whether the map has it. */
type Piece = readonly [at: number, size: number, owner?: string];

function section(name: string, flags: number, address: number, size: number, type = 1): MadeSection {
  return { name, flags: flags | ALLOC, address, type, size, bytes: new Array<number>(type === NOBITS ? 0 : size).fill(7) };
} // prettier-ignore

/** The RAM of a section whose symbols are these, in the table and in the map; of the map there may be more. */
function ramOf(made: MadeSection, symbols: readonly Piece[], more: readonly Piece[] = []): unknown {
  const strings = [0, ...text("symbol")];
  const type = (made.flags & CODE) === 0 ? 0x11 : 0x12;
  const rows = symbols.flatMap(([at, size]) => [...u32(1), ...u32(made.address + at), ...u32(size), type, 0, ...u16(1)]);
  const sections = [
    made,
    { name: ".symtab", type: 2, link: 3, flags: 0, address: 0, bytes: [...new Array<number>(16).fill(0), ...rows] },
    { name: ".strtab", type: 3, flags: 0, address: 0, bytes: strings },
  ];
  const hex = (value: number): string => `0x${value.toString(16)}`;
  const map = [...symbols, ...more].flatMap(([at, size, owner]) =>
    owner === undefined ? [] : [` .x ${hex(made.address + at)} ${hex(size)} esp-idf/${owner}/lib${owner}.a(x.obj)`],
  );
  const found = openSymbols(elf(sections), { map: map.join("\n") }).components;
  return Object.fromEntries(
    found.map(({ component, data, bss, iram }) => [component, data > 0 ? data : bss > 0 ? [bss] : { iram }]),
  );
} // prettier-ignore

test("sections that are RAM, and those that are not", () => {
  const kindOf = (name: string, flags: number, type = 1): unknown => ramOf(section(name, flags, DATA, 16, type), [[0, 16, "a"]]);
  expect(kindOf(".dram0.data", WRITE)).toEqual({ a: 16 });
  expect(kindOf(".dram0.bss", WRITE, NOBITS)).toEqual({ a: [16] });
  expect(kindOf(".iram0.text", CODE)).toEqual({ a: { iram: 16 } });
  expect(kindOf(".rtc.text", CODE)).toEqual({ a: { iram: 16 } });
  expect(kindOf(".tcm.text", CODE)).toEqual({ a: { iram: 16 } });
  for (const [name, flags, type] of [
    [".flash.text", CODE],
    [".flash.rodata", WRITE],
    [".rodata", 0],
    [".dram0.dummy", WRITE],
    [".rtc_reserved", WRITE],
    [".iram0.text_end", WRITE, NOBITS],
  ] as const)
    expect([name, kindOf(name, flags, type)]).toEqual([name, {}]);
  expect(kindOf(".iram0.data_text_end", WRITE)).toEqual({ a: 16 });
}); // prettier-ignore

test("symbols that overlap count once, and none beyond its section", () => {
  const data = section(".dram0.data", WRITE, DATA, 64);
  expect(ramOf(data, [[0, 32, "a"], [0, 16], [16, 32], [48, 16, "b"], [56, 16]], [[32, 16, "x"]])).toEqual({ a: 48, b: 16 });
  expect(ramOf(data, [[0, 80, "a"]])).toEqual({ a: 64 });
  expect(ramOf(data, [[0, 32], [32, 32, "b"]])).toEqual({ "(unknown)": 32, b: 32 });
}); // prettier-ignore

test("what has no symbol: padding is of what it stands behind, more of both around it, or nobody's", () => {
  const data = section(".dram0.data", WRITE, DATA, 48);
  expect(ramOf(data, [[0, 16, "a"], [23, 25, "b"]])).toEqual({ a: 23, b: 25 });
  expect(ramOf(data, [[0, 16, "a"], [24, 24, "b"]])).toEqual({ a: 16, b: 24, "(no symbol)": 8 });
  expect(ramOf(data, [[0, 16, "a"], [24, 24, "a"]])).toEqual({ a: 48 });
  expect(ramOf(data, [[7, 41, "a"]])).toEqual({ a: 48 });
  expect(ramOf(data, [[8, 40, "a"]])).toEqual({ a: 40, "(no symbol)": 8 });
  expect(ramOf(data, [[0, 41, "a"]])).toEqual({ a: 48 });
  expect(ramOf(data, [[0, 40, "a"]])).toEqual({ a: 40, "(no symbol)": 8 });
  expect(ramOf(data, [])).toEqual({ "(no symbol)": 48 });
  const code = section(".iram0.text", CODE, IRAM, 48);
  expect(ramOf(code, [[0, 16, "a"], [24, 24, "b"]])).toEqual({ b: { iram: 32 }, a: { iram: 16 } });
  expect(ramOf(code, [[0, 16, "a"], [23, 25, "b"]])).toEqual({ b: { iram: 25 }, a: { iram: 23 } });
  expect(ramOf(code, [[8, 40, "a"]])).toEqual({ a: { iram: 48 } });
}); // prettier-ignore

test("what has no symbol and is in the map is whose the map says, piece by piece", () => {
  const data = section(".dram0.data", WRITE, DATA, 64);
  const ends = [[0, 16, "a"], [48, 16, "a"]] as const; // prettier-ignore
  expect(ramOf(data, ends, [[16, 8, "b"], [24, 8, "x"]])).toEqual({ a: 48, b: 8, x: 8 });
  expect(ramOf(data, ends, [[16, 100, "b"]])).toEqual({ a: 32, b: 32 });
}); // prettier-ignore

test("the largest comes first, of equals by name", () => {
  const data = section(".dram0.data", WRITE, DATA, 64);
  const found = ramOf(data, [[0, 16, "b"], [16, 16, "a"], [32, 32, "x"]]); // prettier-ignore
  expect(Object.keys(found as object)).toEqual(["x", "a", "b"]);
});
