// Units of all versions and widths: their headers, and what their roots say of themselves.
import { describe, expect, test } from "vitest";
import {
  CODE,
  debugInfo,
  dwarfWith,
  formats,
  sized,
  sleb,
  u64,
  uleb,
  usualShape,
  type Attribute,
  type Bytes,
  type MadeUnit,
} from "../../../test/symbols/made-dwarf.ts";
import { text, u16, u32 } from "../../../test/symbols/made-elf.ts";
import { DW_AT, DW_FORM, DW_TAG, DW_UT } from "./constants.ts";
import { textOf } from "./forms.ts";
import { unitAt, unitFile, type UnitRoot } from "./units.ts";

const { version, offsetSize, addressSize } = usualShape;
const usual = { version, offsetSize, addressSize };
const rootOf = (attributes: readonly Attribute[]): MadeUnit["root"] => ({ tag: DW_TAG.compileUnit, attributes });
const named = (name: string): Attribute => [DW_AT.name, DW_FORM.string, text(name)];

test("units follow one another, whatever their versions and widths", () => {
  const units = formats.map((format, i) => ({
    ...format,
    root: rootOf([
      named(`${i}.c`),
      [DW_AT.compDir, DW_FORM.string, text(`/d${i}`)],
      [DW_AT.producer, DW_FORM.string, text(`compiler ${i}`)],
      [DW_AT.language, DW_FORM.data2, u16(300 + i)],
      [
        DW_AT.stmtList,
        format.version >= 4 ? DW_FORM.secOffset : DW_FORM.data4,
        sized(1000 + i, format.version >= 4 ? format.offsetSize : 4),
      ],
      [DW_AT.lowPc, DW_FORM.addr, sized(CODE + 16 * i, format.addressSize)],
      [
        DW_AT.highPc,
        format.version >= 4 ? DW_FORM.data4 : DW_FORM.addr,
        format.version >= 4 ? u32(8) : sized(CODE + 16 * i + 8, format.addressSize),
      ],
    ]),
  }));
  const { info, abbrev } = debugInfo(units);
  const dwarf = dwarfWith({ info, abbrev });
  expect(dwarf.problems.list()).toEqual([]);
  expect(dwarf.units.length).toBe(formats.length);
  let offset = 0;
  for (const [i, unit] of dwarf.units.entries()) {
    const format = formats[i];
    expect(unit).toMatchObject({ ...format, index: i, offset, dwoId: undefined });
    const lengthSize = format?.offsetSize === 8 ? 12 : 4;
    const headerSize = lengthSize + 2 + (format?.offsetSize ?? 0) + 1 + (format?.version === 5 ? 1 : 0);
    expect(unit.dieOffset).toBe(offset + headerSize);
    expect(unitFile(unit)).toBe(`/d${i}/${i}.c`);
    expect(textOf(unit.root.producer)).toBe(`compiler ${i}`);
    expect(unit.root).toMatchObject({
      language: 300 + i,
      lineOffset: 1000 + i,
      low: CODE + 16 * i,
      high: CODE + 16 * i + 8,
      ranges: undefined,
      dwoName: undefined,
      rangesBase: 0,
      dwoRangesBase: 0,
    });
    expect([unit.offset, unit.end - 1].map((at) => unitAt(dwarf, at)?.index)).toEqual([i, i]);
    offset = unit.end;
  }
  expect(offset).toBe(info.length);
  expect(unitAt(dwarf, offset)).toBeUndefined();
  expect(unitAt(dwarf, -1)).toBeUndefined();
});

test("tables of abbreviations are shared by units of one width only", () => {
  // The same declaration is as wide as the addresses and offsets of its unit.
  const units = formats.filter((format) => format.version === 4);
  const { info, abbrev } = debugInfo(
    units.map((format) => ({
      ...format,
      root: {
        ...rootOf([[DW_AT.lowPc, DW_FORM.addr, sized(CODE, format.addressSize)]]),
        children: [
          {
            tag: DW_TAG.baseType,
            attributes: [
              [DW_AT.location, DW_FORM.addr, sized(1, format.addressSize)],
              [DW_AT.stmtList, DW_FORM.secOffset, sized(2, format.offsetSize)],
            ],
          },
        ],
      },
    })),
  );
  const [first] = dwarfWith({ info, abbrev }).units;
  const table = abbrev.slice(0, abbrev.length / units.length);
  const oneTable: number[] = [...info];
  for (const unit of dwarfWith({ info, abbrev }).units) {
    const at = unit.offset + (unit.offsetSize === 8 ? 14 : 6);
    oneTable.splice(at, unit.offsetSize, ...sized(0, unit.offsetSize === 8 ? 8 : 4));
  }
  const shared = dwarfWith({ info: oneTable, abbrev: table });
  expect(first?.abbrevs.get(2)?.fixedSize).toBe(8);
  expect(shared.units.map((unit) => unit.abbrevs.get(2)?.fixedSize)).toEqual(
    units.map((unit) => unit.addressSize + unit.offsetSize),
  );
  const [one, ...others] = dwarfWith({ info: [...oneTable, ...oneTable], abbrev: table }).units;
  expect(others.filter((unit) => unit.abbrevs === one?.abbrevs).map(({ index }) => index)).toEqual([units.length]);
});

