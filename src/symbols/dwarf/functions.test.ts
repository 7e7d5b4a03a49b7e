// Functions and calls inlined into them, at random and in every form, against looking at all of them for each address.
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  CODE,
  CODE_SIZE,
  debugInfo,
  dwarfWith,
  formats,
  sized,
  uleb,
  usualShape,
  type Attribute,
  type Bytes,
  type Format,
  type MadeDie,
} from "../../../test/symbols/made-dwarf.ts";
import { text, u16, u32 } from "../../../test/symbols/made-elf.ts";
import { DW_AT, DW_FORM, DW_TAG } from "./constants.ts";
import { functionAt, readFunctions, type FunctionTable } from "./functions.ts";
import type { Dwarf } from "./units.ts";

type Range = readonly [low: number, high: number];

/** A function, a call, or a block between them; with several ranges, or none, it has a list. */
interface Code {
  readonly kind: "function" | "call" | "block";
  readonly ranges: readonly Range[];
  readonly file: number;
  readonly line: number;
  readonly column: number;
  readonly children: readonly Code[];
}

interface Row {
  readonly code: Code;
  readonly caller: number;
}

/** In the order of the file, those that have code, or are called where there is some. */
function rowsOf(all: readonly Code[], own = -1, rows: Row[] = []): readonly Row[] {
  for (const code of all) {
    const { kind, ranges, children } = code;
    const hasCode = ranges.some(([low, high]) => high > low && low >= CODE);
    const isCalled = kind === "call" && own >= 0 && ranges.length !== 1;
    let inner = own;
    if (kind !== "block" && (hasCode || isCalled || (ranges.length === 1 && (ranges[0]?.[0] ?? 0) >= CODE)))
      inner = rows.push({ code, caller: kind === "call" ? own : -1 }) - 1;
    else if (kind === "function") inner = -1;
    rowsOf(children, inner, rows);
  }
  return rows;
}

/** The one that began last, of those that begin together the shortest, of equals the last. */
function innermostAt(rows: readonly Row[], address: number): number {
  const holding = rows.flatMap(({ code }, row) =>
    code.ranges
      .filter(([low, high]) => low >= CODE && address >= low && address < high)
      .map(([low, high]) => ({ low, high, row })),
  );
  holding.sort((a, b) => b.low - a.low || a.high - b.high || b.row - a.row);
  return holding[0]?.row ?? -1;
}

function made(all: readonly Code[], format: Format): { readonly dwarf: Dwarf; readonly table: FunctionTable } {
  const lists: number[] = [];
  const word = (value: number): Bytes => sized(value, format.addressSize);
  const isNew = format.version >= 5;
  const listOf = (ranges: readonly Range[]): number => {
    const at = lists.length;
    for (const [low, high] of ranges)
      lists.push(...(isNew ? [6, ...word(low), ...word(high)] : [...word(low), ...word(high)]));
    lists.push(...(isNew ? [0] : [...word(0), ...word(0)]));
    return at;
  };
  const placeOf = ({ ranges: [first, ...rest], ranges }: Code): Attribute[] => {
    if (first === undefined || rest.length > 0)
      return [
        [
          DW_AT.ranges,
          format.version >= 4 ? DW_FORM.secOffset : DW_FORM.data4,
          sized(listOf(ranges), format.version >= 4 ? format.offsetSize : 4),
        ],
      ];
    const [low, high] = first;
    const end: Attribute =
      format.version < 4
        ? [DW_AT.highPc, DW_FORM.addr, word(high)]
        : [DW_AT.highPc, DW_FORM.udata, uleb(Math.max(high - low, 0))];
    return [end, [DW_AT.lowPc, DW_FORM.addr, word(low)]];
  };
  // The constant may stand in the abbreviation.
  const callOf = ({ file, line, column }: Code): Attribute[] =>
    isNew && column % 2 === 0
      ? [
          [DW_AT.callFile, DW_FORM.implicitConst, [], file],
          [DW_AT.callLine, DW_FORM.implicitConst, [], line],
          [DW_AT.callColumn, DW_FORM.implicitConst, [], column],
        ]
      : [
          [DW_AT.callFile, DW_FORM.udata, uleb(file)],
          [DW_AT.callLine, DW_FORM.data2, u16(line)],
          [DW_AT.callColumn, DW_FORM.data1, [column]],
        ];
  const tags = { function: DW_TAG.subprogram, call: DW_TAG.inlinedSubroutine, block: 0x0b };
  const dieOf = (code: Code): MadeDie => ({
    tag: tags[code.kind],
    attributes: [
      // Something of no fixed size before what is read.
      [DW_AT.name, DW_FORM.string, text("name")],
      ...(code.kind === "block" ? [] : placeOf(code)),
      ...(code.kind === "call" ? callOf(code) : []),
    ],
    ...(code.children.length > 0 ? { children: code.children.map(dieOf) } : {}),
  });
  const root = { tag: DW_TAG.compileUnit, children: all.map(dieOf) };
  const dwarf = dwarfWith({ ...debugInfo([{ ...format, root }]), [isNew ? "rnglists" : "ranges"]: lists });
  const [unit] = dwarf.units;
  if (unit === undefined) throw new Error("a unit was made");
  return { dwarf, table: readFunctions(dwarf, unit) };
}

