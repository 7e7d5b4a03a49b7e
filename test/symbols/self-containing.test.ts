// A structure that contains itself, twice, without names: each level of reading it would double the work.
import { expect, test } from "vitest";
import { openSymbols } from "../../src/symbols/index.ts";

const text = (value: string): number[] => [...Buffer.from(`${value}\0`, "latin1")];
const u16 = (value: number): number[] => [value & 255, value >> 8];
const u32 = (value: number): number[] => [...u16(value & 0xffff), ...u16(value >>> 16)];

interface Section {
  readonly name: string;
  readonly flags: number;
  readonly address: number;
  readonly bytes: readonly number[];
}

function elf(sections: readonly Section[]): Uint8Array {
  const names = [0];
  const nameAt = [...sections.map(({ name }) => name), ".shstrtab"].map(
    (name) => names.push(...text(name)) - name.length - 1,
  );
  const all = [...sections, { name: ".shstrtab", flags: 0, address: 0, bytes: names }];
  const body: number[] = [];
  const headers = [new Array<number>(40).fill(0)];
  for (const [i, { name, flags, address, bytes }] of all.entries()) {
    const type = name === ".shstrtab" ? 3 : 1;
    headers.push([nameAt[i] ?? 0, type, flags, address, 52 + body.length, bytes.length, 0, 0, 4, 0].flatMap(u32));
    body.push(...bytes);
  }
  const ident = [0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, ...new Array<number>(9).fill(0)];
  const table = 52 + body.length;
  const header = [ident, u16(2), u16(243), u32(1), u32(0x42000000), u32(0), u32(table), u32(0), u16(52)];
  const counts = [u16(32), u16(0), u16(40), u16(headers.length), u16(headers.length - 1)];
  return Uint8Array.from([...header, ...counts, body, ...headers].flat());
}

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
