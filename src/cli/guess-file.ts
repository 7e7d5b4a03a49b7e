// What a file that is no recording seems to be, and what to do with it: people mix up captures, logs, ELF files and dumps.
import { consoleLog } from "../import/log.ts";
import { importTakes, recognize } from "../import/recognize.ts";
import { howToUnpack, packingOf } from "../import/unpack.ts";
import { ARMOUR_PREFIX } from "../wire/protocol.ts";
import { ByteCensus } from "./record/diagnosis.ts";

export interface FileGuess {
  /** Completes "FILE is no recording; it …". */
  readonly seems: string;
  readonly hint: string;
  /** It can be imported, and so reported on at once. */
  readonly importable?: true;
}

/**
 * @param head the first bytes of the file, 64 KiB or what there is
 * @param given its path; undefined for what came through a pipe
 */
export function guessFile(head: Uint8Array, given?: string): FileGuess {
  const path = given ?? "FILE";
  const text = new TextDecoder("latin1").decode(head);
  const startsWith = (...bytes: number[]): boolean => bytes.every((byte, index) => head[index] === byte);
  const imports = { hint: `Try \`memmap import ${path} -o run.memmap\`.`, importable: true } as const;
  const captured = { hint: `Turn it into a recording: \`memmap record ${path} -o run.memmap\`.` };

  const packing = packingOf(head);
  const unpacking = howToUnpack(packing, path);
  if (unpacking !== undefined) return { seems: `is packed with ${packing}`, hint: unpacking };
  if (head.length === 0) return { seems: "is empty", hint: "Record again; the disk may have been full." };
  if (head.every((byte) => byte === 0)) {
    return { seems: "holds nothing but zeros", hint: "The disk was full or the copy broke off: save the log again." };
  }
  if (startsWith(0x7f, 0x45, 0x4c, 0x46)) {
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
  const isLog = /[EWI] \(\d+\)|Guru|Backtrace|CORRUPT/.test(text);
  if (/={5,} CORE DUMP START|^f0VMRg/m.test(text) && !isLog) {
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
  if (startsWith(0x1f, 0x8b) || startsWith(0x28, 0xb5, 0x2f, 0xfd)) {
    return { seems: "is compressed, as heaptrack's files are", ...imports };
  }
  const importer = recognize(head);
  // A log may hold memmap's frames, which tell more than its words.
  if (importer !== undefined && importer !== consoleLog) return { seems: `is a ${importer.title}`, ...imports };
  if (text.includes("\u00ff\u0000") && countOf(text, "\u00ff\u0000") >= 3) {
    return { seems: "holds memmap's stream as it came from the line", ...captured };
  }
  if (text.includes(ARMOUR_PREFIX)) return { seems: "is a log with memmap's frames in it", ...captured };
  if (importer !== undefined) return { seems: `is a ${importer.title}`, ...imports };
  const census = new ByteCensus();
  census.add(head);
  if (census.kind === "wide-text") return { seems: "is text in UTF-16 or UTF-32", ...imports };
  if (census.kind === "text") {
    if (/^\s*[[{]/.test(text)) return { seems: "is JSON", ...imports };
    return { seems: "is text", ...imports };
  }
  return { seems: "is of a kind that memmap does not know", hint: `memmap takes recordings, and ${importTakes()}` };
}

function countOf(text: string, part: string): number {
  return text.split(part).length - 1;
}
