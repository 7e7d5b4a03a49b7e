// From an address to its frames, for one ELF. Opening costs a walk over unit headers; a unit's line table and functions are
// read when the first address inside of it is asked for, and kept.
/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays that are sized before */
import type { Address } from "../base/units.ts";
import type { CompanionFinder } from "./companions.ts";
import { demangle } from "./demangle/demangle.ts";
import { functionAt, readFunctions, type FunctionTable } from "./dwarf/functions.ts";
import { filePath } from "./dwarf/line-header.ts";
import { forEachCovered, LineScratch, readLineTable, rowAt, type LineTable } from "./dwarf/lines.ts";
import { nameOfDie } from "./dwarf/names.ts";
import { forEachRange } from "./dwarf/ranges.ts";
import { readSplitUnit, type DwarfUnit } from "./dwarf/split.ts";
import { readDwarf, type Dwarf, type Unit } from "./dwarf/units.ts";
import { indexVariables, type VariableIndex } from "./dwarf/variables.ts";
import { executableRange, isExecutable, tryReadElf, type Elf } from "./elf.ts";
import { codeSymbolAt, readSymbolTable, type SymbolTable } from "./symtab.ts";

export interface Frame {
  /** Demangled; undefined when neither DWARF nor the symbol table knows one. */
  readonly function: string | undefined;
  /**
   * Absolute as the compiler saw it, with "/" as separator; attribution has it for showing. Without debug information, the
   * archive and object ("libpp.a(pp.o)") when there is a linker map, or the bare name that the symbol table has.
   */
  readonly file: string | undefined;
  /** From 1; undefined also for code that the compiler made up. */
  readonly line: number | undefined;
  /** From 1. */
  readonly column: number | undefined;
  /** Where the function's name came from. */
  readonly source: "dwarf" | "symtab" | "none";
  /** Whether this call was inlined into the next frame. */
  readonly inlined: boolean;
}

interface UnitTables extends DwarfUnit {
  readonly lines: LineTable | undefined;
  readonly functions: FunctionTable;
  /** By index in the table of files; missing ones not asked for yet. */
  readonly paths: (string | undefined)[];
  /** By index in the table of functions: what is the same for all addresses of a function. */
  readonly resolved: (ResolvedFunction | undefined)[];
}

interface ResolvedFunction {
  readonly name: string | undefined;
  readonly source: Frame["source"];
  readonly inlined: boolean;
  /** The frames that this function is inlined into, from the next one outwards. */
  readonly outer: readonly Frame[];
}

interface UnitRows {
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  readonly units: Uint32Array;
}

/** Address ranges of all units, ascending by start. */
interface UnitIndex extends UnitRows {
  /** The largest end among a range and all before it: where it lies below the address, nothing further down can hold it. */
  readonly maxHighs: Float64Array;
}

/** Results that are kept; a recording has some thousand call sites. */
const CACHED_ADDRESSES = 16_384;

/** Units share an address only in damaged files and, rarely, in assembler code; more than this many are not tried. */
const MAX_CANDIDATES = 64;

/** Inlined calls nest some ten deep. */
const MAX_INLINE_DEPTH = 256;

/** Languages whose functions have linker names of their own, by `DW_LANG_*`: C++ (several versions), Rust, D, Swift … */
const PLAIN_NAME_LANGUAGES = new Set([0x01, 0x02, 0x0c, 0x1d, 0x2c, 0x8001]);

const unknownFrame: Frame = Object.freeze({
  function: undefined,
  file: undefined,
  line: undefined,
  column: undefined,
  source: "none",
  inlined: false,
});

export class Symbolizer {
  readonly elf: Elf;
  private cachedDwarf: Dwarf | undefined;
  private cachedSymbols: SymbolTable | undefined;
  private cachedVariables: VariableIndex | undefined;
  private cachedUnits: readonly DwarfUnit[] | undefined;
  private readonly scratch = new LineScratch();
  private index: UnitIndex | undefined;
  private readonly tables = new Map<number, UnitTables>();
  private readonly cache = new Map<Address, readonly Frame[]>();

