// The list that an ELF has of its units' code (.debug_aranges) saves reading all units, and is believed no further than the unit itself confirms.
import { expect, test } from "vitest";
import { openSymbols, type Symbols } from "../../src/symbols/index.ts";
import { fixture, type FixtureName } from "./fixtures.ts";

const names: readonly FixtureName[] = ["riscv", "xtensa"];

/** A copy of the fixture with one of its sections changed. */
function changed(name: FixtureName, section: string, change: (bytes: DataView) => void): Symbols {
  const bytes = fixture(name);
  const { offset = 0, size = 0 } = openSymbols(bytes).elf.sections.find((one) => one.name === section) ?? {};
  change(new DataView(bytes.buffer, bytes.byteOffset + offset, size));
  return openSymbols(bytes);
}

/** What each address is, the last one first: so that none is answered by what was read for the one before it. */
function answers(symbols: Symbols): readonly unknown[] {
  const [start = 0, end = 0] = symbols.elf.executable;
  return Array.from({ length: end - start }, (_, i) => symbols.attribute(symbols.symbolize(end - 1 - i)));
}

/** Where the list's sets begin. */
function setsOf(list: DataView): readonly number[] {
  const sets: number[] = [];
  for (let at = 0; at < list.byteLength; at += 4 + list.getUint32(at, true)) sets.push(at);
  return sets;
}

const UNIT = 6;
const RANGES = 16;

const damage: readonly (readonly [string, (list: DataView) => void])[] = [
  [
    "is empty",
    (list) => {
      for (let at = 0; at < list.byteLength; at++) list.setUint8(at, 0);
    },
  ],
  [
    "is cut",
    (list) => {
      list.setUint32(0, 0x7fff_ffff, true);
    },
  ],
  [
    "is of another version",
    (list) => {
      for (const set of setsOf(list)) list.setUint16(set + 4, 3, true);
    },
  ],
  [
    "has wider addresses",
    (list) => {
      for (const set of setsOf(list)) list.setUint8(set + 10, 8);
    },
  ],
  [
    "lacks every other unit",
    (list) => {
      for (const [i, set] of setsOf(list).entries()) if (i % 2 === 0) list.setUint16(set + 4, 3, true);
    },
  ],
  [
    "names units that there are not",
    (list) => {
      for (const set of setsOf(list)) list.setUint32(set + UNIT, list.getUint32(set + UNIT, true) + 1, true);
    },
  ],
  [
    "gives all code to the first unit",
    (list) => {
      for (const set of setsOf(list)) list.setUint32(set + UNIT, 0, true);
    },
  ],
  [
    "is moved",
    (list) => {
      for (const set of setsOf(list)) list.setUint32(set + RANGES, list.getUint32(set + RANGES, true) + 0x40, true);
    },
  ],
  [
    "gives all code to every unit",
    (list) => {
      for (const set of setsOf(list))
        for (const [at, value] of [
          [0, 0x4200_0000],
          [4, 0x1000],
        ] as const)
          list.setUint32(set + RANGES + at, value, true);
    },
  ],
];

test.each(damage.flatMap(([what, change]) => names.map((name) => [what, name, change] as const)))(
  "where it %s, addresses of %s have the same answers",
  (_, name, change) => {
    expect(answers(changed(name, ".debug_aranges", change))).toEqual(answers(openSymbols(fixture(name))));
  },
);

test.each(names)("a look-up in %s reads the unit that is listed: damage in others is not its business", (name) => {
  const intact = openSymbols(fixture(name));
  const [address = 0] = intact.find("sensor_sum").map((symbol) => symbol.address);
  const wanted = intact.symbolize(address);
  const [, ...others] = [...unitsOf(name)].reverse();
  const symbols = changed(name, ".debug_info", (info) => {
    for (const root of others) info.setUint8(root, 0x7f);
  });
  expect(symbols.symbolize(address)).toEqual(wanted);
  expect(symbols.problems).toEqual([]);
  expect(symbols.roots.idf).toBeUndefined();
  expect(symbols.problems).not.toEqual([]);
});

/** Where the root of each unit is. */
function unitsOf(name: FixtureName): readonly number[] {
  const found: number[] = [];
  changed(name, ".debug_info", (info) => {
    for (let at = 0; at < info.byteLength; at += 4 + info.getUint32(at, true))
      found.push(at + (info.getUint16(at + 4, true) >= 5 ? 12 : 11));
  });
  return found;
}
