// From an address to its frames, for one ELF. Opening costs a walk over unit headers; a unit's line table and functions are
// read when the first address inside of it is asked for, and kept.
/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays that are sized before */
import type { Address } from "../base/units.ts";
import type { CompanionFinder } from "./companions.ts";
import { demangle } from "./demangle/demangle.ts";
import { functionAt, readFunctions, type FunctionTable } from "./dwarf/functions.ts";
import { filePath } from "./dwarf/line-header.ts";
import { LineScratch, readLineTable, rowAt, type LineTable } from "./dwarf/lines.ts";
import { nameOfDie } from "./dwarf/names.ts";
import { readSplitUnit, type DwarfUnit } from "./dwarf/split.ts";
import { readDwarf, type Dwarf, type Unit } from "./dwarf/units.ts";
import { indexListed, indexUnits, unitsAt, type UnitIndex } from "./dwarf/unit-index.ts";
import { indexVariables, type VariableIndex } from "./dwarf/variables.ts";
import { isExecutable, tryReadElf, type Elf } from "./elf.ts";
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

/** What a unit has at an address. */
interface Place {
  readonly tables: UnitTables;
  /** Of the innermost function, -1 for none. */
  readonly index: number;
  /** Of the line table, -1 for none. */
  readonly row: number;
}

interface ResolvedFunction {
  readonly name: string | undefined;
  readonly source: Frame["source"];
  readonly inlined: boolean;
  /** The frames that this function is inlined into, from the next one outwards. */
  readonly outer: readonly Frame[];
}

/** Results that are kept; a recording has some thousand call sites. */
const CACHED_ADDRESSES = 16_384;

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
  private listed: UnitIndex | undefined;
  private cachedAll: UnitIndex | undefined;
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

  /** One of them. */
  unit(index: number): Unit {
    return this.whole(this.dwarf.units[index]!).unit;
  }

  /** The debug information in the ELF, then that of each file which it is split into. */
  get dwarfs(): readonly Dwarf[] {
    return [this.dwarf, ...this.units.flatMap(({ dwarf }) => (dwarf === this.dwarf ? [] : [dwarf]))];
  }

  private whole(unit: Unit): DwarfUnit {
    if (unit.root.dwoName === undefined) return { dwarf: this.dwarf, unit };
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
    const place = this.placeOf(address);
    if (place !== undefined && place.index >= 0) return this.chain(place.tables, place.index, place.row);
    const symbol = codeSymbolAt(this.symbolTable, address);
    const location = place === undefined ? undefined : rowLocation(place.tables, place.row);
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

  /** By the list that the ELF has of its units' code; where that says nothing, or what the unit itself does not know of, by all units. */
  private placeOf(address: Address): Place | undefined {
    return (
      this.placeIn(unitsAt((this.listed ??= indexListed(this.dwarf)), address), address) ??
      this.placeIn(unitsAt(this.all, address), address)
    );
  }

  /** The first unit that has a function there, else the first that has a line. */
  private placeIn(units: readonly number[], address: Address): Place | undefined {
    let withoutFunction: Place | undefined;
    for (const unit of units) {
      const tables = this.tablesOf(unit);
      const row = tables.lines === undefined ? -1 : rowAt(tables.lines, address);
      const index = functionAt(tables.functions, address);
      if (index >= 0) return { tables, index, row };
      if (row >= 0) withoutFunction ??= { tables, index, row };
    }
    return withoutFunction;
  }

  private get all(): UnitIndex {
    return (this.cachedAll ??= indexUnits(this.dwarf, this.scratch));
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
    if (plain !== undefined && PLAIN_NAME_LANGUAGES.has(tables.unit.root.language))
      return { name: plain, source: "dwarf" };
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
    const [first] = unitsAt(this.all, address);
    return first === undefined ? undefined : this.unit(first);
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
