// ELF32 little-endian: header, sections, segments, and section contents by name or address. Format: System V ABI, chapters 4
// and 5 (gABI); machine numbers from the Xtensa and RISC-V supplements.
import { countUpTo } from "../base/bisect.ts";
import { MemmapError } from "../base/errors.ts";
import type { Address, Bytes, FileOffset } from "../base/units.ts";
import { inflateSection, type Inflaters } from "./compression.ts";
import { Cursor, stringAt } from "./cursor.ts";
import { ProblemList } from "./problems.ts";

const EM_XTENSA = 94;
const EM_RISCV = 243;
export const SHT_NOBITS = 8;
const SHF_ALLOC = 2;
const SHF_EXECINSTR = 4;
const SHF_WRITE = 1;
const SHF_COMPRESSED = 0x800;
const PT_LOAD = 1;
const PF_X = 1;

export type Architecture = "xtensa" | "riscv" | "other";

export interface ElfSection {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: Address;
  readonly offset: FileOffset;
  readonly size: Bytes;
  readonly link: number;
  readonly info: number;
  readonly entrySize: Bytes;
  /** The file that it is in. */
  readonly file: Uint8Array;
}

export interface ElfSegment {
  readonly type: number;
  readonly flags: number;
  readonly offset: FileOffset;
  readonly address: Address;
  readonly fileSize: Bytes;
  readonly memorySize: Bytes;
}

export interface Elf {
  readonly bytes: Uint8Array;
  /** `e_type`: 2 executable, 4 core dump. */
  readonly type: number;
  /** `e_machine`. */
  readonly machine: number;
  readonly architecture: Architecture;
  readonly entry: Address;
  readonly sections: readonly ElfSection[];
  readonly segments: readonly ElfSegment[];
  readonly problems: ProblemList;
  /** Contents by section index, filled when first asked for. */
  readonly contents: Map<number, Uint8Array>;
  readonly inflaters: Inflaters;
  /** Executable address ranges, ascending and disjoint: start, end, start, end … */
  readonly executable: Float64Array;
}

/**
 * Reads header and tables; section contents stay untouched until they are asked for.
 *
 * @throws MemmapError `elf-invalid` when this is no ELF at all or cut before its tables, `elf-unsupported` for another class
 */
export function readElf(bytes: Uint8Array, inflaters: Inflaters): Elf {
  if (bytes.length < 52 || bytes[0] !== 0x7f || bytes[1] !== 0x45 || bytes[2] !== 0x4c || bytes[3] !== 0x46) {
    throw new MemmapError("this is not an ELF file", {
      code: "elf-invalid",
      hint: "Give the .elf that the build made (build/<project>.elf), not the .bin that is flashed.",
    });
  }
  if (bytes[4] !== 1 || bytes[5] !== 1) {
    throw new MemmapError("this ELF file is not a 32-bit little-endian one", {
      code: "elf-unsupported",
      hint: "Every ESP32 chip is 32-bit little-endian; this file was built for another machine.",
    });
  }
  const problems = new ProblemList();
  const header = new Cursor(bytes, 16);
  const type = header.u16();
  const machine = header.u16();
  header.skip(4);
  const entry = header.u32();
  const segmentTable = header.u32();
  const sectionTable = header.u32();
  header.skip(6);
  const segmentSize = header.u16();
  const segmentCount = header.u16();
  const sectionSize = header.u16();
  const sectionCount = header.u16();
  const nameSection = header.u16();

  const segments = readSegments(bytes, segmentTable, segmentSize, segmentCount, problems);
  const sections = readSections(bytes, sectionTable, sectionSize, sectionCount, nameSection, problems);
  if (sections.length === 0 && segments.length === 0) {
    throw new MemmapError("this ELF file ends before its tables", {
      code: "elf-invalid",
      hint: "The file is cut or damaged: build or copy it again.",
    });
  }
  const architecture = machine === EM_XTENSA ? "xtensa" : machine === EM_RISCV ? "riscv" : "other";
  const executable = executableRanges(sections, segments);
  return {
    bytes,
    type,
    machine,
    architecture,
    entry,
    sections,
    segments,
    problems,
    contents: new Map(),
    inflaters,
    executable,
  };
}

/** Undefined where it is none: as good as not there. */
export function tryReadElf(bytes: Uint8Array, inflaters: Inflaters): Elf | undefined {
  try {
    return readElf(bytes, inflaters);
  } catch (error) {
    if (error instanceof MemmapError) return undefined;
    throw error;
  }
}

function readSegments(
  bytes: Uint8Array,
  table: number,
  size: number,
  count: number,
  problems: ProblemList,
): ElfSegment[] {
  const segments: ElfSegment[] = [];
  if (table === 0) return segments;
  for (let i = 0; i < count; i++) {
    const at = new Cursor(bytes, table + i * size);
    const type = at.u32();
    const offset = at.u32() as FileOffset;
    const address = at.u32();
    at.skip(4);
    const fileSize = at.u32();
    const memorySize = at.u32();
    const flags = at.u32();
    if (at.overrun || size < 32) {
      problems.add("elf-cut", "the table of program headers is cut");
      break;
    }
    segments.push({ type, flags, offset, address, fileSize, memorySize });
  }
  return segments;
}

