// The source around a call site, where its file is on this disk: as the compiler named it, in the project of the ELF, or in ESP-IDF.
import { readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { AttributedFrame } from "../symbols/index.ts";

export interface SourceLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

export interface SourceExcerpt {
  readonly path: string;
  readonly lines: readonly SourceLine[];
  /** The file was changed after the ELF was built: the lines may have moved. */
  readonly isNewer: boolean;
}

/** Whoever names the file, no source is larger. */
const MAX_BYTES = 8 * 2 ** 20;
const MAX_COLUMNS = 200;

/** Lines before and behind. */
const AROUND = 2;

/** @param elf the ELF's path: its project is found from it */
export function sourceReader(elf: string): (frame: AttributedFrame) => SourceExcerpt | undefined {
  const built = statSync(elf, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
  const project = projectOf(resolve(elf));
  const idf = process.env["IDF_PATH"];
  const files = new Map<
    string,
    { readonly path: string; readonly lines: readonly string[]; readonly isNewer: boolean } | undefined
  >();

  const read = (frame: AttributedFrame): ReturnType<typeof files.get> => {
    const inIdf = /^esp-idf\/(.*)$/.exec(frame.path)?.[1];
    const paths = [
      ...(frame.file === undefined ? [] : [frame.file]),
      join(project, frame.path),
      ...(inIdf === undefined || idf === undefined ? [] : [join(idf, inIdf)]),
    ];
    for (const path of paths) {
      const facts = statSync(path, { throwIfNoEntry: false });
      if (facts?.isFile() !== true || facts.size > MAX_BYTES) continue;
      try {
        return { path, lines: readFileSync(path, "utf8").split(/\r?\n/), isNewer: facts.mtimeMs > built };
      } catch {
        continue; // not ours to read: as if it were not there
      }
    }
    return undefined;
  };

  return (frame) => {
    const { line } = frame;
    if (line === undefined || frame.path === "") return undefined;
    const key = frame.file ?? frame.path;
    if (!files.has(key)) files.set(key, read(frame));
    const file = files.get(key);
    if (file === undefined || line > file.lines.length) return undefined;
    const first = Math.max(1, line - AROUND);
    const lines = file.lines.slice(first - 1, line + AROUND).map((text, i) => ({
      line: first + i,
      text: text.replaceAll("\t", "    ").slice(0, MAX_COLUMNS),
    }));
    while (lines.length > 1 && lines.at(-1)?.text.trim() === "" && lines.at(-1)?.line !== line) lines.pop();
    return { path: file.path, lines, isNewer: file.isNewer };
  };
}

/** `project/build/app.elf`, `project/.pio/build/esp32dev/firmware.elf`. */
function projectOf(elf: string): string {
  const folder = dirname(elf);
  return folder.replace(/[\\/]\.pio[\\/]build[\\/][^\\/]+$/, "").replace(/[\\/](?:build|cmake-build)[^\\/]*$/, "");
}