describe("what is passed over", () => {
  const good = { ...usual, root: rootOf([named("good.c")]) };
  const five = { ...usual, version: 5, root: rootOf([named("five.c")]) };
  const namesOf = (units: readonly MadeUnit[], change = (info: Bytes) => info): [string[], string[]] => {
    const { info, abbrev } = debugInfo(units);
    const dwarf = dwarfWith({ info: change(info), abbrev });
    return [dwarf.units.map(unitFile), dwarf.problems.list().map(({ code, message }) => `${code}: ${message}`)];
  };

  test.each([
    ["type units", { type: DW_UT.type, more: [...u64(1), ...u32(0)] }],
    ["split type units", { type: DW_UT.splitType, more: [...u64(1), ...u32(0)] }],
  ])("%s, without a word", (_, change) => {
    expect(namesOf([good, { ...five, ...change }, good])).toEqual([["good.c", "good.c"], []]);
  });

  test.each([
    ["partial", { type: DW_UT.partial }],
    ["skeleton", { type: DW_UT.skeleton, more: u64(1) }],
    ["split", { type: DW_UT.splitCompile, more: u64(1) }],
  ])("not %s units", (_, change) => {
    expect(namesOf([good, { ...five, ...change }])).toEqual([["good.c", "five.c"], []]);
  });

  test.each([
    ["version 1", { version: 1 }],
    ["version 6", { version: 6 }],
    ["a kind below the known ones", { version: 5, type: 0 }],
    ["a kind above them", { version: 5, type: 7 }],
    ["addresses of two bytes", { addressSize: 2 as 4 }],
  ])("%s, which is told with its place", (_, change) => {
    expect(namesOf([good, { ...good, ...change }, good])).toEqual([
      ["good.c", "good.c"],
      [
        expect.stringMatching(
          /^dwarf-unit: a unit at 0x[0-9a-f]+ of \.debug_info has a version or kind that is not known$/,
        ),
      ],
    ]);
  });

  test("what is behind a length that cannot be", () => {
    const cut = "dwarf-cut: .debug_info ends inside of a unit";
    expect(namesOf([good, good], (info) => info.slice(0, -1))).toEqual([["good.c"], [cut]]);
    expect(namesOf([good], (info) => [...info, 0, 0, 0, 0, 1])).toEqual([["good.c"], [cut]]);
    expect(namesOf([good], (info) => [...info, 1, 0, 0])).toEqual([["good.c"], [cut]]);
    expect(namesOf([good], (info) => [...info, ...u32(0xffff_ffff), ...u64(2 ** 40), 4, 0])).toEqual([
      ["good.c"],
      [cut],
    ]);
  });

  test("a root without a declaration, and one that is cut", () => {
    const none = namesOf([good], (info) => [...info.slice(0, 11), 9, ...info.slice(12)]);
    expect(none).toEqual([[""], ["dwarf-unit: a unit of .debug_info has no root"]]);
    const cut = namesOf([{ ...good, root: rootOf([[DW_AT.language, DW_FORM.data1, []]]) }]);
    expect(cut).toEqual([[""], ["dwarf-cut: a unit of .debug_info ends inside of its root"]]);
  });

  test("a root that is no unit says nothing", () => {
    expect(namesOf([{ ...good, root: { ...good.root, tag: DW_TAG.subprogram } }])).toEqual([[""], []]);
  });
});