  private readonly archiveAt: (address: Address) => string | undefined;
  private readonly findCompanion: CompanionFinder;
  private readonly split = new Map<number, DwarfUnit>();
  private cachedPackage: { readonly elf: Elf | undefined } | undefined;

  /**
   * @param archiveAt what an address was linked from, for code without debug information
   * @param findCompanion asked for the files of split debug information
   */
  constructor(
    elf: Elf,
    archiveAt: (address: Address) => string | undefined = () => undefined,
    findCompanion: CompanionFinder = () => undefined,
  ) {
    this.elf = elf;
    this.archiveAt = archiveAt;
    this.findCompanion = findCompanion;
  }

  get dwarf(): Dwarf {
    return (this.cachedDwarf ??= readDwarf(this.elf));
  }

  get symbolTable(): SymbolTable {
    return (this.cachedSymbols ??= readSymbolTable(this.elf));
  }

  get variables(): VariableIndex {
    return (this.cachedVariables ??= indexVariables(this.dwarfs));
  }

  /** All units, of split ones the part that knows functions and types. */
  get units(): readonly DwarfUnit[] {
    return (this.cachedUnits ??= this.dwarf.units.map((unit) => this.whole(unit)));
  }

  /** The debug information in the ELF, then that of each file which it is split into. */
  get dwarfs(): readonly Dwarf[] {
    return [this.dwarf, ...this.units.flatMap(({ dwarf }) => (dwarf === this.dwarf ? [] : [dwarf]))];
  }

  private whole(unit: Unit): DwarfUnit {
    if (unit.dwoName === undefined) return { dwarf: this.dwarf, unit };
    let whole = this.split.get(unit.index);
    if (whole === undefined) {
      this.cachedPackage ??= { elf: this.findPackage() };
      whole = readSplitUnit(this.dwarf, unit, this.findCompanion, this.cachedPackage.elf) ?? {
        dwarf: this.dwarf,
        unit,
      };
      this.split.set(unit.index, whole);
    }
    return whole;
  }

  private findPackage(): Elf | undefined {
    const bytes = this.findCompanion({ kind: "split-package" });
    return bytes === undefined ? undefined : tryReadElf(bytes, this.elf.inflaters);
  }

  /** The path of a unit's source file, by its index in the table of files. */
  fileOf(unit: Unit, file: number): string | undefined {
    return pathOf(this.tablesOf(unit.index), file);
  }

  /** The chain of frames at an address, innermost first; never empty. */
  symbolize(address: Address): readonly Frame[] {
    const known = this.cache.get(address);
    if (known !== undefined) return known;
    const frames = this.lookUp(address);
    if (this.cache.size >= CACHED_ADDRESSES) this.cache.clear();
    this.cache.set(address, frames);
    return frames;
  }

  private lookUp(address: Address): readonly Frame[] {
    if (!isExecutable(this.elf, address)) return [unknownFrame];
    let withoutFunction: { tables: UnitTables; row: number } | undefined;
    for (const unit of this.unitsAt(address)) {
      const tables = this.tablesOf(unit);
      const row = tables.lines === undefined ? -1 : rowAt(tables.lines, address);
      const index = functionAt(tables.functions, address);
      if (index >= 0) return this.chain(tables, index, row);
      if (row >= 0) withoutFunction ??= { tables, row };
    }
    const symbol = codeSymbolAt(this.symbolTable, address);
    const location =
      withoutFunction === undefined ? undefined : rowLocation(withoutFunction.tables, withoutFunction.row);
    if (symbol === undefined) return [location === undefined ? unknownFrame : { ...unknownFrame, ...location }];
    return [
      {
        function: demangle(symbol.name),
        file: location?.file ?? this.archiveAt(address) ?? symbol.file,
        line: location?.line,
        column: location?.column,
        source: "symtab",
        inlined: false,
      },
    ];
  }

