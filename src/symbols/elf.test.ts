// What of an ELF is read from its header and tables, with the fixture's tables changed, and with tables that are made.
import { Unzlib } from "fflate";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fixture } from "../../test/symbols/fixtures.ts";
import { elf as elfOf, text, u32, type MadeSection } from "../../test/symbols/made-elf.ts";
import {
  debugSection,
  executableRange,
  isData,
  isExecutable,
  memoryAt,
  readElf,
  sectionContents,
  type Elf,
} from "./elf.ts";
import { openSymbols, type Symbols } from "./index.ts";

/** Offsets in the header, and in an entry of the table of segments. */
const [SEGMENT_TABLE, SECTION_TABLE, SEGMENT_COUNT, SECTION_COUNT, NAMES] = [28, 32, 44, 48, 50];

function changed(change: (view: DataView, bytes: Uint8Array) => void): Symbols {
  const bytes = fixture("riscv");
  change(new DataView(bytes.buffer), bytes);
  return openSymbols(bytes);
}

const intact = openSymbols(fixture("riscv"));

test("without segments the sections are there, without sections the segments", () => {
  for (const field of [SEGMENT_TABLE, SEGMENT_COUNT]) {
    const symbols = changed((view) => {
      view.setUint16(field, 0, true);
      if (field === SEGMENT_TABLE) view.setUint16(field + 2, 0, true);
    });
    expect(symbols.elf.segments).toEqual([]);
    expect([...symbols.elf.executable]).toEqual([...intact.elf.executable]);
  }
  const bare = changed((view) => {
    view.setUint32(SECTION_TABLE, 0, true);
  });
  expect(bare.elf.sections).toEqual([]);
  const [start = 0] = intact.elf.executable;
  expect(bare.isCode(start)).toBe(true);
  expect(bare.knows).toBe("nothing");
  expect(bare.read(start, 4)).toEqual(intact.read(start, 4));
  const [total] = intact.find("total_readings");
  expect(bare.read(total?.address ?? 0, 4)).toEqual(new Uint8Array([7, 0, 0, 0]));
  expect(bare.read(0x10, 4)).toBeUndefined();
});

test("more sections than fit into the header's number: section 0 says how many, and where their names are", () => {
  const symbols = changed((view) => {
    const zero = view.getUint32(SECTION_TABLE, true);
    view.setUint32(zero + 20, view.getUint16(SECTION_COUNT, true), true);
    view.setUint32(zero + 24, view.getUint16(NAMES, true), true);
    view.setUint16(SECTION_COUNT, 0, true);
    view.setUint16(NAMES, 0xffff, true);
  });
  expect(symbols.elf.sections.map(({ name }) => name)).toEqual(intact.elf.sections.map(({ name }) => name));
  expect(symbols.problems).toEqual([]);
});

test.each([
  ["sections", SECTION_TABLE],
  ["program headers", SEGMENT_TABLE],
])("a table of %s that is cut is told", (what, field) => {
  const symbols = changed((view, { length }) => {
    view.setUint32(field, length - 60, true);
  });
  expect(symbols.problems).toContainEqual(
    expect.objectContaining({ code: "elf-cut", message: expect.stringContaining(what) as string }),
  );
});

test("a file that ends before its tables, and one that is no ELF for these chips, are refused", () => {
  const bytes = fixture("riscv");
  expect(() => openSymbols(bytes.slice(0, 51))).toThrow(expect.objectContaining({ code: "elf-invalid" }));
  expect(() => openSymbols(bytes.slice(0, 52))).toThrow(expect.objectContaining({ code: "elf-invalid" }));
  for (let i = 0; i < 4; i++)
    expect(() => openSymbols(bytes.with(i, 0))).toThrow(expect.objectContaining({ code: "elf-invalid" }));
  for (const i of [4, 5])
    expect(() => openSymbols(bytes.with(i, 2))).toThrow(expect.objectContaining({ code: "elf-unsupported" }));
});

test("code, data and what is neither", () => {
  const { elf } = intact;
  // Sections that are not loaded have the address 0, and are no memory.
  expect(intact.read(0, 4)).toBeUndefined();
  const [start = 0, end = 0] = elf.executable;
  expect([start - 1, start, end - 1, end].map((address) => intact.isCode(address))).toEqual([false, true, true, false]);
  expect(elf.type).toBe(2);
  expect(elf.machine).toBe(243);
  expect(intact.architecture).toBe("riscv");
  expect(openSymbols(fixture("xtensa")).architecture).toBe("xtensa");
  const [total] = intact.find("total_readings");
  expect(intact.variableAt(total?.address ?? 0)).toMatchObject({ name: "total_readings", size: 4, rest: 0 });
  expect(intact.variableAt((total?.address ?? 0) + 3)).toMatchObject({ name: "total_readings", rest: 3 });
});

const read = (bytes: Uint8Array): Elf => readElf(bytes, { zlib: () => Unzlib });

interface MadeSegment {
  readonly type?: number;
  readonly flags: number;
  readonly address: number;
  readonly size: number;
}

/** Segments of no bytes in the file, and no sections. */
function segmentsOf(segments: readonly MadeSegment[]): Elf {
  const table = segments.flatMap(({ type = 1, flags, address, size }) =>
    [type, 0, address, address, 0, size, flags, 4].flatMap(u32),
  );
  const bytes = Uint8Array.from([...elfOf([]).subarray(0, 52), ...table]);
  const view = new DataView(bytes.buffer);
  view.setUint32(SEGMENT_TABLE, 52, true);
  view.setUint32(SECTION_TABLE, 0, true);
  view.setUint16(SEGMENT_COUNT, segments.length, true);
  return read(bytes);
}