describe("what a root's numbers count from", () => {
  const root = (
    format: Pick<MadeUnit, "version" | "offsetSize">,
    attributes: readonly Attribute[],
    more: Readonly<Record<string, Bytes>> = {},
  ): UnitRoot => {
    const unit = { addressSize: 4 as const, ...format, root: rootOf(attributes) };
    const [made] = dwarfWith({ ...debugInfo([unit]), ...more }).units;
    if (made === undefined) throw new Error("a unit was made");
    return made.root;
  };
  const four = { version: 4, offsetSize: 4 } as const;
  const five = { version: 5, offsetSize: 4 } as const;
  const wide = { version: 5, offsetSize: 8 } as const;

  test("bases that it does not name lie behind the header of their section", () => {
    const bases = { strOffsetsBase: 0, addrBase: 0, rnglistsBase: 12 };
    expect(root(four, [named("a")])).toMatchObject(bases);
    expect(root({ ...four, offsetSize: 8 }, [named("a")])).toMatchObject({ ...bases, rnglistsBase: 20 });
    expect(root(five, [named("a")])).toMatchObject({ strOffsetsBase: 8, addrBase: 8, rnglistsBase: 12 });
    expect(root(wide, [named("a")])).toMatchObject({ strOffsetsBase: 16, addrBase: 16, rnglistsBase: 20 });
  });

  test("those that it names may come behind what needs them", () => {
    const indexed: readonly Attribute[] = [
      [DW_AT.name, DW_FORM.strx1, [1]],
      [DW_AT.lowPc, DW_FORM.addrx1, [2]],
      [DW_AT.highPc, DW_FORM.addrx, uleb(3)],
    ];
    const words = (...values: readonly number[]): Bytes => values.flatMap((value) => u32(value));
    const sections = {
      str: text("xxname"),
      str_offsets: words(9, 9, 9, 2),
      addr: words(9, 9, CODE, CODE + 4, CODE + 16, CODE + 32),
    };
    const plain = root(five, indexed, sections);
    expect([textOf(plain.name), plain.low, plain.high]).toEqual(["name", CODE + 16, CODE + 32]);
    const based = root(
      five,
      [
        ...indexed,
        [DW_AT.strOffsetsBase, DW_FORM.secOffset, u32(8)],
        [DW_AT.addrBase, DW_FORM.secOffset, u32(4)],
        [DW_AT.rnglistsBase, DW_FORM.secOffset, u32(44)],
        [DW_AT.ranges, DW_FORM.rnglistx, uleb(300)],
      ],
      sections,
    );
    expect([textOf(based.name), based.low, based.high]).toEqual(["name", CODE + 4, CODE + 16]);
    expect(based).toMatchObject({
      strOffsetsBase: 8,
      addrBase: 4,
      rnglistsBase: 44,
      ranges: { form: DW_FORM.rnglistx, value: 300 },
    });
    const gnu = root(
      four,
      [
        [DW_AT.lowPc, DW_FORM.gnuAddrIndex, [1]],
        [DW_AT.gnuAddrBase, DW_FORM.secOffset, u32(4)],
      ],
      sections,
    );
    expect([gnu.addrBase, gnu.low, gnu.high]).toEqual([4, CODE, undefined]);
    expect(
      root(five, [
        [DW_AT.gnuAddrBase, DW_FORM.secOffset, u32(4)],
        [DW_AT.addrBase, DW_FORM.secOffset, u32(12)],
      ]).addrBase,
    ).toBe(12);
    expect(root(five, [[DW_AT.lowPc, DW_FORM.addrx1, [9]]], sections).low).toBeUndefined();
    expect(root(five, [[DW_AT.name, DW_FORM.strx1, [9]]], sections).name).toBeUndefined();
  });

  test.each([
    ["an address", DW_FORM.addr, u32(CODE + 100), CODE + 100],
    ["a distance of one byte", DW_FORM.data1, [100], CODE + 100],
    ["a distance of eight", DW_FORM.data8, u64(100), CODE + 100],
    ["a distance of any size", DW_FORM.udata, uleb(300), CODE + 300],
    ["a signed one", DW_FORM.sdata, sleb(100), CODE + 100],
  ] as const)("its end is %s", (_, form, value, high) => {
    expect(
      root(four, [
        [DW_AT.highPc, form, value],
        [DW_AT.lowPc, DW_FORM.addr, u32(CODE)],
      ]).high,
    ).toBe(high);
    expect(root(four, [[DW_AT.highPc, form, value]]).high).toBeUndefined();
  });

  test("constants may stand in the declaration", () => {
    const constants: readonly Attribute[] = [
      [DW_AT.language, DW_FORM.implicitConst, [], 300],
      [DW_AT.lowPc, DW_FORM.addr, u32(CODE)],
      [DW_AT.highPc, DW_FORM.implicitConst, [], 200],
      named("behind.c"),
    ];
    const found = root(five, constants);
    expect([found.language, found.low, found.high, textOf(found.name)]).toEqual([300, CODE, CODE + 200, "behind.c"]);
  });

  test("where its other half is", () => {
    const id = [1, 0, 0, 0, 0, 0, 0, 0xa0];
    const gnu: readonly Attribute[] = [
      [DW_AT.gnuDwoName, DW_FORM.string, text("a.dwo")],
      [DW_AT.gnuDwoId, DW_FORM.data8, id],
      [DW_AT.gnuRangesBase, DW_FORM.secOffset, u32(24)],
    ];
    const found = root(four, gnu);
    expect([textOf(found.dwoName), found.dwoId, found.dwoRangesBase]).toEqual(["a.dwo", "a000000000000001", 24]);
    expect(root(four, [[DW_AT.gnuDwoId, DW_FORM.data4, u32(1)], named("a.c")])).toMatchObject({
      dwoId: undefined,
      name: {},
    });
    expect(textOf(root(five, [[DW_AT.dwoName, DW_FORM.string, text("b.dwo")], ...gnu]).dwoName)).toBe("b.dwo");
    const skeleton = {
      ...usual,
      version: 5,
      type: DW_UT.skeleton,
      more: id,
      root: { ...rootOf(gnu), tag: DW_TAG.skeletonUnit },
    };
    const [unit] = dwarfWith(debugInfo([{ ...skeleton, more: [2, 0, 0, 0, 0, 0, 0, 0] }])).units;
    expect([unit?.dwoId, unit?.root.dwoId]).toEqual(["0000000000000002", "0000000000000002"]);
  });
});
