// Names for the return addresses of a recording, out of the firmware's ELF file.
import { safeText } from "../base/safe-text.ts";
import type { HeapModel } from "../heap/model-api.ts";
import type { FrameResolver } from "../heap/types.ts";
import { resolverOf } from "../report/elf-resolver.ts";
import { findElf, openElfFile } from "./find-elf.ts";
import { coloursFor } from "./terminal/colours.ts";
import { say } from "./terminal/print.ts";

export interface ElfNames {
  readonly resolver: FrameResolver;
  /** Says on standard error when the recording was made by another firmware: all names may then be wrong. */
  readonly check: (model: Pick<HeapModel, "nameMismatch">) => void;
}

/** @param path an ELF file or a project's folder */
export function openElfNames(path: string): ElfNames {
  const found = findElf(path);
  const symbols = openElfFile(found.path);
  return {
    resolver: resolverOf(symbols),
    check({ nameMismatch }) {
      if (nameMismatch === undefined) return;
      const { red, bold } = coloursFor(process.stderr);
      say(`${red(bold("WRONG ELF:"))} ${safeText(`${found.path}: ${nameMismatch}`)}`);
    },
  };
}
