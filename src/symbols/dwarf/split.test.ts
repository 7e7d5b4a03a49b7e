// Split debug information made by hand: a skeleton unit, its .dwo file, and packages of several. Formats: DWARF 5, 7.3.2 and 7.3.5.
import { expect, test } from "vitest";
import { elf, text, u16, u32 } from "../../../test/symbols/made-elf.ts";
import type { CompanionFile } from "../companions.ts";
import { openSymbols, type Symbols } from "../index.ts";

const START = 0x4200_0000;
const ID = [1, 2, 3, 4, 5, 6, 7, 8];
const OTHER_ID = [1, 2, 3, 4, 5, 6, 7, 9];

const [STRING, ADDRESS, DATA4, SKELETON, SPLIT] = [0x08, 0x01, 0x06, 4, 5];

function unit(type: number, id: readonly number[], dies: readonly number[], abbreviations = 0): number[] {
  return [...u32(dies.length + 16), ...u16(5), type, 4, ...u32(abbreviations), ...id, ...dies];
}

/** The ELF: what it says of its unit is where its code and the rest of it are. */
function program(): Uint8Array {
  return elf([
    { name: ".text", flags: 6, address: START, bytes: new Array<number>(0x40).fill(0) },
    {
      name: ".debug_abbrev",
      flags: 0,
      address: 0,
      bytes: [1, 0x4a, 0, 0x76, STRING, 0x1b, STRING, 0x11, ADDRESS, 0x12, DATA4, 0, 0, 0],
    },
    {
      name: ".debug_info",
      flags: 0,
      address: 0,
      bytes: unit(SKELETON, ID, [1, ...text("a.dwo"), ...text("/work"), ...u32(START), ...u32(0x40)]),
    },
  ]);
}

const abbreviations = [
  [1, 0x11, 1, 0x03, STRING, 0, 0], // unit: name
  [2, 0x2e, 0, 0x03, STRING, 0x11, ADDRESS, 0x12, DATA4, 0, 0], // function: name, start, size
  [3, 0x13, 0, 0x03, STRING, 0x0b, 0x0b, 0, 0], // structure: name, size
  [0],
].flat();

/** A unit with one function over all the code, and a type. */
const body = (id: readonly number[], name: string): number[] =>
  unit(SPLIT, id, [1, ...text("a.c"), 2, ...text(name), ...u32(START), ...u32(0x40), 3, ...text("box"), 12, 0]);

const section = (name: string, bytes: readonly number[]) => ({ name, flags: 0, address: 0, bytes });

const object = (id: readonly number[]): Uint8Array =>
  elf([section(".debug_abbrev.dwo", abbreviations), section(".debug_info.dwo", body(id, "split"))]);

interface PackageChange {
  readonly version?: number;
  readonly ids?: readonly (readonly number[])[];
  readonly rows?: readonly number[];
}

/** Two units, the second one with abbreviations of its own behind those of the first. */
function packaged({ version = 5, ids = [OTHER_ID, ID], rows = [1, 2] }: PackageChange = {}): Uint8Array {
  const [first, second] = [body(OTHER_ID, "other"), body(ID, "packed")];
  const index = [
    ...u16(version),
    ...u16(0),
    ...u32(2),
    ...u32(2),
    ...u32(2),
    ...ids.flat(),
    ...rows.flatMap(u32),
    ...u32(1),
    ...u32(3), // columns: .debug_info.dwo, .debug_abbrev.dwo
    ...u32(0),
    ...u32(0),
    ...u32(first.length),
    ...u32(abbreviations.length),
    ...u32(first.length),
    ...u32(abbreviations.length),
    ...u32(second.length),
    ...u32(abbreviations.length),
  ];
  return elf([
    section(".debug_info.dwo", [...first, ...second]),
    section(".debug_abbrev.dwo", [...abbreviations, ...abbreviations]),
    section(".debug_cu_index", index),
  ]);
}

const asked: CompanionFile[] = [];

function open(files: Partial<Record<CompanionFile["kind"], Uint8Array>>): Symbols {
  asked.length = 0;
  return openSymbols(program(), {
    findCompanion: (file) => {
      asked.push(file);
      return files[file.kind];
    },
  });
}

const functionOf = (symbols: Symbols): string | undefined => symbols.symbolize(START + 4)[0]?.function;

test("functions come from the file that the unit names", () => {
  const symbols = open({ "split-unit": object(ID) });
  expect(functionOf(symbols)).toBe("split");
  expect(symbols.layout("box")?.size).toBe(12);
  expect(symbols.problems).toEqual([]);
  expect(asked).toEqual([{ kind: "split-package" }, { kind: "split-unit", name: "a.dwo", folder: "/work" }]);
});

test("of a package the unit with the same id is taken", () => {
  for (const version of [2, 5]) expect(functionOf(open({ "split-package": packaged({ version }) }))).toBe("packed");
  expect(functionOf(open({ "split-package": packaged({ ids: [ID, OTHER_ID], rows: [2, 1] }) }))).toBe("packed");
  expect(asked).toEqual([{ kind: "split-package" }]);
});

test("a file that is not there is named", () => {
  const symbols = open({});
  expect(functionOf(symbols)).toBeUndefined();
  expect(symbols.problems).toMatchObject([
    { code: "dwarf-split", message: expect.stringContaining("a.dwo") as string },
  ]);
});

test.each<readonly [string, Partial<Record<CompanionFile["kind"], Uint8Array>>]>([
  ["a file of another build", { "split-unit": object(OTHER_ID) }],
  ["a package without the unit", { "split-package": packaged({ ids: [OTHER_ID, OTHER_ID] }) }],
  ["a package whose index leads to nothing", { "split-package": packaged({ rows: [1, 0] }) }],
  ["a package whose index leads past its end", { "split-package": packaged({ rows: [1, 3] }) }],
  ["a package that leads to another unit", { "split-package": packaged({ rows: [1, 1] }) }],
  ["a package of a version that nobody knows", { "split-package": packaged({ version: 4 }) }],
])("%s is told, and not used", (_, files) => {
  const symbols = open(files);
  expect(functionOf(symbols)).toBeUndefined();
  expect(symbols.problems).toMatchObject([{ code: "dwarf-split-other" }]);
});
