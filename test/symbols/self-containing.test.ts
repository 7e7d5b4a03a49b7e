// A structure that contains itself, twice, without names: each level of reading it would double the work.
import { expect, test } from "vitest";
import { openSymbols } from "../../src/symbols/index.ts";
import { elf, text, u16, u32 } from "./made-elf.ts";

test("is read within bounds", () => {
  const abbreviations = [
    [1, 0x11, 1, 0x03, 0x08, 0, 0], // unit: name
    [2, 0x13, 1, 0x03, 0x08, 0x0b, 0x0b, 0, 0], // structure: name, size
    [3, 0x0d, 0, 0x49, 0x13, 0, 0], // member: type
    [4, 0x13, 1, 0x0b, 0x0b, 0, 0], // structure without a name: size
    [0],
  ].flat();
  const name = "soc_memory_type_desc_t";
  const named = [2, ...text(name), 8];
  const inner = 11 + 5 + named.length + 10 + 1;
  const member = [3, ...u32(inner)];
  const dies = [1, ...text("a.c"), ...named, ...member, ...member, 0, 4, 8, ...member, ...member, 0, 0];
  const info = [...u32(dies.length + 7), ...u16(4), ...u32(0), 4, ...dies];
  const symbols = openSymbols(
    elf([
      { name: ".text", flags: 6, address: 0x42000000, bytes: [0x13, 0, 0, 0] },
      { name: ".debug_abbrev", flags: 0, address: 0, bytes: abbreviations },
      { name: ".debug_info", flags: 0, address: 0, bytes: info },
    ]),
  );
  expect(symbols.layout(name)).toEqual({ name, size: 8, members: new Map() });
});

test.each([
  ["typedef", 0x16],
  ["pointer", 0x0f],
  ["reference", 0x10],
  ["const", 0x26],
  ["volatile", 0x35],
  ["array", 0x01],
])("a %s of itself ends", (_, tag) => {
  const abbreviations = [
    [1, 0x11, 1, 0x03, 0x08, 0, 0], // unit: name
    [2, 0x13, 1, 0x03, 0x08, 0x0b, 0x0b, 0, 0], // structure: name, size
    [3, 0x0d, 0, 0x03, 0x08, 0x49, 0x13, 0, 0], // member: name, type
    [4, tag, 0, 0x49, 0x13, 0, 0], // type
    [0],
  ].flat();
  const named = [2, ...text("box"), 4];
  const member = [3, ...text("m"), ...u32(0)];
  const itself = 11 + 5 + named.length + member.length + 1;
  const dies = [1, ...text("a.c"), ...named, ...member.slice(0, 3), ...u32(itself), 0, 4, ...u32(itself), 0];
  const info = [...u32(dies.length + 7), ...u16(4), ...u32(0), 4, ...dies];
  const symbols = openSymbols(
    elf([
      { name: ".text", flags: 6, address: 0x42000000, bytes: [0x13, 0, 0, 0] },
      { name: ".debug_abbrev", flags: 0, address: 0, bytes: abbreviations },
      { name: ".debug_info", flags: 0, address: 0, bytes: info },
    ]),
  );
  const itsOwn = symbols.layout("box")?.members.get("m");
  expect(itsOwn?.offset).toBe(0);
  expect(itsOwn?.type.length).toBeLessThan(200);
});
