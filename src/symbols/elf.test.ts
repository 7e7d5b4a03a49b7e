// What of an ELF is read from its header and tables, with the fixture's tables changed.
import { expect, test } from "vitest";
import { fixture } from "../../test/symbols/fixtures.ts";
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
