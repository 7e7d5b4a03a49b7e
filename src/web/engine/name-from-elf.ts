// The names that a firmware's ELF gives to the run that is open. Loaded on need: a fifth of the page, for those who have an ELF.
import { MemmapError } from "../../base/errors.ts";
import { resolverOf } from "../../report/elf-resolver.ts";
import { openSymbols } from "../../symbols/index.ts";
import type { Session } from "./session.ts";

export interface ElfBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The linker's map. */
  readonly map?: Uint8Array;
}

/** @throws MemmapError `elf-without-recording`, and as `openSymbols` */
export function nameFromElf(session: Session, { name, bytes, map }: ElfBytes): void {
  if (session.current === undefined) {
    throw new MemmapError(`${name} is a firmware's ELF: it gives names to a recording`, {
      code: "elf-without-recording",
      hint: "Open a recording or a log first, or drop both together.",
    });
  }
  const symbols = openSymbols(bytes, map === undefined ? {} : { map });
  const { boots } = session.current.recording.tables;
  const recorded = boots.findLast(({ elfSha256 }) => elfSha256 !== undefined)?.elfSha256;
  const match = recorded === undefined ? undefined : symbols.matches(recorded).kind;
  session.setElf(
    { name, match: match === undefined ? "unknown" : match === "different" ? "different" : "same" },
    resolverOf(symbols),
  );
}
