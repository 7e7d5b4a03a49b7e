// The line table of a unit that is made by hand, and what it says.
import { DW_AT, DW_FORM, DW_TAG } from "../../src/symbols/dwarf/constants.ts";
import { LineScratch, readLineTable, rowAt, type LineTable } from "../../src/symbols/dwarf/lines.ts";
import type { Dwarf, Unit } from "../../src/symbols/dwarf/units.ts";
import { CODE, debugInfo, dwarfWith, lineTable, sized, type Bytes, type LineShape } from "./made-dwarf.ts";
import { text } from "./made-elf.ts";

export interface ReadLines {
  readonly table: LineTable | undefined;
  readonly dwarf: Dwarf;
  readonly unit: Unit;
}

/** The table of a unit whose line program this is, with other bytes in front of and behind it. */
export function readLineBytes(shape: LineShape, line: Bytes, more: Readonly<Record<string, Bytes>> = {}): ReadLines {
  const { version, offsetSize } = shape;
  const front = [1, 2, 3];
  const root = {
    tag: DW_TAG.compileUnit,
    attributes: [
      [
        DW_AT.stmtList,
        version >= 4 ? DW_FORM.secOffset : DW_FORM.data4,
        sized(front.length, version >= 4 ? offsetSize : 4),
      ],
      [DW_AT.name, DW_FORM.string, text("unit.c")],
      [DW_AT.compDir, DW_FORM.string, text("/proj")],
    ],
  } as const;
  const dwarf = dwarfWith({ ...debugInfo([{ ...shape, root }]), line: [...front, ...line], ...more });
  const [unit] = dwarf.units;
  if (unit === undefined) throw new Error("a unit was made");
  return { table: readLineTable(dwarf, unit, new LineScratch()), dwarf, unit };
}

export const readLines = (shape: LineShape, program: Bytes, more?: Readonly<Record<string, Bytes>>): ReadLines =>
  readLineBytes(shape, lineTable(shape, program), more);

/** Where each row is, and its line, file and column; a gap has none. */
export function rowsOf(table: LineTable | undefined): unknown {
  return (
    table &&
    Array.from(table.addresses, (address) => {
      const row = rowAt(table, address);
      return row < 0
        ? [address - CODE]
        : [address - CODE, table.lines[row], table.fileNumbers[row], table.columns[row]];
    })
  );
}
