// Lists of address ranges, written at random in every way that the versions have, against the ranges that were written.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CODE,
  debugInfo,
  dwarfWith,
  formats,
  sized,
  u64,
  uleb,
  type Bytes,
  type Format,
} from "../../../test/symbols/made-dwarf.ts";
import { u32 } from "../../../test/symbols/made-elf.ts";
import { DW_AT, DW_FORM, DW_TAG } from "./constants.ts";
import { forEachRange } from "./ranges.ts";
import type { Dwarf, Unit } from "./units.ts";

type Range = readonly [low: number, high: number];

const LOW = CODE + 0x100;

function unitOf(
  format: Format,
  sections: Readonly<Record<string, Bytes>>,
  hasLow = true,
): { dwarf: Dwarf; unit: Unit } {
  const root = {
    tag: DW_TAG.compileUnit,
    attributes: hasLow ? ([[DW_AT.lowPc, DW_FORM.addr, sized(LOW, format.addressSize)]] as const) : [],
  };
  const dwarf = dwarfWith({ ...debugInfo([{ ...format, root }]), ...sections });
  const [unit] = dwarf.units;
  if (unit === undefined) throw new Error("a unit was made");
  return { dwarf, unit };
}

function read({ dwarf, unit }: { dwarf: Dwarf; unit: Unit }, value: number, form: number = DW_FORM.secOffset): Range[] {
  const found: Range[] = [];
  forEachRange(dwarf, unit, { form, value }, (low, high) => found.push([low, high]));
  return found;
}

const range = fc.tuple(fc.nat(300), fc.nat(40)).map(([at, size]): Range => [CODE + at, CODE + at + size]);
const written = fc.array(fc.record({ range, way: fc.nat(6), base: fc.nat(200) }), { maxLength: 8 });
const nonEmpty = (all: readonly { readonly range: Range }[]): Range[] =>
  all.map((one) => one.range).filter(([low, high]) => high > low);

test.each(formats.filter(({ version }) => version < 5))(
  "version $version, addresses of $addressSize bytes: pairs that count from a base",
  (format) => {
    const word = (value: number): Bytes => sized(value, format.addressSize);
    const newBase = new Array<number>(format.addressSize).fill(0xff);
    fc.assert(
      fc.property(written, fc.boolean(), (ranges, hasLow) => {
        let base = hasLow ? LOW : 0;
        const list = ranges.flatMap(({ range: [low, high], way, base: shift }) => {
          const moved = way < 3 || low < base || (low === base && high === base) ? CODE - shift : base;
          const move = moved === base ? [] : [...newBase, ...word(moved)];
          base = moved;
          return [...move, ...word(low - base), ...word(high - base)];
        });
        const made = unitOf(
          format,
          { ranges: [7, 7, 7, ...list, ...word(0), ...word(0), ...word(1), ...word(9)] },
          hasLow,
        );
        expect(read(made, 3)).toEqual(nonEmpty(ranges));
        expect(made.dwarf.problems.list()).toEqual([]);
      }),
      { numRuns: 20 },
    );
  },
);

test("a range that begins below its base wraps, and one that ends before it begins is none", () => {
  const format = { version: 4, offsetSize: 4, addressSize: 4 } as const;
  const list = [...u32(0x1_0000_0000 - 0x80), ...u32(0x1_0000_0000 - 0x70), ...u32(8), ...u32(4), ...u32(0), ...u32(0)];
  expect(read(unitOf(format, { ranges: list }), 0)).toEqual([[LOW - 0x80, LOW - 0x70]]);
});

