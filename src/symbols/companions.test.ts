// An ELF whose debug information is in another file: the fixture with two of its sections under other names, and the fixture itself as that file.
import { beforeEach, expect, test } from "vitest";
import { fixture } from "../../test/symbols/fixtures.ts";
import { crc32 } from "../base/crc32.ts";
import type { CompanionFile } from "./companions.ts";
import { openSymbols, type Symbols } from "./index.ts";

const NOBITS = 8;
const ALLOCATED = 2;

/** The copy that keeps the debug information: the program's sections are named in it, and empty. */
function debugCopy(): Uint8Array {
  const bytes = fixture("riscv");
  const view = new DataView(bytes.buffer);
  const table = view.getUint32(32, true);
  for (let i = 0; i < view.getUint16(48, true); i++) {
    const at = table + i * 40;
    if ((view.getUint32(at + 8, true) & ALLOCATED) !== 0) view.setUint32(at + 4, NOBITS, true);
  }
  return bytes;
}

/** The program, which names that copy by its checksum. */
function stripped(name: string, checksum: number): Uint8Array {
  const bytes = fixture("riscv");
  const sections = openSymbols(bytes).elf.sections;
  const link = sections.find((section) => section.name === ".debug_aranges");
  if (link === undefined) throw new Error("the fixture has a list of its units' code");
  const text = Buffer.from(bytes.buffer);
  for (const [from, to] of [
    [".debug_aranges", ".gnu_debuglink"],
    [".debug_info", ".other_info"],
    [".symtab", ".nosyms"],
  ] as const) {
    const at = text.lastIndexOf(`${from}\0`);
    text.write(to, at, "latin1");
  }
  text.fill(0, link.offset, link.offset + link.size);
  text.write(name, link.offset, "latin1");
  text.writeUInt32LE(checksum, link.offset + ((name.length + 4) & ~3));
  return bytes;
}

let asked: CompanionFile[] = [];
beforeEach(() => (asked = []));

function open(bytes: Uint8Array, there: Uint8Array | undefined): Symbols {
  const findCompanion = (file: CompanionFile): Uint8Array | undefined => {
    asked.push(file);
    return there;
  };
  return openSymbols(bytes, { findCompanion });
}

const intact = openSymbols(fixture("riscv"));
const [address = 0] = intact.find("poll_sensor").map((symbol) => symbol.address + 0x14);
const [variable] = intact.find("total_readings");

test.each(["app.debug", "four", "fives", "sixsix", "sevenxx"])(
  "lines come from the file that %s names, memory from the program",
  (name) => {
    const copy = debugCopy();
    const symbols = open(stripped(name, crc32(copy)), copy);
    expect(asked).toEqual([{ kind: "debug-link", name }]);
    expect(symbols.symbolize(address)).toEqual(intact.symbolize(address));
    expect(symbols.read(variable?.address ?? 0, 4)).toEqual(new Uint8Array([7, 0, 0, 0]));
    expect(symbols.problems).toEqual([]);
  },
);

test.each([
  ["is not there", () => undefined, "debug-link"],
  ["is of another build", (copy: Uint8Array) => copy.with(-1, (copy.at(-1) ?? 0) ^ 1), "debug-link-other"],
] as const)("a file that %s is told, and not used", (_, change, code) => {
  const copy = debugCopy();
  const symbols = open(stripped("app.debug", crc32(copy)), change(copy));
  expect(symbols.symbolize(address)[0]?.line).toBeUndefined();
  expect(symbols.problems).toMatchObject([{ code, message: expect.stringContaining("app.debug") as string }]);
});

test("what is no ELF is not used, whatever its checksum", () => {
  const text = new TextEncoder().encode("no ELF");
  expect(open(stripped("app.debug", crc32(text)), text).problems).toMatchObject([{ code: "debug-link-other" }]);
});

test("a link without a name or cut before its checksum leads to no file", () => {
  const copy = debugCopy();
  expect(open(stripped("", crc32(copy)), copy).problems).toMatchObject([{ code: "debug-link" }]);
  expect(asked).toEqual([]);
});

test("an ELF with debug information of its own asks for no other", () => {
  expect(open(fixture("riscv"), undefined).symbolize(address)).toEqual(intact.symbolize(address));
  expect(asked).toEqual([]);
});