const SPAN = 30;
const range = fc.tuple(fc.boolean(), fc.nat(SPAN), fc.nat(12)).map(([isRemoved, at, size]): Range => {
  const low = (isRemoved && at > 20 ? 0 : CODE) + at;
  return [low, low + size];
});
const { code } = fc.letrec<{ code: Code }>((tie) => ({
  code: fc.record({
    kind: fc.constantFrom<Code["kind"]>("function", "call", "call", "block"),
    ranges: fc.array(range, { maxLength: 3 }),
    file: fc.nat(300),
    line: fc.nat(60_000),
    column: fc.nat(255),
    children: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constant([]),
      fc.array(tie("code"), { maxLength: 3 }),
    ),
  }),
}));

test("each address has its innermost function, and each function its caller", () => {
  fc.assert(
    fc.property(fc.array(code, { maxLength: 4 }), fc.constantFrom(...formats), (all, format) => {
      const { dwarf, table } = made(all, format);
      const rows = rowsOf(all);
      expect(dwarf.problems.list()).toEqual([]);
      expect(table.dies.length).toBe(rows.length);
      expect([...table.callers]).toEqual(rows.map(({ caller }) => caller));
      const calls = rows.map(({ code: { kind, file, line, column } }) =>
        kind === "call" ? [file, line, column] : [0, 0, 0],
      );
      expect(calls.map((_, i) => [table.callFiles[i], table.callLines[i], table.callColumns[i]])).toEqual(calls);
      for (const [
        i,
        {
          code: { ranges },
        },
      ] of rows.entries()) {
        const nonEmpty = ranges.length === 1 ? ranges : ranges.filter(([low, high]) => high > low && low >= CODE);
        expect(table.lows[i]).toBe(nonEmpty[0]?.[0] ?? 0);
      }
      const addresses = Array.from({ length: SPAN + 15 }, (_, i) => CODE - 1 + i);
      expect(addresses.map((address) => functionAt(table, address))).toEqual(
        addresses.map((address) => innermostAt(rows, address)),
      );
      expect([...table.starts]).toEqual([...new Set(table.starts)].sort((a, b) => a - b));
    }),
    { numRuns: 150 },
  );
});

const plain = (kind: Code["kind"], ranges: readonly Range[], children: readonly Code[] = []): Code => ({
  kind,
  ranges,
  file: 0,
  line: 0,
  column: 0,
  children,
});

test("a file of 65536 or more is the last that can be told", () => {
  const call = { ...plain("call", [[CODE, CODE + 4]]), file: 70_000 };
  const { table } = made([plain("function", [[CODE, CODE + 8]], [call])], usualShape);
  expect([...table.callFiles]).toEqual([0, 0xffff]);
});

test("what is behind the unit's own end is not its business", () => {
  const root = {
    tag: DW_TAG.compileUnit,
    children: [
      {
        tag: DW_TAG.subprogram,
        attributes: [
          [DW_AT.lowPc, DW_FORM.addr, u32(CODE)],
          [DW_AT.highPc, DW_FORM.data1, [4]],
        ],
      },
    ],
  } as const;
  const { info, abbrev } = debugInfo([{ ...usualShape, root }]);
  // Behind the end of the root's children one more function.
  const more = [...info, ...info.slice(12, -1)];
  const dwarf = dwarfWith({ info: [more.length - 4, ...more.slice(1)], abbrev });
  const [unit] = dwarf.units;
  expect(unit && [...readFunctions(dwarf, unit).lows]).toEqual([CODE]);
});

