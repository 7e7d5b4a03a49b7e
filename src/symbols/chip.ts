// What an ESP-IDF application says of itself and of its chip: the application description, the memory regions that the heap
// is made of with their capabilities, and which chip it was built for.
import type { Address, Bytes, Caps } from "../base/units.ts";
import { stringAt } from "./cursor.ts";
import type { StructLayout } from "./dwarf/layouts.ts";
import type { Unit } from "./dwarf/units.ts";
import { textOf } from "./dwarf/forms.ts";
import { memoryAt, sectionContents, sectionNamed, type Elf } from "./elf.ts";
import { symbolsNamed, type SymbolTable } from "./symtab.ts";
import { mostOften } from "./votes.ts";

/** `esp_app_desc_t` (ESP-IDF, esp_app_format/include/esp_app_desc.h), as far as an ELF has it filled in. */
export interface AppDescription {
  readonly project: string;
  readonly version: string;
  /** As the compiler wrote it: "Nov 22 2026 21:04:44"; empty in reproducible builds. */
  readonly built: string;
  readonly idfVersion: string;
}

export interface MemoryRegion {
  /** The name of its type: "DRAM", "D/IRAM", "SPIRAM" … */
  readonly name: string;
  readonly start: Address;
  readonly size: Bytes;
  /** The capabilities that requests are matched with, in the order of preference. */
  readonly caps: readonly Caps[];
  /** Where the same memory can be executed from; undefined when it has no second address. */
  readonly iramAddress: Address | undefined;
  /** Whether it becomes heap only when the scheduler runs, because start-up code has its stack there. */
  readonly startupStack: boolean;
}

const APP_MAGIC = 0xabcd5432;

export function readAppDescription(elf: Elf, symbols: SymbolTable): AppDescription | undefined {
  const section = sectionNamed(elf, ".flash.appdesc");
  const symbol = symbolsNamed(symbols, "esp_app_desc")[0];
  const bytes = section !== undefined ? sectionContents(elf, section) : symbol && memoryAt(elf, symbol.address, 256);
  if (bytes === undefined || bytes.length < 144 || readWord(bytes, 0) !== APP_MAGIC) return undefined;
  const text = (at: number, size: number): string => stringAt(bytes.subarray(0, at + size), at);
  return {
    version: text(16, 32),
    project: text(48, 32),
    built: `${text(96, 16)} ${text(80, 16)}`.trim(),
    idfVersion: text(112, 32),
  };
}

function readWord(bytes: Uint8Array, at: number, size = 4): number {
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}

/** The regions of `soc_memory_regions`; empty when the firmware has no such tables or no debug information for them. */
export function readRegions(
  elf: Elf,
  symbols: SymbolTable,
  layout: (name: string) => StructLayout | undefined,
): MemoryRegion[] {
  const types = tableOf(elf, symbols, "soc_memory_types", layout("soc_memory_type_desc_t"));
  const regions = tableOf(elf, symbols, "soc_memory_regions", layout("soc_memory_region_t"));
  return regions.map((region) => {
    const type = types[region("type")[0] ?? 0];
    const nameAt = type?.("name")[0];
    const name = nameAt === undefined ? undefined : memoryAt(elf, nameAt, 64);
    return {
      name: name === undefined ? "" : stringAt(name, 0),
      start: region("start")[0] ?? 0,
      size: region("size")[0] ?? 0,
      caps: type?.("caps") ?? [],
      iramAddress: region("iram_address")[0] || undefined,
      startupStack: (region("startup_stack")[0] ?? type?.("startup_stack")[0] ?? 0) !== 0,
    };
  });
}

/** A row of a table: the values of a member, several when it is an array, none when there is no such member. */
type Row = (member: string) => number[];

/** A chip has at most some fifty regions; a table that claims more is damaged. */
const MAX_ROWS = 1024;

function tableOf(elf: Elf, symbols: SymbolTable, name: string, layout: StructLayout | undefined): Row[] {
  const symbol = symbolsNamed(symbols, name)[0];
  if (symbol === undefined || layout === undefined || layout.size === 0) return [];
  const bytes = memoryAt(elf, symbol.address, symbol.size);
  if (bytes === undefined) return [];
  const rows: Row[] = [];
  for (let at = 0; at + layout.size <= bytes.length && rows.length < MAX_ROWS; at += layout.size) {
    rows.push((member) => {
      const found = layout.members.get(member);
      if (found === undefined) return [];
      const count = Math.min(found.count ?? 1, 16);
      const size = found.count === undefined ? found.size : found.size / Math.max(found.count, 1);
      return Array.from({ length: count }, (_, i) => readWord(bytes, at + found.offset + i * size, Math.min(size, 8)));
    });
  }
  return rows;
}

/**
 * The chip, in ESP-IDF's spelling ("esp32", "esp32c3"), from the folders and compiler options of its chip-specific code;
 * undefined when nothing says so.
 */
export function readChip(units: readonly Unit[]): string | undefined {
  const votes = new Map<string, number>();
  const vote = (chip: string | undefined): void => {
    if (chip !== undefined) votes.set(chip, (votes.get(chip) ?? 0) + 1);
  };
  for (const unit of units) {
    // Of Windows with its own separators; of PlatformIO and Arduino, whose libraries come compiled, by the folder of the chip's SDK.
    const file = textOf(unit.root.name).replaceAll("\\", "/");
    if (file.length > 2000 || votes.size > 100) continue; // damage, over which the patterns would take long
    vote(/\/(?:soc|hal|port|esp_hw_support|esp_rom)\/(?:[a-z_]+\/)?(esp32[a-z0-9]*)\//.exec(file)?.[1]);
    vote(/\/(?:sdk|esp32-arduino-libs|tools\/esp32-arduino-libs)\/(esp32[a-z0-9]*)\//.exec(file)?.[1]);
    vote(/-mdynconfig=xtensa_(esp32[a-z0-9]*)\.so/.exec(textOf(unit.root.producer))?.[1]);
  }
  return mostOften(votes);
}
