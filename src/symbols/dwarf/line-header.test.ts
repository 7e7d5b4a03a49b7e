// The header of a line program: its tables of files in each version, and what a damaged one may say.
import { describe, expect, test } from "vitest";
import {
  CODE,
  debugInfo,
  dwarfWith,
  formats,
  lineTable,
  op,
  usualShape,
  type Bytes,
} from "../../../test/symbols/made-dwarf.ts";
import { readLineBytes, readLines, rowsOf, type ReadLines } from "../../../test/symbols/read-lines.ts";
import { text, u32 } from "../../../test/symbols/made-elf.ts";
import { DW_AT, DW_FORM, DW_TAG } from "./constants.ts";
import { filePath } from "./line-header.ts";
import { LineScratch, readLineTable } from "./lines.ts";

describe("files", () => {
  const shape = {
    ...usualShape,
    directories: ["/opt/a", "b"],
    files: [
      ["x.c", 0],
      ["y.c", 1],
      ["z.c", 2],
      ["/abs/w.c", 1],
      ["v.c", 9],
    ],
  } as const;
  const paths = ({ table, unit }: ReadLines): unknown =>
    table && Array.from({ length: table.files.length + 1 }, (_, i) => filePath(table, unit, i));

  test.each(formats.filter(({ version }) => version < 5))(
    "version $version, $offsetSize: from 1; 0 is the unit",
    (format) => {
      expect(paths(readLines({ ...shape, ...format }, []))).toEqual([
        "/proj/unit.c",
        "/proj/x.c",
        "/opt/a/y.c",
        "/proj/b/z.c",
        "/abs/w.c",
        "/proj/v.c",
        undefined,
      ]);
    },
  );

  test.each(formats.filter(({ version }) => version === 5))("version 5, $offsetSize: from 0", (format) => {
    const at0 = { ...shape, ...format, directories: ["/proj", "/opt/a", "b"] };
    expect(paths(readLines(at0, []))).toEqual([
      "/proj/x.c",
      "/opt/a/y.c",
      "/proj/b/z.c",
      "/abs/w.c",
      "/proj/v.c",
      undefined,
    ]);
  });

  test("the program may add some", () => {
    const define = op.extended(3, [...text("late.c"), 2, 0x80, 1, 0x80, 2]);
    expect(paths(readLines(shape, [...define, ...op.extended(3, text(""))]))).toEqual([
      "/proj/unit.c",
      "/proj/x.c",
      "/opt/a/y.c",
      "/proj/b/z.c",
      "/abs/w.c",
      "/proj/v.c",
      "/proj/b/late.c",
      undefined,
    ]);
  });

  /** Version 5 says how its entries are written. */
  const version5 = (tables: Bytes, more?: Readonly<Record<string, Bytes>>, program: Bytes = []): ReadLines => {
    const parameters = [1, 1, 1, 0xfb, 14, 1, ...tables];
    const body = [5, 0, 4, 0, ...u32(parameters.length), ...parameters, ...program];
    return readLineBytes({ ...usualShape, version: 5 }, [...u32(body.length), ...body], more);
  };

  test("names and folders of any form, beside what nobody needs", () => {
    const [path, directory, time, size, md5, vendor] = [1, 2, 3, 4, 5, 0x2001];
    const directories = [1, path, DW_FORM.lineStrp, 2, ...u32(1), ...u32(5)];
    const format = [
      ...[6, time, DW_FORM.udata, path, DW_FORM.strp, size, DW_FORM.data4, directory, DW_FORM.data1],
      ...[md5, DW_FORM.data16, 0x81, 0x40, DW_FORM.block1],
    ];
    expect(vendor).toBe(0x01 + 0x40 * 128);
    const entry = (name: number, folder: number): Bytes => [
      ...[0x85, 1, ...u32(name), 1, 2, 3, 4, folder],
      ...[...new Array<number>(16).fill(7), 2, 8, 9],
    ];
    const read5 = version5([...directories, ...format, 2, ...entry(2, 0), ...entry(6, 1)], {
      line_str: [9, ...text("/in"), ...text("sub")],
      str: [9, 9, ...text("a.c"), ...text("b.c")],
    });
    expect(paths(read5)).toEqual(["/in/a.c", "/proj/sub/b.c", undefined]);
  });

  test("entries of no size end the table, whatever their number", () => {
    const { table, dwarf } = version5([0, 3, 1, 1, DW_FORM.implicitConst, 0xff, 0xff, 0xff, 1]);
    expect(table).toMatchObject({ directories: [], files: [] });
    expect(dwarf.problems.list()).toEqual([]);
  });

  test("entries without names are in their places, and have no path", () => {
    const read5 = version5([1, 1, DW_FORM.string, 1, ...text("/d"), 1, 2, DW_FORM.udata, 2, 0, 0]);
    expect(paths(read5)).toEqual([undefined, undefined, undefined]);
    expect(read5.table?.files.length).toBe(2);
  });
});

describe("what cannot be read is left out, and told", () => {
  const problems = [{ code: "dwarf-line", count: 1 }];
  const good = lineTable(usualShape, [...op.setAddress(CODE), 1, ...op.advancePc(8), ...op.endSequence]);
  const changed = (at: number, ...bytes: readonly number[]): Bytes => [
    ...good.slice(0, at),
    ...bytes,
    ...good.slice(at + bytes.length),
  ];

  test.each([
    ["version 1", changed(4, 1)],
    ["version 6", changed(4, 6)],
    ["a length past the section's end", changed(0, good.length - 3)],
    ["no more than a length", good.slice(0, 5)],
    ["a header that is longer than its program", changed(6, good.length - 9)],
    ["nothing", []],
  ])("%s", (_, line) => {
    const { table, dwarf } = readLineBytes(usualShape, line);
    expect(table).toBeUndefined();
    expect(dwarf.problems.list()).toMatchObject(problems);
  });

  test("up to the last length and the last header that can be", () => {
    expect(rowsOf(readLineBytes(usualShape, good).table)).toEqual([[0, 1, 1, 0], [8]]);
    const { table, dwarf } = readLineBytes(usualShape, changed(6, good.length - 10));
    expect([table?.addresses.length, dwarf.problems.list()]).toEqual([0, []]);
  });

  test("a program that is run more often than its bytes allow", () => {
    const { dwarf, unit, table } = readLineBytes(usualShape, good);
    const scratch = new LineScratch();
    let last = table;
    for (let i = 0; i < 1000 && last?.addresses.length === 2; i++) last = readLineTable(dwarf, unit, scratch);
    expect(last?.addresses.length).toBe(0);
    expect(dwarf.problems.list()).toMatchObject([{ code: "dwarf-limit" }]);
  });

  test("a unit without a table has none", () => {
    const root = { tag: DW_TAG.compileUnit, attributes: [[DW_AT.name, DW_FORM.string, text("a.c")]] } as const;
    const dwarf = dwarfWith(debugInfo([{ ...usualShape, root }]));
    const [unit] = dwarf.units;
    expect(unit && readLineTable(dwarf, unit, new LineScratch())).toBeUndefined();
    expect(dwarf.problems.list()).toEqual([]);
  });
});
