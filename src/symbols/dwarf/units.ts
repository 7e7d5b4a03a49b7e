// The units of .debug_info: headers and the attributes of their root DIEs, which is all that an index by address needs.
// Format: DWARF 2-4 section 7.5.1, DWARF 5 section 7.5.1 (type units and split units have other headers).
/* eslint-disable @typescript-eslint/no-non-null-assertion -- `specs` is indexed in steps of three within its own bounds */
import { countWhile } from "../../base/bisect.ts";
import type { Address } from "../../base/units.ts";
import { Cursor } from "../cursor.ts";
import { joinPath } from "../paths.ts";
import { debugSection, type Elf } from "../elf.ts";
import { Budget, type ProblemList } from "../problems.ts";
import { AbbrevTable } from "./abbrev.ts";
import { DW_AT, DW_FORM, DW_TAG, DW_UT } from "./constants.ts";
import type { DebugSections, Encoding } from "./sections.ts";
import { isAddressIndex, readNumber, readOffset, readText, skipForm, textOf } from "./forms.ts";

/** Where characters are. Units keep these instead of strings: a damaged file can give all of its units one endless name. */
export interface Text {
  readonly bytes: Uint8Array;
  readonly at: number;
}

/** A range list: the form and value of DW_AT_ranges. */
export interface RangesReference {
  readonly form: number;
  readonly value: number;
}

/** What a unit's root says: the attributes that its readers need. */
export interface UnitRoot {
  /** Where its source file stands, as the compiler was given it: see `unitFile`. */
  readonly name: Text | undefined;
  readonly compDir: Text | undefined;
  /** `DW_LANG_*`. */
  readonly language: number;
  /** Where the compiler's version and options stand. */
  readonly producer: Text | undefined;
  /** Of its program in .debug_line. */
  readonly lineOffset: number | undefined;
  readonly low: Address | undefined;
  readonly high: Address | undefined;
  readonly ranges: RangesReference | undefined;
  readonly strOffsetsBase: number;
  readonly addrBase: number;
  readonly rnglistsBase: number;
  /** What offsets into .debug_ranges count from: 0 in all but split units. */
  readonly rangesBase: number;
  /** Tells which of the units of a .dwo file belongs to this one; in both. 16 hexadecimal digits. */
  readonly dwoId: string | undefined;
  /** The file that has the rest of this unit: functions, variables, types. */
  readonly dwoName: Text | undefined;
  /** `rangesBase` of the unit in that file. */
  readonly dwoRangesBase: number;
}

/** What a unit's header says. */
interface UnitHeader extends Encoding {
  readonly end: number;
  /** Of the root DIE. */
  readonly dieOffset: number;
  /** Of its table in .debug_abbrev. */
  readonly abbrevOffset: number;
  /** `UnitRoot.dwoId`, which stands here from version 5 on. */
  readonly dwoId: string | undefined;
}

/** What the units of one .debug_info share. */
interface UnitReaders {
  readonly abbrevs: (unit: Unit) => AbbrevTable;
  readonly root: (unit: Unit) => UnitRoot;
}

/** A unit of .debug_info. Its root is read when someone asks for it: a look-up needs those of few units. */
export class Unit implements UnitHeader {
  readonly index: number;
  readonly offset: number;
  readonly end: number;
  readonly version: number;
  readonly addressSize: number;
  readonly offsetSize: number;
  readonly dieOffset: number;
  readonly abbrevOffset: number;
  readonly dwoId: string | undefined;
  private readonly readers: UnitReaders;
  private cachedAbbrevs: AbbrevTable | undefined;
  private cachedRoot: UnitRoot | undefined;

  constructor(header: UnitHeader, index: number, readers: UnitReaders) {
    this.index = index;
    this.offset = header.offset;
    this.end = header.end;
    this.version = header.version;
    this.addressSize = header.addressSize;
    this.offsetSize = header.offsetSize;
    this.dieOffset = header.dieOffset;
    this.abbrevOffset = header.abbrevOffset;
    this.dwoId = header.dwoId;
    this.readers = readers;
  }

