// The ROM ELFs that ESP-IDF installs as its tool esp-rom-elfs: esp32c3_rev3_rom.elf and the like, in ESP_ROM_ELF_DIR or the tools' folder.
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { MemmapError } from "../base/errors.ts";
import { readElf } from "../symbols/elf.ts";
import type { Architecture } from "../symbols/index.ts";
import { entriesOf } from "./folder-entries.ts";
import { inflaters } from "./inflaters.ts";

const ROM_FILE = /^(esp32[a-z0-9]*)_rev(\d+)_rom\.elf$/;

/** The ROM of a chip's newest revision that is installed; undefined where none is. */
export function findRomElf(chip: string, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  for (const folder of romFolders(environment)) {
    const revisions = entriesOf(folder).flatMap((name) => {
      const match = ROM_FILE.exec(name);
      return match?.[1] === chip ? [{ path: join(folder, name), revision: Number(match[2]) }] : [];
    });
    const newest = revisions.sort((a, b) => b.revision - a.revision)[0];
    if (newest !== undefined) return newest.path;
  }
  return undefined;
}

function romFolders({ ESP_ROM_ELF_DIR: named, IDF_TOOLS_PATH: tools }: NodeJS.ProcessEnv): string[] {
  const installed = join(tools ?? join(homedir(), ".espressif"), "tools", "esp-rom-elfs");
  // Versions are dates: the newest one first.
  const versions = entriesOf(installed).sort().reverse();
  return [...(named === undefined ? [] : [named]), ...versions.map((version) => join(installed, version))];
}

/**
 * A ROM ELF that was named by hand, when it fits.
 *
 * @throws MemmapError `rom-mismatch` when it is of another chip than the application
 */
export function fittingRom(
  bytes: Uint8Array,
  path: string,
  application: { readonly architecture: Architecture; readonly chip: string | undefined },
): Uint8Array {
  const { architecture } = readElf(bytes, inflaters);
  const chip = ROM_FILE.exec(basename(path))?.[1];
  const isOther = chip !== undefined && application.chip !== undefined && chip !== application.chip;
  if (architecture === application.architecture && !isOther) return bytes;
  throw new MemmapError(`${path} is the ROM of another chip (${chip ?? architecture})`, {
    code: "rom-mismatch",
    hint: `The application is for ${application.chip ?? application.architecture}: its addresses would get wrong names. Give that chip's ROM ELF, or leave --rom out.`,
  });
}
