// What a file that is no recording seems to be, and what to do with it: people mix up captures, logs, ELF files and dumps.
import { consoleLog } from "../import/log.ts";
import { importTakes, recognize } from "../import/recognize.ts";
import { otherFile } from "../import/other-files.ts";
import { packingOf } from "../import/unpack.ts";
import { holdsStream } from "../wire/recognize-stream.ts";
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
  const imports = { hint: `Try \`memmap import ${path} -o run.memmap\`.`, importable: true } as const;
  const captured = { hint: `Turn it into a recording: \`memmap record ${path} -o run.memmap\`.` };

  const other = otherFile(head, path);
  if (other !== undefined) return other;
  if (packingOf(head) !== "none") {
    return { seems: "is compressed, as heaptrack's files are", ...imports };
  }
  const importer = recognize(head);
  // A log may hold memmap's frames, which tell more than its words.
  if (importer !== undefined && importer !== consoleLog) return { seems: `is a ${importer.title}`, ...imports };
  const stream = holdsStream(head);
  if (stream === "frames") return { seems: "holds memmap's stream as it came from the line", ...captured };
  if (stream === "armoured") return { seems: "is a log with memmap's frames in it", ...captured };
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
