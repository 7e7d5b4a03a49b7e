// The library's public entry, `memmap/symbols`: addresses of an ESP32 firmware to functions, lines and components.
import { Unzlib } from "fflate";
import { openElf, type OpenOptions, type Symbols } from "./symbols.ts";

export { MemmapError } from "../base/errors.ts";
export type { AttributedChain, AttributedFrame } from "./attribution.ts";
export type { AppDescription, MemoryRegion } from "./chip.ts";
export type { ComponentRam } from "./components.ts";
export { demangle } from "./demangle/demangle.ts";
export type { Member, StructLayout } from "./dwarf/layouts.ts";
export type { Architecture } from "./elf.ts";
export type { FileOwner, Origin, Roots } from "./file-owner.ts";
export {
  describeFrame,
  describeVariable,
  LogAnnotator,
  type Annotation,
  type AnnotatorOptions,
  type Contradiction,
  type ElfAnnotation,
  type LogNote,
  type StackAnnotation,
  type VariableAnnotation,
} from "./log/annotator.ts";
export type { Problem } from "./problems.ts";
export { callSiteOf } from "./return-address.ts";
export { matchElf, sha256Hex, type ElfMatch } from "./sha256.ts";
export type { CompanionFile, CompanionFinder } from "./companions.ts";
export { Symbols, type OpenOptions, type VariablePlace } from "./symbols.ts";
export type { Frame } from "./symbolizer.ts";
export type { ElfSymbol } from "./symtab.ts";
export { isRom } from "./unwind/stack.ts";
export type { CallStack, MemoryReader, ProcessorState, RegisterValues, StackFrame, UnwindEnd } from "./unwind/stack.ts";

/**
 * Opens an ELF. This reads its tables only; debug information is read as far as someone asks.
 *
 * @throws MemmapError `elf-invalid` or `elf-unsupported`. Damage behind the header is no error: see `Symbols.problems`.
 */
export function openSymbols(bytes: Uint8Array, options: OpenOptions = {}): Symbols {
  return openElf(bytes, { zlib: () => Unzlib }, options);
}
