// The files that an ELF names because the build has put debug information into them: where they are is for the caller to know.
import { crc32 } from "../base/crc32.ts";
import { stringAt } from "./cursor.ts";
import { sectionContents, sectionNamed, SHT_NOBITS, tryReadElf, type Elf, type ElfSection } from "./elf.ts";

export type CompanionFile =
  /** An unstripped copy (`objcopy --only-keep-debug`), named by .gnu_debuglink: beside the ELF, or in .debug beside it. */
  | { readonly kind: "debug-link"; readonly name: string }
  /** A .dwo file; relative names count from the folder that the compiler ran in. */
  | { readonly kind: "split-unit"; readonly name: string; readonly folder: string }
  /** All .dwo files in one: the ELF's name with .dwp behind it. */
  | { readonly kind: "split-package" };

/** The file's bytes; undefined where it is not there. */
export type CompanionFinder = (file: CompanionFile) => Uint8Array | undefined;

/**
 * An ELF with the debug information and symbols that it has elsewhere: as it is where it names no other file, or that file is not there (a problem says
 * so). Format of .gnu_debuglink: the name, padding to four bytes, and the CRC-32 of the whole file.
 */
export function withDebugLink(elf: Elf, find: CompanionFinder): Elf {
  const section = sectionNamed(elf, ".gnu_debuglink");
  if (section === undefined || sectionNamed(elf, ".debug_info") !== undefined) return elf;
  const contents = sectionContents(elf, section);
  const name = stringAt(contents, 0).slice(0, 256);
  const at = (name.length + 4) & ~3;
  const wanted =
    contents.length < at + 4 ? undefined : new DataView(contents.buffer, contents.byteOffset + at).getUint32(0, true);
  const bytes = name === "" ? undefined : find({ kind: "debug-link", name });
  if (bytes === undefined) {
    elf.problems.add("debug-link", `the debug information is in ${name} (.gnu_debuglink), which is not beside the ELF`);
    return elf;
  }
  const other = crc32(bytes) === wanted ? tryReadElf(bytes, elf.inflaters) : undefined;
  if (other === undefined) {
    elf.problems.add(
      "debug-link-other",
      `${name} is not the debug information of this ELF (its checksum differs): it is not used`,
    );
    return elf;
  }
  // The copy has the sections of the program too, but not their contents.
  const ownOf = (theirs: ElfSection): ElfSection | undefined =>
    theirs.type === SHT_NOBITS
      ? elf.sections.find(({ address, name: own }) => address === theirs.address && own === theirs.name)
      : undefined;
  const sections = other.sections.map((theirs) => ({ ...(ownOf(theirs) ?? theirs), index: theirs.index }));
  return { ...elf, sections, contents: new Map() };
}
