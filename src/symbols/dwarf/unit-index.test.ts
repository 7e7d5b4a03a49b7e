// Which units have an address: told by their roots, by their line tables or by the list beside them, against asking each one.
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  CODE,
  CODE_SIZE,
  debugInfo,
  dwarfWith,
  lineTable,
  op,
  usualShape,
  type Attribute,
  type Bytes,
} from "../../../test/symbols/made-dwarf.ts";
import { u16, u32 } from "../../../test/symbols/made-elf.ts";
import { DW_AT, DW_FORM, DW_TAG } from "./constants.ts";
import { LineScratch } from "./lines.ts";
import { indexListed, indexUnits, unitsAt, type UnitIndex } from "./unit-index.ts";

type Range = readonly [low: number, high: number];

/** An index of units with these ranges. */
type Index = (units: readonly (readonly Range[])[]) => UnitIndex;

const rootWith = (attributes: readonly Attribute[]) => ({
  ...usualShape,
  root: { tag: DW_TAG.compileUnit, attributes },
});

const byRoots: Index = (units) => {
  const ranges: number[] = [];
  const roots = units.map((all): Attribute[] => {
    const [first, ...rest] = all;
    if (first !== undefined && rest.length === 0 && first[1] > first[0])
      return [
        [DW_AT.lowPc, DW_FORM.addr, u32(first[0])],
        [DW_AT.highPc, DW_FORM.addr, u32(first[1])],
      ];
    const at = ranges.length;
    ranges.push(...[...all, [0, 0] as const].flat().flatMap(u32));
    return [[DW_AT.ranges, DW_FORM.secOffset, u32(at)]];
  });
  return indexUnits(dwarfWith({ ...debugInfo(roots.map(rootWith)), ranges }), new LineScratch());
};

const byLines: Index = (units) => {
  const line: number[] = [];
  const roots = units.map((all): Attribute[] => {
    const program = all.flatMap(([low, high]) => [
      ...op.setAddress(low),
      ...op.copy,
      ...op.advancePc(high - low),
      ...op.endSequence,
    ]);
    const at = line.length;
    line.push(...lineTable(usualShape, program));
    return [[DW_AT.stmtList, DW_FORM.secOffset, u32(at)]];
  });
  return indexUnits(dwarfWith({ ...debugInfo(roots.map(rootWith)), line }), new LineScratch());
};

/** One set of .debug_aranges. */
const listed = (unit: number, ranges: readonly Range[], { version = 2, addressSize = 4 } = {}): Bytes => {
  const body = [
    ...u16(version),
    ...u32(unit),
    addressSize,
    0,
    ...u32(0),
    ...ranges.flatMap(([low, high]) => [...u32(low), ...u32(high - low)]),
    ...u32(0),
    ...u32(0),
  ];
  return [...u32(body.length), ...body];
};

const byList: Index = (units) => {
  const made = debugInfo(units.map(() => rootWith([])));
  const size = made.info.length / units.length;
  const sets = units.map((ranges, i) => listed(i * size, ranges));
  return indexListed(dwarfWith({ ...made, aranges: sets.flat() }));
};

/** The one that begins last comes first, of those that begin together the shortest, of equals the last. */
function holding(units: readonly (readonly Range[])[], address: number): readonly number[] {
  const all = units.flatMap((ranges, unit) => ranges.map(([low, high]) => ({ low, high, unit })));
  const order = all
    .map((one, row) => ({ ...one, row }))
    .filter(({ low, high }) => low >= CODE && address >= low && address < high);
  order.sort((a, b) => b.low - a.low || a.high - b.high || b.row - a.row);
  return [...new Set(order.map(({ unit }) => unit))];
}

const SPAN = 30;
const range = fc
  .tuple(fc.nat(9), fc.nat(SPAN), fc.nat(12))
  .map(([kind, at, size]): Range => {
    const low = (kind === 0 ? 0 : CODE) + at;
    return [low, low + size];
  })
  // Two zeros are the end of a list (DWARF 4, 2.17.3 and 6.1.2).
  .filter(([low, high]) => low > 0 || high > 0);
const someUnits = fc.array(fc.array(range, { maxLength: 4 }), { minLength: 1, maxLength: 6 });
/** Line tables lay their own sequences end to end. */
const disjoint = (ranges: readonly Range[]): readonly Range[] =>
  ranges.map(([low, high], i) => [low + 60 * i, high + 60 * i]);