  private chain(tables: UnitTables, index: number, row: number): readonly Frame[] {
    const { name, source, inlined, outer } = this.resolve(tables, index);
    const location = rowLocation(tables, row);
    const innermost = {
      function: name,
      file: location.file,
      line: location.line,
      column: location.column,
      source,
      inlined,
    };
    return outer.length === 0 ? [innermost] : [innermost, ...outer];
  }

  private resolve(tables: UnitTables, index: number): ResolvedFunction {
    const known = tables.resolved[index];
    if (known !== undefined) return known;
    const { name, source } = this.nameOf(tables, index);
    const outer: Frame[] = [];
    const { functions } = tables;
    let inner = index;
    let caller = functions.callers[inner]!;
    while (caller >= 0 && outer.length < MAX_INLINE_DEPTH) {
      outer.push({
        function: this.resolveName(tables, caller).name,
        file: pathOf(tables, functions.callFiles[inner]!),
        line: functions.callLines[inner]! || undefined,
        column: functions.callColumns[inner]! || undefined,
        source: this.resolveName(tables, caller).source,
        inlined: functions.callers[caller]! >= 0,
      });
      inner = caller;
      caller = functions.callers[inner]!;
    }
    const resolved = { name, source, inlined: functions.callers[index]! >= 0, outer };
    tables.resolved[index] = resolved;
    return resolved;
  }

  private resolveName(tables: UnitTables, index: number): Pick<ResolvedFunction, "name" | "source"> {
    return tables.resolved[index] ?? this.nameOf(tables, index);
  }

  private nameOf(tables: UnitTables, index: number): Pick<ResolvedFunction, "name" | "source"> {
    const { linkage, plain } = nameOfDie(tables.dwarf, tables.functions.dies[index]!);
    if (linkage !== undefined) return { name: demangle(linkage), source: "dwarf" };
    if (plain !== undefined && PLAIN_NAME_LANGUAGES.has(tables.unit.language)) return { name: plain, source: "dwarf" };
    // A C++ function whose DIE has no linker name: the symbol that begins where it begins has the qualified one.
    const low = tables.functions.lows[index]!;
    const symbol = tables.functions.callers[index]! < 0 ? codeSymbolAt(this.symbolTable, low) : undefined;
    if (symbol !== undefined && symbol.address === low)
      return { name: demangle(symbol.name), source: plain === undefined ? "symtab" : "dwarf" };
    return plain === undefined ? { name: undefined, source: "none" } : { name: plain, source: "dwarf" };
  }

  private tablesOf(index: number): UnitTables {
    const known = this.tables.get(index);
    if (known !== undefined) return known;
    const { dwarf, unit } = this.whole(this.dwarf.units[index]!);
    const tables = {
      dwarf,
      unit,
      lines: readLineTable(this.dwarf, unit, this.scratch),
      functions: readFunctions(dwarf, unit),
      paths: [],
      resolved: [],
    };
    this.tables.set(index, tables);
    return tables;
  }

  /** The unit whose code is at an address; undefined where no unit says so. */
  unitOf(address: Address): Unit | undefined {
    const [first] = this.unitsAt(address);
    return first === undefined ? undefined : this.whole(this.dwarf.units[first]!).unit;
  }

  /** Units that say to have code at an address, the one that begins last first. */
  private unitsAt(address: Address): number[] {
    const { lows, highs, maxHighs, units } = (this.index ??= indexUnits(this.dwarf, this.scratch));
    let low = 0;
    let high = lows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (lows[middle]! <= address) low = middle + 1;
      else high = middle;
    }
    const found: number[] = [];
    for (let i = low - 1, steps = 0; i >= 0 && steps < MAX_CANDIDATES && maxHighs[i]! > address; i--, steps++) {
      if (highs[i]! > address && !found.includes(units[i]!)) found.push(units[i]!);
    }
    return found;
  }
}

