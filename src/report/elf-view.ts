// What an ELF says: application, chip, memory for heaps, static RAM by component, layouts of structures.
import type { Address, Bytes } from "../base/units.ts";
import type { Origin, Roots } from "../symbols/file-owner.ts";
import type { Architecture } from "../symbols/elf.ts";
import type { Symbols } from "../symbols/symbols.ts";
import { formatCaps } from "../wire/caps.ts";

/** Memory that a heap is made of, before the program's own variables are taken from it. */
export interface MemoryRangeView {
  /** Of its type: `DRAM`, `D/IRAM`, `SPIRAM`. */
  readonly name: string;
  readonly start: Address;
  /** First address behind it. */
  readonly end: Address;
  readonly totalBytes: Bytes;
  /** The capabilities that requests are matched with, in the order of preference. */
  readonly caps: readonly string[];
  /** Where the same memory can be executed from. */
  readonly executableStart?: Address;
  /** Whether it becomes heap only when the scheduler runs, because start-up code has its stack there. */
  readonly startupStack: boolean;
}

/** Static RAM of a component. */
export interface ComponentView {
  /** `(unknown)` for what neither debug information nor the map says anything about, `(no symbol)` for strings and literals that are nobody's, `(merged strings)` for those of several components. */
  readonly component: string;
  readonly origin: Origin;
  /** All of it. */
  readonly totalBytes: Bytes;
  /** Variables with an initial value, which take flash as well. */
  readonly dataBytes: Bytes;
  /** Variables that begin as zero, and those that are not initialized. */
  readonly bssBytes: Bytes;
  /** Code that runs from RAM. */
  readonly codeBytes: Bytes;
}

/** How many compilation units there are of a version of DWARF. */
export interface DwarfView {
  readonly version: number;
  readonly units: number;
}

/** Something that could not be read. */
export interface ProblemView {
  /** Stable, kebab-case. */
  readonly code: string;
  readonly message: string;
  readonly count: number;
}

export interface ElfView {
  readonly path: string;
  /** Of the file. */
  readonly size: Bytes;
  readonly elfSha256: string;
  readonly chip?: string;
  readonly architecture: Architecture;
  /** These four are absent where it is no ESP-IDF application. */
  readonly appName?: string;
  readonly appVersion?: string;
  readonly idfVersion?: string;
  /** As the compiler wrote it: `Nov 22 2026 21:04:44`; empty in reproducible builds. */
  readonly built?: string;
  /** Where the project and ESP-IDF were when this was built. */
  readonly projectPath?: string;
  readonly idfPath?: string;
  /** Empty where there is no debug information. */
  readonly dwarf: readonly DwarfView[];
  readonly regions: readonly MemoryRangeView[];
  /** Largest first. */
  readonly components: readonly ComponentView[];
  readonly problems: readonly ProblemView[];
}

export function viewElf(symbols: Symbols, path: string, size: Bytes): ElfView {
  const { app, chip, architecture, sha256, regions, components, roots, problems } = symbols;
  return {
    path,
    size,
    elfSha256: sha256,
    ...(chip !== undefined && { chip }),
    architecture,
    ...(app !== undefined && {
      appName: app.project,
      appVersion: app.version,
      idfVersion: app.idfVersion,
      built: app.built,
    }),
    ...viewRoots(roots),
    dwarf: [...symbols.dwarfVersions].map(([version, units]) => ({ version, units })),
    regions: regions.map(({ name, start, size: bytes, caps, iramAddress, startupStack }) => ({
      name,
      start,
      end: start + bytes,
      totalBytes: bytes,
      caps: caps.filter((set) => set !== 0).map(formatCaps),
      ...(iramAddress !== undefined && { executableStart: iramAddress }),
      startupStack,
    })),
    components: components.map(({ component, origin, data, bss, iram }) => ({
      component,
      origin,
      totalBytes: data + bss + iram,
      dataBytes: data,
      bssBytes: bss,
      codeBytes: iram,
    })),
    problems,
  };
}

function viewRoots({ project, idf }: Roots): Pick<ElfView, "projectPath" | "idfPath"> {
  return { ...(project !== undefined && { projectPath: project }), ...(idf !== undefined && { idfPath: idf }) };
}

/** A member of a structure. */
export interface MemberView {
  readonly name: string;
  /** From the start of the structure. For a bit field, of the byte that its first bit is in. */
  readonly offset: Bytes;
  /** 0 where the debug information does not say. */
  readonly size: Bytes;
  /** As C would write it. */
  readonly type: string;
  /** Elements, where it is an array. */
  readonly elements?: number;
  /** Of a bit field: its first bit, counted from the lowest of the byte at `offset`, and how many there are. */
  readonly firstBit?: number;
  readonly bits?: number;
}

/** A structure. */
export interface StructureView {
  readonly name: string;
  /** Absent where the debug information has no structure of this name. */
  readonly size?: Bytes;
  readonly members: readonly MemberView[];
}

export interface LayoutsView {
  readonly structures: readonly StructureView[];
}

export function viewLayouts(symbols: Symbols, names: readonly string[]): LayoutsView {
  return { structures: names.map((name) => viewStructure(symbols, name)) };
}

function viewStructure(symbols: Symbols, name: string): StructureView {
  const layout = symbols.layout(name);
  if (layout === undefined) return { name, members: [] };
  return {
    name,
    size: layout.size,
    members: [...layout.members.values()].map(({ name: member, offset, size, type, count, bits }) => ({
      name: member,
      offset,
      size,
      type,
      ...(count !== undefined && { elements: count }),
      ...(bits !== undefined && { firstBit: bits.first, bits: bits.count }),
    })),
  };
}
