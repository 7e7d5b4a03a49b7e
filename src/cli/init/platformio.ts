// PlatformIO: the probe as a library of the project, a build flag in each environment, one line in setup() or app_main().
import { bodyOf, startsStream, withCall } from "./source-code.ts";
import { endOfLine, type Change, type Plan, type ProjectFiles } from "./plan.ts";

const LIBRARY = "lib/memmap";
const FLAG = "-DCONFIG_MEMMAP_TRANSPORT_CONSOLE_UART=1";
const START = "memmap_stream_start(NULL); // memmap: to the console's UART";

export function isPlatformIo({ read }: ProjectFiles): boolean {
  return read("platformio.ini") !== undefined;
}

export function planPlatformIo(files: ProjectFiles): Plan {
  const notes = [
    "memmap needs ESP-IDF 5.3 or Arduino core 3.1 or later: with an older platform = espressif32 the build fails.",
  ];
  const changes: Change[] = [];
  const ini = files.read("platformio.ini") ?? "";
  const isThere =
    files.read(`${LIBRARY}/library.json`) !== undefined || /^\s*(lib_deps\s*=.*|\s+\S*)\bmemmap\b/m.test(ini);
  if (!isThere) changes.push({ kind: "copy", path: LIBRARY, why: "the probe, as a library of this project" });
  const flagged = withFlag(ini);
  if (flagged !== ini) {
    changes.push({
      kind: "file",
      path: "platformio.ini",
      before: ini,
      after: flagged,
      why: "the stream goes to the console's UART",
    });
  }
  const folder = /^\s*src_dir\s*=\s*(\S+)/m.exec(ini)?.[1]?.replace(/\/?$/, "/") ?? "src/";
  const sources = files.list(folder).filter((name) => /\.(c|cc|cpp|cxx|ino)$/.test(name));
  const found = sources
    .map((name) => ({ path: folder + name, text: files.read(folder + name) ?? "" }))
    .flatMap((file) => (["app_main", "setup"] as const).map((name) => ({ ...file, name })))
    .find(({ text, name }) => bodyOf(text, name) !== undefined);
  if (found === undefined)
    notes.push("neither setup() nor app_main() was found in src: call memmap_stream_start(NULL) early yourself.");
  else if (!startsStream(found.text)) {
    const after = withCall(found.text, found.name, [START], "<memmap.h>");
    if (after !== undefined) {
      changes.push({ kind: "file", path: found.path, before: found.text, after, why: "starts the stream" });
    }
  }
  const speed = /^\s*monitor_speed\s*=\s*(\d+)/m.exec(ini)?.[1];
  const baud = speed === undefined || speed === "115200" ? "" : ` --baud ${speed}`;
  return {
    title: "a PlatformIO project",
    changes,
    notes,
    next: ["pio run -t upload", `memmap record PORT${baud} -o run.memmap`],
  };
}

/** In every environment: behind its own build_flags, else behind those of [env], else a line of its own. */
function withFlag(ini: string): string {
  if (ini.includes("CONFIG_MEMMAP_TRANSPORT_")) return ini;
  const eol = endOfLine(ini);
  const lines = ini.split(/\r?\n/);
  const sections: { readonly name: string; readonly start: number; end: number }[] = [];
  lines.forEach((line, index) => {
    const name = /^\s*\[([^\]]+)\]/.exec(line)?.[1];
    if (name === undefined) return;
    const last = sections.at(-1);
    if (last !== undefined) last.end = index;
    sections.push({ name, start: index, end: lines.length });
  });
  const flagsOf = ({ start, end }: (typeof sections)[number]): number | undefined => {
    for (let index = start + 1; index < end; index++) if (/^build_flags\s*=/.test(lines[index] ?? "")) return index;
    return undefined;
  };
  const common = sections.find(({ name }) => name === "env");
  const shared = common === undefined ? undefined : flagsOf(common);
  const inserted = new Map<number, string>();
  for (const section of sections.filter(({ name }) => name.startsWith("env:"))) {
    const at = flagsOf(section) ?? shared;
    if (at !== undefined) inserted.set(lastLineOf(lines, at), `    ${FLAG}`);
    else inserted.set(lastFilled(lines, section.start, section.end), `build_flags = ${FLAG}`);
  }
  return lines.flatMap((line, index) => [line, ...(inserted.has(index) ? [inserted.get(index) ?? ""] : [])]).join(eol);
}

/** A value goes on in lines that begin with blanks. */
function lastLineOf(lines: readonly string[], at: number): number {
  let last = at;
  while (/^\s+\S/.test(lines[last + 1] ?? "")) last++;
  return last;
}

function lastFilled(lines: readonly string[], start: number, end: number): number {
  let last = end - 1;
  while (last > start && (lines[last] ?? "").trim() === "") last--;
  return last;
}
