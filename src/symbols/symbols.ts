// The whole of what an ELF tells, behind one object: frames, whose they are, the chip's memory, structure layouts. Each answer
// is worked out when it is first asked for, and kept.
import type { Address, Bytes } from "../base/units.ts";
import { allocatorTest, type AllocatorPattern } from "./allocators.ts";
import { findRoots, type AttributedChain, type AttributedFrame } from "./attribution.ts";
import { readAppDescription, readChip, readRegions, type AppDescription, type MemoryRegion } from "./chip.ts";
import { withDebugLink, type CompanionFinder } from "./companions.ts";
import type { Inflaters } from "./compression.ts";
import { componentsOf, type ComponentRam } from "./components.ts";
import { demangle } from "./demangle/demangle.ts";
import { indexTypes, layoutNamed, type StructLayout, type TypeIndex } from "./dwarf/layouts.ts";
import type { Dwarf } from "./dwarf/units.ts";
import { variableFacts } from "./dwarf/variables.ts";
import { isData, isExecutable, memoryAt, readElf, type Architecture, type Elf } from "./elf.ts";
import { type FileOwner, ownerOfFile, type Roots } from "./file-owner.ts";
import { inputAt, readLinkerMap, type LinkerMap } from "./map-file.ts";
import type { Problem } from "./problems.ts";
import { callSiteOf, followsCall, isCallAt, withoutWindow } from "./return-address.ts";
import { matchElf, sha256Hex, type ElfMatch } from "./sha256.ts";
import { Symbolizer, type Frame } from "./symbolizer.ts";
import { codeSymbolAt, symbolsNamed, variableSymbolAt, type ElfSymbol } from "./symtab.ts";
import { readFrameTable, type FrameTable } from "./unwind/frame-table.ts";
import { placeIn } from "./whose-code.ts";
import { unwindRiscv } from "./unwind/riscv.ts";
import { isRom, type CallStack, type MemoryReader, type ProcessorState } from "./unwind/stack.ts";
import { unwindXtensa } from "./unwind/xtensa.ts";

export interface OpenOptions {
  /** ELFs to ask where the application's has no code, such as the chip's ROM ELF of ESP-IDF's tools. */
  readonly rom?: readonly Uint8Array[];
  /** Asked for ROM ELFs of a chip ("esp32c3"), once, when the first address in its ROM comes up and `rom` is not given. */
  readonly findRom?: (chip: string) => readonly Uint8Array[];
  /** Functions that pass allocations on, beside those that memmap knows. */
  readonly allocators?: readonly AllocatorPattern[];
  /** The linker's map file: whose code is that has no debug information. Read when such code comes up. */
  readonly map?: string | Uint8Array;
  /** Asked for the files that the ELF says its debug information is in. */
  readonly findCompanion?: CompanionFinder;
  /** Where the project and ESP-IDF were built; found from the debug information when not given. */
  readonly roots?: Partial<Roots>;
}

/** As `openSymbols` (index.ts), for a caller with libraries of its own. */
export function openElf(bytes: Uint8Array, inflaters: Inflaters, options: OpenOptions = {}): Symbols {
  const { findCompanion = () => undefined } = options;
  return new Symbols(withDebugLink(readElf(bytes, inflaters), findCompanion), options);
}

/** Part of a static variable. */
export interface VariablePlace extends FileOwner {
  /** Demangled. */
  readonly name: string;
  readonly start: Address;
  readonly size: Bytes;
  /** As C writes it behind the name: ".outbox.head", "[3].next"; empty for the variable itself. */
  readonly member: string;
  /** How far into that the address is. */
  readonly rest: Bytes;
  /** Where the variable is declared; as the compiler saw it. `path` is for showing. */
  readonly file: string | undefined;
  readonly line: number | undefined;
}

/** Pointers in a log or a dump are the same few. */
const CACHED_PLACES = 4096;

export class Symbols {
  readonly elf: Elf;
  readonly architecture: Architecture;
  private readonly application: Symbolizer;
  private readonly givenRoms: readonly Symbolizer[];
  private readonly findRom: OpenOptions["findRom"];
  private foundRoms: readonly Symbolizer[] | undefined;
  private readonly isAllocatorName: (name: string | undefined) => boolean;
  private readonly givenRoots: Partial<Roots>;
  private readonly owners = new Map<string, FileOwner>();
  private readonly layouts = new Map<string, StructLayout | undefined>();
  private readonly attributed = new WeakMap<Frame, AttributedFrame>();
  private readonly places = new Map<Address, VariablePlace | undefined>();
  private readonly mapFile: string | Uint8Array | undefined;
  private cachedMap: LinkerMap | undefined;
  private cachedRoots: Roots | undefined;
  private cachedSha256: string | undefined;
  private cachedRegions: readonly MemoryRegion[] | undefined;
  private cachedTypes: readonly (readonly [Dwarf, TypeIndex])[] | undefined;
  private cachedComponents: readonly ComponentRam[] | undefined;
  private cachedFrameTables: readonly FrameTable[] | undefined;