  get abbrevs(): AbbrevTable {
    return (this.cachedAbbrevs ??= this.readers.abbrevs(this));
  }

  get root(): UnitRoot {
    return (this.cachedRoot ??= this.readers.root(this));
  }

  /** Beside the header's fields what forms of text depend on. */
  get strOffsetsBase(): number {
    return this.root.strOffsetsBase;
  }
}

/** The debug information of one ELF, with everything that its readers share. */
export interface Dwarf {
  readonly elf: Elf;
  readonly sections: DebugSections;
  /** Ascending by offset. */
  readonly units: readonly Unit[];
  readonly problems: ProblemList;
  /** Range entries, line rows and DIEs that may still be read; see problems.ts. */
  readonly budget: Budget;
}

export function readDwarf(elf: Elf): Dwarf {
  const sections: DebugSections = {
    info: debugSection(elf, ".debug_info"),
    abbrev: debugSection(elf, ".debug_abbrev"),
    line: debugSection(elf, ".debug_line"),
    lineStr: debugSection(elf, ".debug_line_str"),
    str: debugSection(elf, ".debug_str"),
    strOffsets: debugSection(elf, ".debug_str_offsets"),
    addr: debugSection(elf, ".debug_addr"),
    ranges: debugSection(elf, ".debug_ranges"),
    rnglists: debugSection(elf, ".debug_rnglists"),
  };
  const size = sections.info.length + sections.line.length + sections.ranges.length + sections.rnglists.length;
  const units = readUnits(sections, elf.problems);
  return { elf, sections, units, problems: elf.problems, budget: new Budget(4096 + 2 * size) };
}

const READ_UNITS: ReadonlySet<number> = new Set([DW_UT.compile, DW_UT.partial, DW_UT.skeleton, DW_UT.splitCompile]);

/** The units of `sections.info`, ascending by offset. */
export function readUnits(sections: DebugSections, problems: ProblemList): Unit[] {
  const units: Unit[] = [];
  const tables = new Map<string, AbbrevTable>();
  // Tables may overlap only in a damaged file; then this bounds what reading them again and again can cost.
  const abbrevBudget = new Budget(4096 + 2 * sections.abbrev.length);
  // The same for units that all have one endless root.
  const rootBudget = new Budget(4096 + 4 * (sections.info.length + sections.abbrev.length));
  const readers: UnitReaders = {
    root: (unit) => readRoot(unit, sections, rootBudget, problems),
    abbrevs: ({ abbrevOffset, addressSize, offsetSize }) => {
      const key = `${abbrevOffset} ${addressSize} ${offsetSize}`;
      let table = tables.get(key);
      if (table === undefined) {
        table = new AbbrevTable(sections.abbrev, abbrevOffset, addressSize, offsetSize, abbrevBudget);
        tables.set(key, table);
      }
      return table;
    },
  };
  let at = 0;
  while (at < sections.info.length) {
    const cursor = new Cursor(sections.info, at);
    let offsetSize = 4;
    let length = cursor.u32();
    if (length === 0xffffffff) {
      offsetSize = 8;
      length = cursor.u64();
    }
    const end = cursor.pos + length;
    if (cursor.overrun || length === 0 || end > sections.info.length) {
      problems.add("dwarf-cut", ".debug_info ends inside of a unit");
      break;
    }
    const header = readHeader(cursor, offsetSize);
    if (header === undefined) {
      problems.add(
        "dwarf-unit",
        `a unit at 0x${at.toString(16)} of .debug_info has a version or kind that is not known`,
      );
    } else if (READ_UNITS.has(header.type)) {
      units.push(new Unit({ ...header, offset: at, offsetSize, end, dieOffset: cursor.pos }, units.length, readers));
    }
    at = end;
  }
  return units;
}