function rowLocation(tables: UnitTables, row: number): Pick<Frame, "file" | "line" | "column"> {
  if (row < 0 || tables.lines === undefined) return { file: undefined, line: undefined, column: undefined };
  const { lines, columns, fileNumbers } = tables.lines;
  return {
    file: pathOf(tables, fileNumbers[row]!),
    line: lines[row]! || undefined,
    column: columns[row]! || undefined,
  };
}

function pathOf(tables: UnitTables, file: number): string | undefined {
  if (tables.lines === undefined) return undefined;
  return (tables.paths[file] ??= filePath(tables.lines, tables.unit, file));
}

function indexUnits(dwarf: Dwarf, scratch: LineScratch): UnitIndex {
  const { elf } = dwarf;
  let count = 0;
  let rows: UnitRows = { lows: new Float64Array(4096), highs: new Float64Array(4096), units: new Uint32Array(4096) };
  let index = 0;
  // One range of code holds most of them.
  let codeLow = 0;
  let codeHigh = 0;
  const add = (low: Address, high: Address): void => {
    if (low < codeLow || low >= codeHigh) {
      const code = executableRange(elf, low);
      if (code < 0) return;
      codeLow = elf.executable[code]!;
      codeHigh = elf.executable[code + 1]!;
    }
    if (count === rows.lows.length) rows = grown(rows);
    rows.lows[count] = low;
    rows.highs[count] = high;
    rows.units[count++] = index;
  };
  for (const unit of dwarf.units) {
    index = unit.index;
    if (unit.ranges !== undefined) forEachRange(dwarf, unit, unit.ranges, add);
    else if (unit.low !== undefined && unit.high !== undefined && unit.high > unit.low) add(unit.low, unit.high);
    else if (unit.lineOffset !== undefined) {
      // Some assembler units say nothing about addresses but in their line table.
      const lines = readLineTable(dwarf, unit, scratch);
      if (lines !== undefined) forEachCovered(lines, add);
    }
  }
  const order = inOrder(rows.lows.subarray(0, count), rows.highs);
  const lows = new Float64Array(count);
  const highs = new Float64Array(count);
  const maxHighs = new Float64Array(count);
  const units = new Uint32Array(count);
  let max = 0;
  for (let i = 0; i < count; i++) {
    const row = order[i]!;
    const high = rows.highs[row]!;
    if (high > max) max = high;
    lows[i] = rows.lows[row]!;
    highs[i] = high;
    maxHighs[i] = max;
    units[i] = rows.units[row]!;
  }
  return { lows, highs, maxHighs, units };
}

function grown(rows: UnitRows): UnitRows {
  const lows = new Float64Array(rows.lows.length * 2);
  const highs = new Float64Array(lows.length);
  const units = new Uint32Array(lows.length);
  lows.set(rows.lows);
  highs.set(rows.highs);
  units.set(rows.units);
  return { lows, highs, units };
}

/** Starts are below 2^33 and numbers exact to 2^53. */
const MAX_PACKED_ROWS = 2 ** 20;

/** Rows by start, the longest first of those that begin together. */
function inOrder(lows: Float64Array, highs: Float64Array): Uint32Array {
  const order = new Uint32Array(lows.length);
  const compare = (a: number, b: number): number => lows[a]! - lows[b]! || highs[b]! - highs[a]! || a - b;
  if (lows.length > MAX_PACKED_ROWS) {
    for (let row = 0; row < order.length; row++) order[row] = row;
    return order.sort(compare);
  }
  // A look-up is short: numbers are sorted without a function of ours that is called ten times for each, and ties, which are few, afterwards.
  const packed = new Float64Array(lows.length);
  for (let row = 0; row < packed.length; row++) packed[row] = lows[row]! * MAX_PACKED_ROWS + row;
  packed.sort();
  for (let i = 0; i < order.length; i++) order[i] = packed[i]! % MAX_PACKED_ROWS;
  for (let from = 0, to = 1; from < order.length; from = to++) {
    while (to < order.length && lows[order[to]!] === lows[order[from]!]) to++;
    if (to - from > 1) order.subarray(from, to).sort(compare);
  }
  return order;
}