  constructor(elf: Elf, options: OpenOptions) {
    this.elf = elf;
    this.architecture = elf.architecture;
    this.application = new Symbolizer(elf, (address) => this.archiveOf(address), options.findCompanion);
    this.givenRoms = (options.rom ?? []).map((bytes) => new Symbolizer(readElf(bytes, elf.inflaters)));
    this.findRom = options.findRom;
    this.isAllocatorName = allocatorTest(options.allocators ?? []);
    this.givenRoots = options.roots ?? {};
    this.mapFile = options.map;
  }

  /**
   * The chain of calls that are inlined into one another at an address of code, innermost first; at least one frame, whose
   * fields are undefined where nothing is known. The address is taken as it is: see `symbolizeReturn`.
   */
  symbolize(address: Address): readonly Frame[] {
    return this.sourceOf(address).symbolize(address);
  }

  /** The chain at the call that comes back to a return address, as call stacks hold them. */
  symbolizeReturn(returnAddress: Address): readonly Frame[] {
    return this.symbolize(this.callSite(returnAddress));
  }

  /** The address inside of the call instruction in front of a return address. */
  callSite(returnAddress: Address): Address {
    return callSiteOf(this.architecture, returnAddress);
  }

  /** Whether an address lies in code of the application or of a ROM. */
  isCode(address: Address): boolean {
    return isExecutable(this.elf, address) || this.romsAt(address).some((rom) => isExecutable(rom.elf, address));
  }

  /**
   * The call stack of a processor that has stopped: RISC-V by call frame information, Xtensa by its register windows. Words that `memory` does
   * not know end it.
   */
  unwind(state: ProcessorState, memory: MemoryReader): CallStack {
    if (this.architecture === "xtensa") return unwindXtensa(this, state, memory);
    this.cachedFrameTables ??= [this.application, ...this.givenRoms].map(({ elf }) => readFrameTable(elf));
    return unwindRiscv(this.cachedFrameTables, this, state, memory);
  }

  /** Whether a call stands in front of the address, as in front of every return address. */
  followsCall(address: Address): boolean {
    const plain = this.architecture === "xtensa" ? withoutWindow(address) : address;
    return this.isCode(plain) && followsCall(this.architecture, plain, this.codeReader);
  }

  /** Whether a function begins at the address, as where pointers to functions point. */
  startsFunction(address: Address): boolean {
    return codeSymbolAt(this.application.symbolTable, address)?.address === address;
  }

  /** Whether the instruction at the address is a call, as where a backtrace names call sites. */
  isCall(address: Address): boolean {
    return this.isCode(address) && isCallAt(this.architecture, address, this.codeReader);
  }

  private readonly codeReader = (address: Address, size: Bytes): Uint8Array | undefined =>
    memoryAt(this.sourceOf(address).elf, address, size);

  /**
   * Whose each frame is, which of them is the user's, and which to name as the site. For a whole stack, pass the frames of
   * all its addresses, innermost first.
   */
  attribute(chain: readonly Frame[]): AttributedChain {
    const frames = chain.map((frame) => this.attributeFrame(frame));
    const place = placeIn(frames, ({ isAllocator }) => isAllocator);
    return {
      frames,
      user: place?.isOwn === true ? place.at : undefined,
      site: place?.at ?? Math.max(frames.length - 1, 0),
    };
  }

  private attributeFrame(frame: Frame): AttributedFrame {
    let known = this.attributed.get(frame);
    if (known === undefined) {
      const owner: FileOwner = this.ownerOf(frame.file);
      known = { ...frame, ...owner, isAllocator: this.isAllocatorName(frame.function) };
      this.attributed.set(frame, known);
    }
    return known;
  }

  /** Whose a source file is, and how its path is shown. */
  ownerOf(file: string | undefined): FileOwner {
    if (file === undefined) return { origin: "unknown", component: undefined, path: "" };
    let owner = this.owners.get(file);
    if (owner === undefined) this.owners.set(file, (owner = ownerOfFile(file, this.roots)));
    return owner;
  }

  /**
   * The static variable that an address of data lies in; undefined for the heap, stacks and all else. By debug information where it says
   * something, else by the symbol table, which knows no members.
   */
  variableAt(address: Address): VariablePlace | undefined {
    if (this.places.has(address)) return this.places.get(address);
    if (this.places.size > CACHED_PLACES) this.places.clear();
    const place = this.findVariable(address);
    this.places.set(address, place);
    return place;
  }

  private findVariable(address: Address): VariablePlace | undefined {
    const { symbolTable, variables } = this.application;
    if (!isData(this.elf, address)) return undefined;
    const symbol = variableSymbolAt(symbolTable, address);
    const facts = variableFacts(variables, address);
    const isKnown = facts !== undefined && address < facts.address + Math.max(facts.size, 1);
    if (!isKnown || (symbol !== undefined && symbol.address > facts.address)) {
      if (symbol === undefined) return undefined;
      const { address: start, size, file } = symbol;
      return {
        name: demangle(symbol.name),
        start,
        size,
        member: "",
        rest: address - start,
        file,
        line: undefined,
        ...this.ownerOf(file),
      };
    }
    const file = facts.file === undefined ? undefined : this.application.fileOf(facts.unit, facts.file);
    const { address: start, size, member, rest, line } = facts;
    const name = symbol?.address === start ? demangle(symbol.name) : facts.name;
    return { name, start, size, member, rest, file, line, ...this.ownerOf(file) };
  }

