// Finds and reads the firmware's ELF: a file, or a folder of an ESP-IDF, PlatformIO or other project, or nothing at all, which
// means the project that the user stands in.
import { readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { MemmapError } from "../base/errors.ts";
import { unreadable } from "../capture/unreadable.ts";
import type { CompanionFile, CompanionFinder } from "../symbols/companions.ts";
import { openElf, type OpenOptions, type Symbols } from "../symbols/symbols.ts";
import { entriesOf } from "./folder-entries.ts";
import { inflaters } from "./inflaters.ts";
import { findRomElf } from "./rom-elfs.ts";

export interface FoundElf {
  readonly path: string;
  /** Others that were there too; the newest was taken. */
  readonly others: readonly string[];
}

/** Folders above the one the user stands in that are looked into: a component's source is some levels deep. */
const MAX_PARENTS = 6;

/**
 * The ELF that `given` means: a file is itself; a folder is a project; nothing is the project around the current folder.
 *
 * @throws MemmapError `elf-missing`
 */
export function findElf(given: string | undefined, from = process.cwd()): FoundElf {
  if (given !== undefined) {
    const path = resolve(from, given);
    if (!isFolder(path)) {
      if (isFile(path)) return { path: given, others: [] };
      throw missing(`${given} does not exist`, "Check the path; a project's folder will do as well as the .elf.");
    }
    const found = newest(elfsOfProject(path));
    if (found === undefined) throw missing(`no ELF in ${given}`, "Build the project first (idf.py build, pio run).");
    return shown(found, from);
  }
  let folder = from;
  for (let i = 0; i < MAX_PARENTS; i++) {
    const found = newest(elfsOfProject(folder));
    if (found !== undefined) return shown(found, from);
    const parent = dirname(folder);
    if (parent === folder) break;
    folder = parent;
  }
  throw missing(
    "no ELF here: neither build/*.elf of ESP-IDF nor .pio/build/*/firmware.elf of PlatformIO",
    "Name the .elf or the project's folder, or go into the project and build it first.",
  );
}

/** As `findElf` without a name, but undefined when there is none: for commands that can do without. */
export function tryFindElf(from = process.cwd()): FoundElf | undefined {
  try {
    return findElf(undefined, from);
  } catch (error) {
    if (error instanceof MemmapError) return undefined;
    throw error;
  }
}

/** @throws MemmapError `file-missing`, `file-permission` or `file-unreadable` */
export function readElfFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * The linker's map of an ELF, which says whose code without debug information is; undefined when there is none. ESP-IDF, Arduino and PlatformIO write it
 * next to the ELF; older PlatformIO under the project's name, into the project. One of another name must say that it is of this ELF.
 */
export function readMapFile(elf: string): Uint8Array | undefined {
  const path = elf.replace(/\.elf$/, ".map");
  if (path !== elf && isFile(path)) return readElfFile(path);
  const folder = dirname(elf);
  const project = /^(.*?)[\\/]?\.pio[\\/]build[\\/][^\\/]+$/.exec(folder)?.[1];
  for (const place of [folder, ...(project === undefined ? [] : [project || "."])]) {
    for (const name of entriesOf(place).filter((entry) => entry.endsWith(".map"))) {
      const bytes = isFile(join(place, name)) ? readElfFile(join(place, name)) : undefined;
      // GNU ld: "OUTPUT(.pio/build/esp32dev/firmware.elf elf32-xtensa-le)", behind all sections.
      const output = bytes === undefined ? -1 : Buffer.from(bytes).lastIndexOf("\nOUTPUT(");
      const end = Buffer.from(bytes ?? []).toString("latin1", output, output + 1000);
      if (output >= 0 && /^\nOUTPUT\((?:[^\n]*[\\/])?([^\n]*?) elf32/.exec(end)?.[1] === basename(elf)) return bytes;
    }
  }
  return undefined;
}

/** Where a build or a packager leaves the files that an ELF names. What is no plain file, or larger than any of them, is not read. */
function companionOf(elf: string): CompanionFinder {
  const beside = (name: string): string => join(dirname(elf), name);
  const places = (file: CompanionFile): readonly string[] => {
    switch (file.kind) {
      case "debug-link":
        return [beside(basename(file.name)), beside(join(".debug", basename(file.name)))];
      case "split-unit":
        return [resolve(file.folder, file.name), beside(file.name), beside(basename(file.name))];
      case "split-package":
        return [`${elf}.dwp`, elf.replace(/\.elf$/, ".dwp")];
    }
  };
  return (file) => {
    const found = places(file).find((path) => {
      const facts = statSync(path, { throwIfNoEntry: false });
      return facts?.isFile() === true && facts.size <= MAX_COMPANION && resolve(path) !== resolve(elf);
    });
    return found === undefined ? undefined : readElfFile(found);
  };
}

const MAX_COMPANION = 2 ** 30;

/** What `openElf` wants beside the ELF, from the files around it and ESP-IDF's tools. */
export function symbolOptions(elf: string): Pick<OpenOptions, "map" | "findRom" | "findCompanion"> {
  const map = readMapFile(elf);
  const findRom = (chip: string): readonly Uint8Array[] => {
    const rom = findRomElf(chip);
    return rom === undefined ? [] : [readElfFile(rom)];
  };
  return { findRom, findCompanion: companionOf(elf), ...(map !== undefined && { map }) };
}

/**
 * Opens an ELF with what belongs to it.
 *
 * @param rom ROM ELFs that were named by hand
 * @throws MemmapError as `readElfFile`, and `elf-invalid` or `elf-unsupported`
 */
export function openElfFile(elf: string, rom: readonly Uint8Array[] = []): Symbols {
  return openElf(readElfFile(elf), inflaters, { ...symbolOptions(elf), ...(rom.length > 0 && { rom }) });
}

function missing(message: string, hint: string): MemmapError {
  return new MemmapError(message, { code: "elf-missing", hint });
}

/** The ELFs that a folder offers, of the first kind that it has any of. */
function elfsOfProject(folder: string): string[] {
  // ESP-IDF's build system writes down which one it is; idf.py -B gives the folder another name.
  for (const build of entriesOf(folder).filter((name) => name === "build" || /^(build|cmake-build)[-_.]/.test(name))) {
    const described = describedElf(join(folder, build));
    if (described !== undefined) return [described];
    const built = elfsIn(join(folder, build));
    if (built.length > 0) return built;
  }
  const environments = join(folder, ".pio", "build");
  const firmware = entriesOf(environments)
    .map((name) => join(environments, name, "firmware.elf"))
    .filter(isFile);
  if (firmware.length > 0) return firmware;
  // The folder itself may be the build folder.
  const described = describedElf(folder);
  return described === undefined ? elfsIn(folder) : [described];
}

function describedElf(build: string): string | undefined {
  try {
    const description = JSON.parse(readFileSync(join(build, "project_description.json"), "utf8")) as {
      app_elf?: unknown;
    };
    if (typeof description.app_elf !== "string") return undefined;
    const path = join(build, description.app_elf);
    return isFile(path) ? path : undefined;
  } catch {
    return undefined; // absent or not JSON: then the folder is searched
  }
}

function elfsIn(folder: string): string[] {
  return entriesOf(folder)
    .filter((name) => name.endsWith(".elf") && name !== "bootloader.elf")
    .map((name) => join(folder, name))
    .filter(isFile);
}

function newest(paths: readonly string[]): FoundElf | undefined {
  const sorted = paths
    .map((path) => ({ path, time: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.time - a.time);
  const [first, ...others] = sorted.map(({ path }) => path);
  return first === undefined ? undefined : { path: first, others };
}

function shown({ path, others }: FoundElf, from: string): FoundElf {
  return { path: relative(from, path) || path, others: others.map((other) => relative(from, other)) };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