function readSections(
  bytes: Uint8Array,
  table: number,
  entrySize: number,
  headerCount: number,
  headerNames: number,
  problems: ProblemList,
): ElfSection[] {
  if (table === 0) return [];
  const raw: { name: number; section: ElfSection }[] = [];
  let count = headerCount;
  let names = headerNames;
  for (let i = 0; i < Math.max(count, 1); i++) {
    const at = new Cursor(bytes, table + i * entrySize);
    const name = at.u32();
    const type = at.u32();
    const flags = at.u32();
    const address = at.u32();
    const offset = at.u32() as FileOffset;
    const size = at.u32();
    const link = at.u32();
    const info = at.u32();
    at.skip(4);
    const elementSize = at.u32();
    if (at.overrun || entrySize < 40) {
      problems.add("elf-cut", "the table of sections is cut");
      break;
    }
    if (i === 0) {
      // Section 0 carries the numbers that do not fit into 16 bits.
      if (count === 0) count = Math.min(size, Math.floor(bytes.length / 40));
      if (names === 0xffff) names = link;
    }
    raw.push({
      name,
      section: {
        index: i,
        name: "",
        type,
        flags,
        address,
        offset,
        size,
        link,
        info,
        entrySize: elementSize,
        file: bytes,
      },
    });
  }
  const nameTable = raw[names]?.section;
  const nameBytes = nameTable === undefined ? new Uint8Array(0) : fileBytes(bytes, nameTable.offset, nameTable.size);
  return raw.map(({ name, section }) => ({ ...section, name: stringAt(nameBytes, name).slice(0, 256) }));
}

function fileBytes(bytes: Uint8Array, offset: FileOffset, size: number): Uint8Array {
  return bytes.subarray(Math.min(offset, bytes.length), Math.min(offset + size, bytes.length));
}

/** Merged ranges of all code: from sections when there are any, else from executable segments. */
function executableRanges(sections: readonly ElfSection[], segments: readonly ElfSegment[]): Float64Array {
  const ranges: [number, number][] = [];
  for (const section of sections) {
    if (isLoaded(section) && isCode(section)) ranges.push([section.address, section.address + section.size]);
  }
  if (sections.length === 0) {
    for (const { type, flags, address, memorySize } of segments) {
      if (type === PT_LOAD && (flags & PF_X) !== 0) ranges.push([address, address + memorySize]);
    }
  }
  ranges.sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const range of ranges) {
    const last = merged.at(-1);
    if (last !== undefined && range[0] <= last[1]) last[1] = Math.max(last[1], range[1]);
    else merged.push(range);
  }
  return Float64Array.from(merged.flat());
}

/** Whether the address lies in code. */
export function isExecutable(elf: Elf, address: Address): boolean {
  return executableRange(elf, address) >= 0;
}

/** Where in `executable` the range starts that the address lies in; -1 when it is in none. */
export function executableRange(elf: Elf, address: Address): number {
  const passed = countUpTo(elf.executable, address);
  // Starts and ends alternate: behind a start and before its end, an odd number of them has gone by.
  return (passed & 1) === 1 ? passed - 1 : -1;
}

/** Whether the address lies in the program's own data, constants included. */
export function isData(elf: Elf, address: Address): boolean {
  return elf.sections.some(
    (section) =>
      isLoaded(section) && !isCode(section) && address >= section.address && address < section.address + section.size,
  );
}

export function sectionNamed(elf: Elf, name: string): ElfSection | undefined {
  return elf.sections.find((section) => section.name === name);
}

/** A section's bytes, decompressed if need be; empty when it has none in the file. */
export function sectionContents(elf: Elf, section: ElfSection): Uint8Array {
  const known = elf.contents.get(section.index);
  if (known !== undefined) return known;
  let contents: Uint8Array = new Uint8Array(0);
  if (section.type !== SHT_NOBITS) {
    contents = fileBytes(section.file, section.offset, section.size);
    if (contents.length < section.size)
      elf.problems.add("section-cut", `section ${section.name} reaches past the end of the file`);
    if ((section.flags & SHF_COMPRESSED) !== 0 || section.name.startsWith(".zdebug_")) {
      contents = inflateSection(contents, section.name, elf.inflaters, elf.problems);
    }
  }
  elf.contents.set(section.index, contents);
  return contents;
}

/** The bytes of a debug section such as ".debug_info", also in its old compressed form ".zdebug_info"; empty when absent. */
export function debugSection(elf: Elf, name: string): Uint8Array {
  const section = sectionNamed(elf, name) ?? sectionNamed(elf, name.replace(".debug_", ".zdebug_"));
  return section === undefined ? new Uint8Array(0) : sectionContents(elf, section);
}

/** Up to `size` bytes of initialized memory at an address; undefined when the file holds none of them. */
export function memoryAt(elf: Elf, address: Address, size: Bytes): Uint8Array | undefined {
  for (const section of elf.sections) {
    if ((section.flags & SHF_ALLOC) === 0 || section.type === SHT_NOBITS) continue;
    if (address < section.address || address >= section.address + section.size) continue;
    const from = address - section.address;
    return sectionContents(elf, section).subarray(from, from + size);
  }
  for (const segment of elf.segments) {
    if (segment.type !== PT_LOAD || address < segment.address || address >= segment.address + segment.fileSize)
      continue;
    const from = (segment.offset + (address - segment.address)) as FileOffset;
    return fileBytes(elf.bytes, from, Math.min(size, segment.address + segment.fileSize - address));
  }
  return undefined;
}

/** Sections that occupy memory on the chip. */
export function isLoaded(section: ElfSection): boolean {
  return (section.flags & SHF_ALLOC) !== 0 && section.size > 0;
}

export function isWritable(section: ElfSection): boolean {
  return (section.flags & SHF_WRITE) !== 0;
}

export function isCode(section: ElfSection): boolean {
  return (section.flags & SHF_EXECINSTR) !== 0;
}