  /** What an address was linked from, such as "esp-idf/heap/libheap.a(heap_caps.c.obj)"; undefined without a map. */
  archiveOf(address: Address): string | undefined {
    const { map } = this;
    return map === undefined ? undefined : inputAt(map, address)?.file;
  }

  private get map(): LinkerMap | undefined {
    if (this.mapFile === undefined) return undefined;
    return (this.cachedMap ??= readLinkerMap(
      typeof this.mapFile === "string" ? this.mapFile : new TextDecoder().decode(this.mapFile),
    ));
  }

  /** Where the project and ESP-IDF were when this was built. */
  get roots(): Roots {
    const { application } = this;
    return (this.cachedRoots ??= {
      ...findRoots(application.dwarf.units.length, (index) => application.unit(index)),
      ...this.givenRoots,
    });
  }

  /** 64 hexadecimal digits, of the whole file. */
  get sha256(): string {
    return (this.cachedSha256 ??= sha256Hex(this.elf.bytes));
  }

  /** Whether a recording with this hash was made by this ELF. */
  matches(recordedSha256: string | Uint8Array): ElfMatch {
    return matchElf(this.sha256, recordedSha256);
  }

  /** Undefined when the ELF is no ESP-IDF application. */
  get app(): AppDescription | undefined {
    return readAppDescription(this.elf, this.application.symbolTable);
  }

  /** "esp32", "esp32c3" …; undefined when the ELF does not say. */
  get chip(): string | undefined {
    return readChip(this.application.units.map(({ unit }) => unit));
  }

  /** The memory that the chip's heap is made of, before the program's own variables are taken from it. */
  get regions(): readonly MemoryRegion[] {
    return (this.cachedRegions ??= readRegions(this.elf, this.application.symbolTable, (name) => this.layout(name)));
  }

  /** A structure's size and members by its name or typedef; undefined when the ELF has none of that name. */
  layout(name: string): StructLayout | undefined {
    if (!this.layouts.has(name)) {
      this.cachedTypes ??= this.application.dwarfs.map((dwarf) => [dwarf, indexTypes(dwarf)]);
      let layout: StructLayout | undefined;
      for (const [dwarf, types] of this.cachedTypes) layout ??= layoutNamed(dwarf, types, name);
      this.layouts.set(name, layout);
    }
    return this.layouts.get(name);
  }

  /** All symbols of a name: static variables may occur more than once. */
  find(name: string): readonly ElfSymbol[] {
    return symbolsNamed(this.application.symbolTable, name);
  }

  /** Initialized memory as the file has it, such as constants in flash; undefined where the file has none. */
  read(address: Address, size: Bytes): Uint8Array | undefined {
    return memoryAt(this.elf, address, size);
  }

  /** Static RAM by component, largest first. */
  get components(): readonly ComponentRam[] {
    return (this.cachedComponents ??= componentsOf(this.application, (file) => this.ownerOf(file), this.map));
  }

  /** How many compilation units there are of each DWARF version; empty when there is no debug information. */
  get dwarfVersions(): ReadonlyMap<number, number> {
    const versions = new Map<number, number>();
    for (const { version } of this.application.dwarf.units) versions.set(version, (versions.get(version) ?? 0) + 1);
    return new Map([...versions].sort((a, b) => a[0] - b[0]));
  }

  /** "lines" with debug information, "names" with only a symbol table, "nothing" of a fully stripped file. */
  get knows(): "lines" | "names" | "nothing" {
    if (this.application.dwarf.units.length > 0) return "lines";
    return this.application.symbolTable.code.length > 0 ? "names" : "nothing";
  }

  /** What could not be read, as far as reading has come: what is shown may be incomplete when this is not empty. */
  get problems(): readonly Problem[] {
    return [this.elf, ...[...this.givenRoms, ...(this.foundRoms ?? [])].map(({ elf }) => elf)].flatMap(({ problems }) =>
      problems.list(),
    );
  }

  private romsAt(address: Address): readonly Symbolizer[] {
    if (this.givenRoms.length > 0 || this.findRom === undefined || !isRom(address)) return this.givenRoms;
    const { chip } = this;
    return (this.foundRoms ??= (chip === undefined ? [] : this.findRom(chip)).map(
      (bytes) => new Symbolizer(readElf(bytes, this.elf.inflaters)),
    ));
  }

  private sourceOf(address: Address): Symbolizer {
    if (isExecutable(this.elf, address)) return this.application;
    return this.romsAt(address).find(({ elf }) => isExecutable(elf, address)) ?? this.application;
  }
}