test("a unit without children has no functions", () => {
  const { info, abbrev } = debugInfo([
    { ...usualShape, root: { tag: DW_TAG.subprogram, attributes: [[DW_AT.lowPc, DW_FORM.addr, u32(CODE)]] } },
  ]);
  const longer = [...info, ...info.slice(11)];
  const dwarf = dwarfWith({ info: [longer.length - 4, ...longer.slice(1)], abbrev });
  const [unit] = dwarf.units;
  expect(unit && [...readFunctions(dwarf, unit).lows]).toEqual([CODE]);
});

test.each([
  [
    "has no abbreviation",
    (info: Bytes) => [...info.slice(0, 12), 0x7f, ...info.slice(13)],
    "part of .debug_info has no abbreviation and is left out",
  ],
  ["is cut", (info: Bytes) => [info.length - 8, ...info.slice(1, -4)], "a unit of .debug_info is cut or damaged"],
] as const)("a DIE that %s ends the reading", (_, change, message) => {
  const one = { tag: DW_TAG.subprogram, attributes: [[DW_AT.lowPc, DW_FORM.addr, u32(CODE)]] } as const;
  const { info, abbrev } = debugInfo([{ ...usualShape, root: { tag: DW_TAG.compileUnit, children: [one] } }]);
  const dwarf = dwarfWith({ info: change(info), abbrev });
  const [unit] = dwarf.units;
  expect(unit && readFunctions(dwarf, unit).dies.length).toBe(0);
  expect(dwarf.problems.list()).toEqual([{ code: "dwarf-info", message, count: 1 }]);
});

test("DIEs nest some thousand deep and no deeper", () => {
  const nested = (depth: number): [number, string[]] => {
    const { info, abbrev } = debugInfo([{ ...usualShape, root: { tag: DW_TAG.compileUnit, children: [] } }]);
    // The root's declaration again and again: each has children.
    const body = new Array<number>(depth - 1).fill(1);
    const length = info.length - 4 + body.length;
    const dwarf = dwarfWith({ info: [...u32(length), ...info.slice(4, 11), ...body, ...info.slice(11)], abbrev });
    const [unit] = dwarf.units;
    if (unit !== undefined) readFunctions(dwarf, unit);
    return [length, dwarf.problems.list().map(({ message }) => message)];
  };
  expect(nested(4096)[1]).toEqual([]);
  expect(nested(4097)[1]).toEqual(["a unit of .debug_info is cut or damaged"]);
});

test("an end before its start is no code, and a start alone has none of its own", () => {
  const at = (attributes: readonly Attribute[]): unknown => {
    const root = { tag: DW_TAG.compileUnit, children: [{ tag: DW_TAG.subprogram, attributes }] };
    const dwarf = dwarfWith({
      ...debugInfo([{ ...usualShape, root }]),
      addr: [...u32(CODE + 8), ...u32(CODE + CODE_SIZE)],
    });
    const [unit] = dwarf.units;
    const table = unit && readFunctions(dwarf, unit);
    return table && [[...table.lows], [...table.starts]];
  };
  const low: Attribute = [DW_AT.lowPc, DW_FORM.addr, u32(CODE + 4)];
  expect(at([low])).toEqual([[CODE + 4], []]);
  expect(at([low, [DW_AT.highPc, DW_FORM.addr, u32(CODE + 4)]])).toEqual([[CODE + 4], []]);
  expect(at([low, [DW_AT.highPc, DW_FORM.addr, u32(CODE + 5)]])).toEqual([[CODE + 4], [CODE + 4, CODE + 5]]);
  expect(at([low, [DW_AT.highPc, DW_FORM.implicitConst, [], 6]])).toEqual([[CODE + 4], [CODE + 4, CODE + 10]]);
  expect(
    at([
      [DW_AT.lowPc, DW_FORM.gnuAddrIndex, [0]],
      [DW_AT.highPc, DW_FORM.data1, [2]],
    ]),
  ).toEqual([[CODE + 8], [CODE + 8, CODE + 10]]);
  expect(
    at([
      [DW_AT.lowPc, DW_FORM.gnuAddrIndex, [1]],
      [DW_AT.highPc, DW_FORM.data1, [2]],
    ]),
  ).toEqual([[], []]);
  expect(at([[DW_AT.highPc, DW_FORM.data1, [2]]])).toEqual([[], []]);
});