function readHeader(
  cursor: Cursor,
  offsetSize: number,
): { version: number; type: number; abbrevOffset: number; addressSize: number; dwoId: string | undefined } | undefined {
  const version = cursor.u16();
  let type: number = DW_UT.compile;
  let abbrevOffset: number;
  let addressSize: number;
  let dwoId: string | undefined;
  if (version >= 5) {
    type = cursor.u8();
    addressSize = cursor.u8();
    abbrevOffset = cursor.unsigned(offsetSize);
    if (type === DW_UT.skeleton || type === DW_UT.splitCompile) dwoId = readId(cursor);
  } else {
    abbrevOffset = cursor.unsigned(offsetSize);
    addressSize = cursor.u8();
  }
  const known = version >= 2 && version <= 5 && type >= DW_UT.compile && type <= DW_UT.splitType;
  if (cursor.overrun || !known || (addressSize !== 4 && addressSize !== 8)) return undefined;
  return { version, type, abbrevOffset, addressSize, dwoId };
}

/** 64 bits, of which a number would lose some. */
function readId(cursor: Cursor): string {
  const low = cursor.u32();
  return cursor.u32().toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0");
}

/** A value of a root before it can be read: text may need a base that stands behind it. */
interface Value {
  readonly form: number;
  /** Of a number the number, of a text where it stands in .debug_info. */
  readonly value: number;
}

/** Many commands read the roots of all units, so that this makes as few objects as can be. */
function readRoot(unit: Unit, sections: DebugSections, budget: Budget, problems: ProblemList): UnitRoot {
  const { version, addressSize, offsetSize, offset, dieOffset, end, abbrevs } = unit;
  // Behind the header of .debug_str_offsets, .debug_addr and .debug_rnglists, when the unit does not say.
  const defaultBase = version >= 5 ? (offsetSize === 8 ? 16 : 8) : 0;
  const cursor = new Cursor(sections.info, dieOffset, end);
  const declaration = abbrevs.find(cursor.uleb(), budget);
  const tag = declaration?.uleb();
  // A partial unit has no code of its own; anything else has no root that could be read.
  if (declaration === undefined) problems.add("dwarf-unit", "a unit of .debug_info has no root");
  let gnuDwoId: string | undefined;
  let name: Value | undefined;
  let compDir: Value | undefined;
  let producer: Value | undefined;
  let dwoName: Value | undefined;
  let gnuDwoName: Value | undefined;
  let lowPc: Value | undefined;
  let highPc: Value | undefined;
  let ranges: Value | undefined;
  let language = 0;
  let lineOffset: number | undefined;
  let strOffsetsBase = defaultBase;
  let addrBase: number | undefined;
  let gnuAddrBase = defaultBase;
  let rnglistsBase = offsetSize === 8 ? 20 : 12;
  let dwoRangesBase = 0;
  if (declaration !== undefined && (tag === DW_TAG.compileUnit || tag === DW_TAG.skeletonUnit)) {
    declaration.skip(1); // whether it has children
    while (budget.take(2)) {
      const attribute = declaration.uleb();
      const form = declaration.uleb();
      if (attribute === 0 && form === 0) break;
      const implicit = form === DW_FORM.implicitConst ? declaration.sleb() : 0;
      const at = cursor.pos;
      switch (attribute) {
        case DW_AT.name:
          name = { form, value: at };
          skipForm(cursor, form, unit);
          break;
        case DW_AT.compDir:
          compDir = { form, value: at };
          skipForm(cursor, form, unit);
          break;
        case DW_AT.producer:
          producer = { form, value: at };
          skipForm(cursor, form, unit);
          break;
        case DW_AT.dwoName:
          dwoName = { form, value: at };
          skipForm(cursor, form, unit);
          break;
        case DW_AT.gnuDwoName:
          gnuDwoName = { form, value: at };
          skipForm(cursor, form, unit);
          break;
        case DW_AT.gnuDwoId:
          if (form === DW_FORM.data8) gnuDwoId = readId(cursor);
          else skipForm(cursor, form, unit);
          break;
        case DW_AT.lowPc:
          lowPc = { form, value: readNumber(cursor, form, unit, implicit) };
          break;
        case DW_AT.highPc:
          highPc = { form, value: readNumber(cursor, form, unit, implicit) };
          break;
        case DW_AT.ranges:
          ranges = { form, value: readNumber(cursor, form, unit, implicit) };
          break;
        case DW_AT.language:
          language = readNumber(cursor, form, unit, implicit);
          break;
        case DW_AT.stmtList:
          lineOffset = readNumber(cursor, form, unit, implicit);
          break;
        case DW_AT.strOffsetsBase:
          strOffsetsBase = readNumber(cursor, form, unit, implicit);
          break;
        case DW_AT.addrBase:
          addrBase = readNumber(cursor, form, unit, implicit);
          break;
        case DW_AT.gnuAddrBase:
          gnuAddrBase = readNumber(cursor, form, unit, implicit);
          break;
        case DW_AT.rnglistsBase:
          rnglistsBase = readNumber(cursor, form, unit, implicit);
          break;
        case DW_AT.gnuRangesBase:
          dwoRangesBase = readNumber(cursor, form, unit, implicit);
          break;
        default:
          skipForm(cursor, form, unit);
      }
    }
    if (cursor.overrun) problems.add("dwarf-cut", "a unit of .debug_info ends inside of its root");
  }
  addrBase ??= gnuAddrBase;
  const bases = { version, addressSize, offsetSize, offset, strOffsetsBase };
  const textAt = (found: Value | undefined): Text | undefined =>
    found === undefined
      ? undefined
      : readText(new Cursor(sections.info, found.value, end), found.form, bases, sections);
  const low = addressOf(lowPc, unit, sections, addrBase);
  return {
    name: textAt(name),
    compDir: textAt(compDir),
    producer: textAt(producer),
    language,
    lineOffset,
    low,
    high: highOf(low, highPc, unit, sections, addrBase),
    ranges,
    strOffsetsBase,
    addrBase,
    rnglistsBase,
    rangesBase: 0,
    dwoId: unit.dwoId ?? gnuDwoId,
    dwoName: textAt(dwoName) ?? textAt(gnuDwoName),
    dwoRangesBase,
  };
}

