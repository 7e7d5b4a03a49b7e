// The line table of one unit: runs its line program (.debug_line) once into columns that one binary search answers from.
// Format: DWARF 2-5 section 6.2. An address belongs to the last row at or before it in its sequence, statement or not.
/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays that are sized before */
import { countUpTo } from "../../base/bisect.ts";
import type { Address } from "../../base/units.ts";
import { Cursor } from "../cursor.ts";
import { isExecutable } from "../elf.ts";
import { readFileEntry, readLineHeader, type FileEntry, type LineHeader } from "./line-header.ts";
import type { Dwarf, Unit } from "./units.ts";

const DW_LNS = {
  copy: 1,
  advancePc: 2,
  advanceLine: 3,
  setFile: 4,
  setColumn: 5,
  constAddPc: 8,
  fixedAdvancePc: 9,
} as const;
const DW_LNE = { endSequence: 1, setAddress: 2, defineFile: 3 } as const;

/** The file number of a row that ends a sequence: between it and the next row there is no code of this unit. */
const GAP = 0xffff;

export interface LineTable {
  readonly directories: LineHeader["directories"];
  readonly files: readonly FileEntry[];
  /** Ascending; sequences follow one another, each closed by a row with file GAP. */
  readonly addresses: Uint32Array;
  readonly lines: Uint32Array;
  readonly fileNumbers: Uint16Array;
  readonly columns: Uint16Array;
}

const FIRST_ROWS = 4096;

/** Growing columns of rows in the order of the program. */
class Rows {
  count = 0;
  addresses = new Uint32Array(FIRST_ROWS);
  lines = new Uint32Array(FIRST_ROWS);
  files = new Uint16Array(FIRST_ROWS);
  columns = new Uint16Array(FIRST_ROWS);

  push(address: number, line: number, file: number, column: number): void {
    const at = this.count++;
    if (at >= this.addresses.length) this.grow();
    this.addresses[at] = address;
    this.lines[at] = line;
    this.files[at] = file;
    this.columns[at] = column;
  }

  private grow(): void {
    const capacity = this.addresses.length * 2;
    const old = { addresses: this.addresses, lines: this.lines, files: this.files, columns: this.columns };
    this.addresses = new Uint32Array(capacity);
    this.lines = new Uint32Array(capacity);
    this.files = new Uint16Array(capacity);
    this.columns = new Uint16Array(capacity);
    this.addresses.set(old.addresses);
    this.lines.set(old.lines);
    this.files.set(old.files);
    this.columns.set(old.columns);
  }
}

/** Working memory for `readLineTable`, grown once and used for all units of a file. */
export class LineScratch {
  /** As the program emits them. */
  readonly emitted = new Rows();
  /** In the order of addresses. */
  readonly merged = new Rows();
}

/** A run of rows whose addresses belong together; `to` is the row that ends it. */
interface Sequence {
  low: Address;
  readonly high: Address;
  readonly from: number;
  readonly to: number;
}

/** Gives undefined when the unit has no line table that can be read. */
export function readLineTable(dwarf: Dwarf, unit: Unit, scratch: LineScratch): LineTable | undefined {
  const { lineOffset } = unit.root;
  if (lineOffset === undefined) return undefined;
  const header = readLineHeader(dwarf, unit, lineOffset);
  if (header === undefined) return undefined;
  const rows = scratch.emitted;
  rows.count = 0;
  const files = [...header.files];
  const sequences = runProgram(dwarf, header, rows, files);
  return { directories: header.directories, files, ...mergeSequences(rows, sequences, scratch.merged) };
}

