// What a file is that cannot be imported, by its first bytes: people give what lies next to a log, and are told what it is for.

import { howToUnpack, packingOf } from "./unpack.ts";

export interface OtherFile {
  /** Completes "FILE is no recording; it …". */
  readonly seems: string;
  readonly hint: string;
}

/** Formats that begin with fixed bytes, at a place of theirs. */
const MAGIC: readonly (readonly [name: string, at: number, bytes: string])[] = [
  ["a picture (PNG)", 0, "\x89PNG\r\n"],
  ["a picture (JPEG)", 0, "\xff\xd8\xff"],
  ["a picture (GIF)", 0, "GIF8"],
  ["a PDF document", 0, "%PDF-"],
  ["an SQLite database", 0, "SQLite format 3\0"],
  ["a capture of network packets", 0, "\xd4\xc3\xb2\xa1"],
  ["a capture of network packets", 0, "\x0a\x0d\x0d\x0a"],
  ["a Windows program", 0, "MZ\x90\0"],
  ["a recording of Perfetto or Chrome", 0, "PERFETTO"],
];

/** Bytes before the ELF file in a core dump of ESP-IDF, by its version; its words are length, version with the chip above it, and more. */
const CORE_DUMP_HEADERS: readonly number[] = [12, 20, 24];

/**
 * @param head the first bytes of the file, 64 KiB or what there is
 * @param path for the hints
 */
export function otherFile(head: Uint8Array, path: string): OtherFile | undefined {
  const starts = (text: string, at = 0): boolean =>
    head.length >= at + text.length && [...text].every((letter, i) => head[at + i] === letter.charCodeAt(0));
  const packing = packingOf(head);
  const unpacking = howToUnpack(packing, path);
  if (unpacking !== undefined) return { seems: `is packed with ${packing}`, hint: unpacking };
  if (head.length === 0) return { seems: "is empty", hint: "Record again; the disk may have been full." };
  if (head.every((byte) => byte === 0)) {
    return { seems: "holds nothing but zeros", hint: "The disk was full or the copy broke off: save the log again." };
  }
  if (starts("\x7fELF")) {
    if (head[16] === 4)
      return {
        seems: "is an ELF core dump",
        hint: "Open it with `esp-coredump`; of the same crash, `memmap import` reads the console's log.",
      };
    return {
      seems: "is an ELF program, such as the firmware that was built",
      hint: `Give it with --elf, next to a recording or a log: \`memmap report console.log --elf ${path}\`.`,
    };
  }
  if (CORE_DUMP_HEADERS.some((at) => starts("\x7fELF", at)) && (head[5] ?? 0) <= 1) {
    return {
      seems: "is a core dump as it lies in the flash",
      hint: `Read it with \`esp-coredump info_corefile -t raw -c ${path} build/APP.elf\`; of the same crash, \`memmap import\` reads the console's log.`,
    };
  }
  if (isCoreDumpText(head)) {
    return {
      seems: "holds a core dump in base64",
      hint: "Read it with `esp-coredump info_corefile -t b64 -c FILE build/APP.elf`; `memmap import` takes the log of the panic before it.",
    };
  }
  if (head[0] === 0xe9 && head.length > 24 && (head[1] ?? 0) <= 16) {
    return {
      seems: "looks like a firmware image for the flash",
      hint: "The ELF file next to it in build/ has the names.",
    };
  }
  if (starts("ustar", 257)) {
    return { seems: "is a tar archive", hint: `Give what is in it: \`tar -xOf ${path} | memmap report -\`.` };
  }
  const known = MAGIC.find(([, at, bytes]) => starts(bytes, at));
  if (known === undefined) return undefined;
  return { seems: `is ${known[0]}`, hint: "memmap reads text: save the log itself." };
}

/** More lines than these are a log with a dump in it. */
const MOST_OTHER_LINES = 3;

/** A core dump of base64, with the lines that the panic prints around it or without. */
function isCoreDumpText(head: Uint8Array): boolean {
  const lines = new TextDecoder("latin1").decode(head).split(/\r?\n/);
  const isBegun = lines.some((line) => /={5,} CORE DUMP START|^f0VMRg/.test(line));
  return isBegun && lines.filter((line) => !/^[\w+/]*={0,2}$|CORE DUMP/.test(line)).length <= MOST_OTHER_LINES;
}