test.each([
  ["by what their roots say", byRoots, (ranges: readonly Range[]) => ranges],
  ["by their line tables, where roots say nothing", byLines, disjoint],
  ["by the list of .debug_aranges", byList, (ranges: readonly Range[]) => ranges],
])("%s", (_, indexOf, shaped) => {
  fc.assert(
    fc.property(someUnits, (made) => {
      const units = made.map(shaped);
      const index = indexOf(units);
      const addresses = Array.from({ length: 60 * 3 + SPAN + 15 }, (_, i) => CODE - 1 + i);
      expect(addresses.map((address) => unitsAt(index, address))).toEqual(
        addresses.map((address) => holding(units, address)),
      );
      expect(unitsAt(index, 5)).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

test("of many that may have an address 64 are asked, those that begin last", () => {
  const same = Array.from({ length: 70 }, (): Range[] => [[CODE + 8, CODE + 16]]);
  expect(unitsAt(byRoots(same), CODE + 9)).toEqual(holding(same, CODE + 9).slice(0, 64));
  const behind = (count: number): readonly Range[][] => [
    [[CODE, CODE + 100]],
    ...Array.from({ length: count }, (): Range[] => [[CODE + 8, CODE + 16]]),
  ];
  expect(unitsAt(byRoots(behind(63)), CODE + 80)).toEqual([0]);
  expect(unitsAt(byRoots(behind(64)), CODE + 80)).toEqual([]);
});

test("code in several sections", () => {
  // The end of the code is no code, and before it is some.
  const units: Range[][] = [
    [[CODE + CODE_SIZE - 4, CODE + CODE_SIZE]],
    [[CODE + CODE_SIZE, CODE + CODE_SIZE + 4]],
    [[CODE, CODE + 4]],
  ];
  const index = byRoots(units);
  expect(
    [CODE, CODE + CODE_SIZE - 4, CODE + CODE_SIZE - 1, CODE + CODE_SIZE].map((address) => unitsAt(index, address)),
  ).toEqual([[2], [0], [0], []]);
});

test("a root's start and end are asked before its lines, and a list before both", () => {
  const program = [...op.setAddress(CODE + 32), ...op.copy, ...op.advancePc(8), ...op.endSequence];
  const low: Attribute = [DW_AT.lowPc, DW_FORM.addr, u32(CODE)];
  const high: Attribute = [DW_AT.highPc, DW_FORM.addr, u32(CODE + 8)];
  const list: Attribute = [DW_AT.ranges, DW_FORM.secOffset, u32(0)];
  const lines: Attribute = [DW_AT.stmtList, DW_FORM.secOffset, u32(0)];
  const found = (attributes: readonly Attribute[]): unknown => {
    const sections = { line: lineTable(usualShape, program), ranges: [...u32(16), ...u32(24), ...u32(0), ...u32(0)] };
    const index = indexUnits(dwarfWith({ ...debugInfo([rootWith(attributes)]), ...sections }), new LineScratch());
    return Array.from(index.lows, (from, i) => [from - CODE, (index.highs[i] ?? 0) - CODE]);
  };
  expect(found([low, high, list, lines])).toEqual([[16, 24]]);
  expect(found([low, high, lines])).toEqual([[0, 8]]);
  expect(found([low, lines])).toEqual([[32, 40]]);
  expect(found([low, [DW_AT.highPc, DW_FORM.addr, u32(CODE)], lines])).toEqual([[32, 40]]);
  expect(found([lines])).toEqual([[32, 40]]);
  expect(found([low, [DW_AT.highPc, DW_FORM.addr, u32(CODE + 1)]])).toEqual([[0, 1]]);
  expect(found([low])).toEqual([]);
  expect(found([[DW_AT.stmtList, DW_FORM.secOffset, u32(5000)]])).toEqual([]);
});

test("sets of the list that are of another form, or of no unit, are passed over; behind one that is cut nothing is", () => {
  const made = debugInfo([rootWith([]), rootWith([])]);
  const size = made.info.length / 2;
  const ranges: Range[] = [
    [CODE, CODE + 4],
    [0, 0],
    [CODE + 8, CODE + 9],
  ];
  const found = (...sets: readonly Bytes[]): unknown => {
    const { lows, units } = indexListed(dwarfWith({ ...made, aranges: sets.flat() }));
    return Array.from(lows, (low, i) => [low - CODE, units[i]]);
  };
  const whole = [
    [0, 1],
    [8, 1],
  ];
  expect(found(listed(size, ranges))).toEqual(whole);
  for (const other of [
    listed(0, ranges, { version: 3 }),
    listed(0, ranges, { addressSize: 8 }),
    listed(1, ranges),
    listed(size * 2, ranges),
  ])
    expect(found(other, listed(size, ranges))).toEqual(whole);
  expect(found(listed(size, ranges), listed(0, ranges).slice(0, -1))).toEqual(whole);
  expect(found(listed(size, ranges).slice(0, -1))).toEqual([]);
  expect(found(listed(0, []), [5, 0, 0, 0, 2, 0])).toEqual([]);
});