/** Fills `rows`, and `files` with those that the program itself defines. */
function runProgram(dwarf: Dwarf, header: LineHeader, rows: Rows, files: FileEntry[]): Sequence[] {
  const { lineBase, lineRange, opcodeBase, minInstructionLength, maxOperations, operandCounts } = header;
  const cursor = new Cursor(dwarf.sections.line, header.programStart, header.programEnd);
  const sequences: Sequence[] = [];
  // All programs together have no more rows than .debug_line has bytes, unless they overlap, which only damage makes them do.
  const mayRun = dwarf.budget.take(header.programEnd - header.programStart);
  if (!mayRun)
    dwarf.problems.add("dwarf-limit", "the debug information refers to itself beyond reason: the rest is left out");

  let address = 0;
  let operation = 0;
  let file = 1;
  let line = 1;
  let column = 0;
  let first = 0;
  let ascending = true;
  const advance = (by: number): void => {
    if (maxOperations === 1) {
      address = (address + by * minInstructionLength) >>> 0;
    } else {
      address = (address + minInstructionLength * Math.floor((operation + by) / maxOperations)) >>> 0;
      operation = (operation + by) % maxOperations;
    }
  };
  const emit = (): void => {
    if (rows.count > first && address < rows.addresses[rows.count - 1]!) ascending = false;
    rows.push(address, line >>> 0, Math.min(file, GAP - 1), column);
  };

  while (mayRun && !cursor.atEnd) {
    const opcode = cursor.u8();
    if (opcode >= opcodeBase) {
      const adjusted = opcode - opcodeBase;
      advance(Math.floor(adjusted / lineRange));
      line += lineBase + (adjusted % lineRange);
      emit();
      continue;
    }
    switch (opcode) {
      case 0: {
        const length = cursor.uleb();
        const next = cursor.pos + length;
        const kind = cursor.u8();
        if (kind === DW_LNE.endSequence) {
          emit();
          if (ascending || sortRows(rows, first)) addSequence(dwarf, rows, first, sequences);
          first = rows.count;
          ascending = true;
          address = 0;
          operation = 0;
          file = 1;
          line = 1;
          column = 0;
        } else if (kind === DW_LNE.setAddress) {
          address = cursor.unsigned(length - 1) >>> 0;
          operation = 0;
        } else if (kind === DW_LNE.defineFile) {
          const entry = readFileEntry(cursor);
          if (entry !== undefined) files.push(entry);
        }
        cursor.pos = Math.min(Math.max(next, cursor.pos), cursor.end);
        break;
      }
      case DW_LNS.copy:
        emit();
        break;
      case DW_LNS.advancePc:
        advance(cursor.uleb());
        break;
      case DW_LNS.advanceLine:
        line += cursor.sleb();
        break;
      case DW_LNS.setFile:
        file = cursor.uleb();
        break;
      case DW_LNS.setColumn:
        column = cursor.uleb();
        break;
      case DW_LNS.constAddPc:
        advance(Math.floor((255 - opcodeBase) / lineRange));
        break;
      case DW_LNS.fixedAdvancePc:
        address = (address + cursor.u16()) >>> 0;
        operation = 0;
        break;
      default:
        for (let i = operandCounts[opcode - 1] ?? 0; i > 0; i--) cursor.skipLeb();
    }
  }
  if (cursor.overrun) dwarf.problems.add("dwarf-line", "a line table is cut");
  return sequences;
}

/** Puts the rows from `first` on, the last excepted, in the order of their addresses; false when they do not make a sequence. */
function sortRows(rows: Rows, first: number): boolean {
  const last = rows.count - 1;
  const order = Array.from({ length: last - first }, (_, i) => first + i);
  order.sort((a, b) => rows.addresses[a]! - rows.addresses[b]! || a - b);
  for (const column of [rows.addresses, rows.lines, rows.files, rows.columns]) {
    column.set(
      order.map((row) => column[row]!),
      first,
    );
  }
  return last > first && rows.addresses[last]! >= rows.addresses[last - 1]!;
}

function addSequence(dwarf: Dwarf, rows: Rows, from: number, sequences: Sequence[]): void {
  const to = rows.count - 1;
  const low = rows.addresses[from]!;
  const high = rows.addresses[to]!;
  // What the linker removed stays in the table at address 0 or near it, where no code is.
  if (high > low && isExecutable(dwarf.elf, low)) sequences.push({ low, high, from, to });
}

/** Sorts sequences, cuts overlaps (the earlier one wins) and drops rows that a later row at the same address replaces. */
function mergeSequences(
  rows: Rows,
  sequences: Sequence[],
  out: Rows,
): Pick<LineTable, "addresses" | "lines" | "fileNumbers" | "columns"> {
  sequences.sort((a, b) => a.low - b.low || b.high - a.high);
  out.count = 0;
  let end = -1;
  for (const sequence of sequences) {
    if (sequence.high <= end) continue;
    const low = Math.max(sequence.low, end);
    // A sequence that begins where the last one ended needs no gap between them.
    if (out.count > 0 && out.addresses[out.count - 1] === low) out.count--;
    for (let row = sequence.from; row < sequence.to; row++) {
      const address = Math.max(rows.addresses[row]!, low);
      if (rows.addresses[row + 1]! > address) out.push(address, rows.lines[row]!, rows.files[row]!, rows.columns[row]!);
    }
    out.push(sequence.high, 0, GAP, 0);
    end = sequence.high;
  }
  const { count } = out;
  return {
    addresses: out.addresses.slice(0, count),
    lines: out.lines.slice(0, count),
    fileNumbers: out.files.slice(0, count),
    columns: out.columns.slice(0, count),
  };
}

/** The row that an address belongs to, -1 when it belongs to none. */
export function rowAt(table: LineTable, address: Address): number {
  const row = countUpTo(table.addresses, address) - 1;
  return table.fileNumbers[row] === GAP ? -1 : row;
}

/** Calls `visit` for each stretch of code that the table covers, ascending. */
export function forEachCovered(table: LineTable, visit: (low: Address, high: Address) => void): void {
  let start: Address | undefined;
  for (let row = 0; row < table.addresses.length; row++) {
    const address = table.addresses[row]!;
    if (table.fileNumbers[row] !== GAP) start ??= address;
    else if (start !== undefined) {
      visit(start, address);
      start = undefined;
    }
  }
}