test.each(formats.filter(({ version }) => version === 5))(
  "version 5, offsets of $offsetSize and addresses of $addressSize bytes: every kind of entry",
  (format) => {
    const { addressSize, offsetSize } = format;
    const word = (value: number): Bytes => sized(value, addressSize);
    fc.assert(
      fc.property(written, fc.boolean(), (ranges, hasLow) => {
        const addresses: number[] = [];
        const indexOf = (address: number): Bytes => uleb(addresses.push(address) - 1);
        let base = hasLow ? LOW : 0;
        const list = ranges.flatMap(({ range: [low, high], way, base: shift }) => {
          switch (way) {
            case 0:
              return [2, ...indexOf(low), ...indexOf(high)];
            case 1:
              return [3, ...indexOf(low), ...uleb(high - low)];
            case 2:
              return [6, ...word(low), ...word(high)];
            case 3:
              return [7, ...word(low), ...uleb(high - low)];
            case 4:
              base = CODE - shift;
              return [1, ...indexOf(base), 4, ...uleb(low - base), ...uleb(high - base)];
            case 5:
              base = CODE - shift;
              return [5, ...word(base), 4, ...uleb(low - base), ...uleb(high - base)];
            default:
              if (low >= base) return [4, ...uleb(low - base), ...uleb(high - base)];
              return [7, ...word(low), ...uleb(high - low)];
          }
        });
        // Behind the section's header a table of offsets, of which the second is this list's.
        const header = new Array<number>(offsetSize === 8 ? 20 : 12).fill(0xee);
        const table = [...sized(0, offsetSize), ...sized(2 * offsetSize + 1, offsetSize)];
        const sections = {
          rnglists: [...header, ...table, 0xee, ...list, 0, 7, 7],
          addr: [...new Array<number>(offsetSize === 8 ? 16 : 8).fill(0xee), ...addresses.flatMap(word)],
        };
        const made = unitOf(format, sections, hasLow);
        expect(read(made, header.length + table.length + 1)).toEqual(nonEmpty(ranges));
        expect(read(made, 1, DW_FORM.rnglistx)).toEqual(nonEmpty(ranges));
        expect(made.dwarf.problems.list()).toEqual([]);
      }),
      { numRuns: 40 },
    );
  },
);

describe("lists that are damaged give what stands before the damage, and are told", () => {
  const four = { version: 4, offsetSize: 4, addressSize: 4 } as const;
  const five = { ...four, version: 5 };
  const cut = [{ code: "dwarf-ranges", message: "a list of address ranges is cut", count: 1 }];

  test.each([
    ["version 4: cut behind a start", four, [...u32(0), ...u32(8), ...u32(16)], [[LOW, LOW + 8]]],
    ["version 4: without an end", four, [...u32(0), ...u32(8)], [[LOW, LOW + 8]]],
    ["version 5: without an end", five, [4, 0, 8], [[LOW, LOW + 8]]],
    ["version 5: cut within an entry", five, [4, 0, 8, 7, ...u32(CODE), 0x80], [[LOW, LOW + 8]]],
    ["version 5: a kind that nobody knows", five, [4, 0, 8, 8, 4, 0, 8, 0], [[LOW, LOW + 8]]],
  ] as const)("%s", (_, format, list, ranges) => {
    const made = unitOf(format, { ranges: list, rnglists: list });
    expect(read(made, 0)).toEqual(ranges);
    expect(made.dwarf.problems.list()).toEqual(cut);
  });

  test("an index without an offset, and one without an address", () => {
    const made = unitOf(five, { rnglists: [...new Array<number>(12).fill(0), 2, 0, 1, 3, 5, 8, 0], addr: [] });
    expect(read(made, 9, DW_FORM.rnglistx)).toEqual([]);
    expect(made.dwarf.problems.list()).toEqual(cut);
    // At 0, where nothing is.
    expect(read(made, 12)).toEqual([[0, 8]]);
  });

  test.each([
    [
      "version 4",
      four,
      [...new Array<number>(400).fill(1).flatMap(() => [...u32(0), ...u32(8)]), ...u32(0), ...u32(0)],
    ],
    ["version 5", five, [...new Array<number>(400).fill(1).flatMap(() => [4, 0, 8]), 0]],
  ] as const)("%s: a list that is read again and again", (_, format, list) => {
    const made = unitOf(format, { ranges: list, rnglists: list });
    let count = 400;
    let times = 0;
    for (; count === 400 && times < 1000; times++) count = read(made, 0).length;
    expect(times).toBeLessThan(1000);
    expect(made.dwarf.problems.list()).toMatchObject([{ code: "dwarf-limit" }]);
    expect(read(made, 0)).toEqual([]);
  });
});

test("an address of 64 bits is a base where all its bits are set only", () => {
  const format = { version: 4, offsetSize: 4, addressSize: 8 } as const;
  const list = [...u64(0xffff_ffff), ...u64(0xffff_ffff + 8), ...u64(0), ...u64(0)];
  expect(read(unitOf(format, { ranges: list }), 0)).toEqual([[LOW - 1, LOW + 7]]);
});