/** A unit's source file with the folder that it was compiled in. */
export function unitFile(unit: Unit): string {
  return joinPath(textOf(unit.root.compDir), textOf(unit.root.name));
}

function addressOf(
  value: { form: number; value: number } | undefined,
  unit: { readonly addressSize: number },
  sections: DebugSections,
  addrBase: number,
): Address | undefined {
  if (value === undefined) return undefined;
  return isAddressIndex(value.form) ? addressAtIndex(sections, addrBase, unit.addressSize, value.value) : value.value;
}

/** The end that DW_AT_high_pc says: an address, or (any constant form) a distance from the start. */
export function highOf(
  low: Address | undefined,
  high: { readonly form: number; readonly value: number } | undefined,
  unit: { readonly addressSize: number },
  sections: DebugSections,
  addrBase: number,
): Address | undefined {
  if (low === undefined || high === undefined) return undefined;
  if (high.form === DW_FORM.addr || isAddressIndex(high.form)) return addressOf(high, unit, sections, addrBase);
  return low + high.value;
}

/** An entry of .debug_addr. */
export function addressAtIndex(
  sections: DebugSections,
  addrBase: number,
  size: number,
  index: number,
): Address | undefined {
  return readOffset(sections.addr, addrBase + index * size);
}

/** The unit that holds an offset of .debug_info. */
export function unitAt(dwarf: Dwarf, offset: number): Unit | undefined {
  const { units } = dwarf;
  const unit = units[countWhile(units.length, (index) => units[index]!.offset <= offset) - 1];
  return unit !== undefined && offset < unit.end ? unit : undefined;
}