describe("code is", () => {
  const [DATA, CODE] = [3, 6];
  const BASE = 0x4200_0000;
  const range = fc.record({ at: fc.nat(40), size: fc.nat(10), flags: fc.constantFrom(DATA, CODE, CODE, 4) });

  test("what lies in a section that is loaded and executable, in any order of them", () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 8 }), (all) => {
        const sections = all.map(({ at, size, flags }): MadeSection => ({ name: "x", type: 8, flags, address: BASE + at, bytes: [], size }));
        const elf = read(elfOf(sections));
        for (let at = -1; at < 52; at++) {
          const has = (wanted: number): boolean => all.some((one) => one.flags === wanted && at >= one.at && at < one.at + one.size);
          expect(isExecutable(elf, BASE + at)).toBe(has(CODE));
          expect(isData(elf, BASE + at)).toBe(has(DATA));
        }
        const pairs = Array.from({ length: elf.executable.length / 2 }, (_, i) => elf.executable.subarray(2 * i, 2 * i + 2));
        for (const [i, [start = 0, end = 0]] of pairs.entries()) {
          expect(executableRange(elf, start)).toBe(2 * i);
          expect(executableRange(elf, end)).toBe(-1);
          expect(start < end && end < (pairs[i + 1]?.[0] ?? Infinity)).toBe(true);
        }
      }),
    );
  }); // prettier-ignore

  test("without sections, what lies in a segment that is loaded and executable", () => {
    const elf = segmentsOf([
      { flags: 5, address: BASE + 16, size: 8 },
      { flags: 5, address: BASE, size: 1 },
      { flags: 5, address: BASE + 4, size: 0 },
      { flags: 6, address: BASE + 32, size: 8 },
      { type: 2, flags: 1, address: BASE + 48, size: 8 },
    ]);
    const code = Array.from({ length: 60 }, (_, at) => at - 1).filter((at) => isExecutable(elf, BASE + at));
    expect(code).toEqual([0, 16, 17, 18, 19, 20, 21, 22, 23]);
  });

  test("never what is told beside the sections", () => {
    const bytes = elfOf([{ name: ".text", type: 8, flags: CODE, address: BASE, bytes: [], size: 4 }]);
    const more = Uint8Array.from([...bytes, ...[1, 0, BASE + 64, 0, 0, 8, 5, 4].flatMap(u32)]);
    new DataView(more.buffer).setUint32(SEGMENT_TABLE, bytes.length, true);
    new DataView(more.buffer).setUint16(SEGMENT_COUNT, 1, true);
    const elf = read(more);
    expect([elf.segments.length, isExecutable(elf, BASE), isExecutable(elf, BASE + 64)]).toEqual([1, true, false]);
  });
});

test("memory is that of a section with bytes in the file, up to its end", () => {
  const elf = read(
    elfOf([
      { name: ".comment", flags: 0, address: 0, bytes: [9, 9, 9, 9] },
      { name: ".bss", type: 8, flags: 3, address: 0x3fc8_0000, bytes: [], size: 8 },
      { name: ".data", flags: 3, address: 0x3fc8_0008, bytes: [1, 2, 3, 4] },
    ]),
  );
  const at = (address: number, size: number): number[] | undefined => {
    const bytes = memoryAt(elf, address, size);
    return bytes && [...bytes];
  };
  expect([at(0, 4), at(0x3fc8_0000, 4), at(0x3fc8_0007, 4)]).toEqual([undefined, undefined, undefined]);
  expect(elf.sections.map((section) => sectionContents(elf, section).length).slice(0, 4)).toEqual([0, 4, 0, 4]);
  expect([debugSection(elf, ".debug_info").length, debugSection(elf, ".comment").length]).toEqual([0, 4]);
  expect([at(0x3fc8_0008, 2), at(0x3fc8_000a, 4), at(0x3fc8_000c, 1)]).toEqual([[1, 2], [3, 4], undefined]);
}); // prettier-ignore

test("the first segment may be all there is", () => {
  const elf = segmentsOf([{ flags: 5, address: 0x4200_0000, size: 8 }]);
  expect(elf.segments).toEqual([{ type: 1, flags: 5, offset: 0, address: 0x4200_0000, fileSize: 0, memorySize: 8 }]);
});

test("of a section's name 256 letters are read", () => {
  const named = (name: string): string | undefined =>
    read(elfOf([{ name, flags: 0, address: 0, bytes: text("x") }])).sections[1]?.name;
  const long = `.debug_${"x".repeat(249)}`;
  expect([named(long), named(`${long}y`)]).toEqual([long, long]);
});

test("where section 0 says that there are more sections than a file has room for, those that are there are read", () => {
  const symbols = changed((view) => {
    view.setUint32(view.getUint32(SECTION_TABLE, true) + 20, 2 ** 31, true);
    view.setUint16(SECTION_COUNT, 0, true);
  });
  expect(symbols.elf.sections.length).toBeGreaterThanOrEqual(intact.elf.sections.length);
  expect(symbols.problems).toContainEqual(expect.objectContaining({ code: "elf-cut" }));
});
