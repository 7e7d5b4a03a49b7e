// The header of a line program: its parameters and its tables of directories and files. Names are read when someone asks.
// Format: DWARF 2-4 section 6.2.4, DWARF 5 section 6.2.4.
import { Cursor } from "../cursor.ts";
import type { Encoding } from "./sections.ts";
import { readNumber, readText, skipForm, textOf } from "./forms.ts";
import { joinPath } from "../paths.ts";
import type { Dwarf, Text, Unit } from "./units.ts";

const DW_LNCT = { path: 1, directoryIndex: 2 } as const;

export interface FileEntry {
  readonly name: Text | undefined;
  readonly directory: number;
}

export interface LineHeader {
  readonly minInstructionLength: number;
  readonly maxOperations: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** Operands of each standard opcode, from opcode 1 on. */
  readonly operandCounts: Uint8Array;
  readonly version: number;
  /** Where the program is in .debug_line. */
  readonly programStart: number;
  readonly programEnd: number;
  /** By index as the version counts: from 0 in version 5; in earlier ones entry 0 is the unit itself. */
  readonly directories: readonly (Text | undefined)[];
  readonly files: readonly FileEntry[];
}

/** Gives undefined, with a problem noted, when the header cannot be read. */
export function readLineHeader(dwarf: Dwarf, unit: Unit, offset: number): LineHeader | undefined {
  const section = dwarf.sections.line;
  const start = new Cursor(section, offset);
  let offsetSize = 4;
  let length = start.u32();
  if (length === 0xffffffff) {
    offsetSize = 8;
    length = start.u64();
  }
  const programEnd = start.pos + length;
  const version = start.u16();
  if (start.overrun || programEnd > section.length || version < 2 || version > 5) {
    dwarf.problems.add("dwarf-line", "a line table is cut or of a version that is not known");
    return undefined;
  }
  const cursor = new Cursor(section, start.pos, programEnd);
  let addressSize = unit.addressSize;
  if (version >= 5) {
    addressSize = cursor.u8();
    cursor.u8();
  }
  const headerLength = cursor.unsigned(offsetSize);
  const programStart = cursor.pos + headerLength;
  const minInstructionLength = cursor.u8();
  const maxOperations = version >= 4 ? Math.max(cursor.u8(), 1) : 1;
  cursor.u8(); // default_is_stmt: every row counts for an address, statement or not
  const lineBase = cursor.s8();
  const lineRange = Math.max(cursor.u8(), 1);
  const opcodeBase = cursor.u8();
  const operandCounts = section.subarray(cursor.pos, cursor.pos + Math.max(opcodeBase - 1, 0));
  cursor.skip(operandCounts.length);
  const { strOffsetsBase } = unit.root;
  const encoding = { offset: unit.offset, version, addressSize, offsetSize, strOffsetsBase };
  const tables = version >= 5 ? readTables5(dwarf, encoding, cursor) : readTables(dwarf, unit, cursor);
  if (cursor.overrun || programStart > programEnd) {
    dwarf.problems.add("dwarf-line", "the header of a line table is damaged");
    return undefined;
  }
  return {
    minInstructionLength,
    maxOperations,
    lineBase,
    lineRange,
    opcodeBase,
    operandCounts,
    version,
    programStart,
    programEnd,
    ...tables,
  };
}

type Tables = Pick<LineHeader, "directories" | "files">;

/** What an entry costs of the budget: it takes some ten bytes in the file. */
const ENTRY_COST = 4;

function readTables(dwarf: Dwarf, unit: Unit, cursor: Cursor): Tables {
  const directories: (Text | undefined)[] = [unit.root.compDir];
  for (;;) {
    const at = cursor.pos;
    cursor.skipString();
    if (cursor.overrun || cursor.pos === at + 1 || !dwarf.budget.take(ENTRY_COST)) break;
    directories.push({ bytes: cursor.bytes, at });
  }
  const files: FileEntry[] = [{ name: unit.root.name, directory: 0 }];
  for (;;) {
    const entry = readFileEntry(cursor);
    if (entry === undefined || !dwarf.budget.take(ENTRY_COST)) break;
    files.push(entry);
  }
  return { directories, files };
}

/** An entry of the file table up to version 4, also in DW_LNE_define_file; undefined at the end of the table. */
export function readFileEntry(cursor: Cursor): FileEntry | undefined {
  const at = cursor.pos;
  cursor.skipString();
  if (cursor.overrun || cursor.pos === at + 1) return undefined;
  const directory = cursor.uleb();
  cursor.skipLeb();
  cursor.skipLeb();
  return { name: { bytes: cursor.bytes, at }, directory };
}

function readTables5(dwarf: Dwarf, encoding: Encoding & { readonly strOffsetsBase: number }, cursor: Cursor): Tables {
  const directories = readEntries(dwarf, encoding, cursor).map(({ name }) => name);
  return { directories, files: readEntries(dwarf, encoding, cursor) };
}

function readEntries(
  dwarf: Dwarf,
  encoding: Encoding & { readonly strOffsetsBase: number },
  cursor: Cursor,
): FileEntry[] {
  const formats: { content: number; form: number }[] = [];
  const formatCount = cursor.u8();
  for (let i = 0; i < formatCount; i++) formats.push({ content: cursor.uleb(), form: cursor.uleb() });
  const count = cursor.uleb();
  const entries: FileEntry[] = [];
  for (let i = 0; i < count && !cursor.overrun; i++) {
    const before = cursor.pos;
    let name: Text | undefined;
    let directory = 0;
    for (const { content, form } of formats) {
      if (content === DW_LNCT.path) name = readText(cursor, form, encoding, dwarf.sections);
      else if (content === DW_LNCT.directoryIndex) directory = readNumber(cursor, form, encoding);
      else skipForm(cursor, form, encoding);
    }
    // Entries of no size are damage; any number of them could follow.
    if (cursor.pos === before || !dwarf.budget.take(ENTRY_COST)) break;
    entries.push({ name, directory });
  }
  return entries;
}

/** The path of a file in the table, made absolute with the unit's directory; undefined when there is no such entry. */
export function filePath(
  header: Pick<LineHeader, "directories" | "files">,
  unit: Unit,
  index: number,
): string | undefined {
  const entry = header.files[index];
  if (entry === undefined) return undefined;
  const name = textOf(entry.name);
  if (name === "") return undefined;
  return joinPath(textOf(unit.root.compDir), textOf(header.directories[entry.directory]), name);
}
