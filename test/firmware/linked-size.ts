// What the probe takes in a linked program for RV32 at -Os: less than its objects, because the linker shortens calls and drops what nobody
// calls. The platform is the measuring one of bench/.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildForRv32, compileForRv32, projectRoot, type CProgram } from "../../tools/build-c.ts";
import { HEAP_SOURCES, INTERPOSE_FLAGS } from "../../tools/c-sources.ts";
import { PROBE_INCLUDES, PROBE_SOURCES } from "./sources.ts";

/** The interposed probe without a platform. */
export const WHOLE_PROBE: CProgram = {
  name: "probe-size",
  sources: PROBE_SOURCES,
  includeFolders: ["simulator/libc/include", ...PROBE_INCLUDES, "test/firmware/idf"],
  defines: { CONFIG_MEMMAP_INTERPOSE: 1 },
  flags: ["-fno-builtin"],
};

const rest = [
  "bench/probe/size.c",
  "bench/probe/cost_port.c",
  "simulator/heap/port_simulated_heap.c",
  "firmware/memmap/port/port_espidf_callers.c",
  "simulator/libc/string.c",
  ...HEAP_SOURCES,
];

export interface LinkedSize {
  /** Bytes of code and constants by source file. */
  readonly bySource: ReadonlyMap<string, number>;
  /** Of them, bytes of what has to be in IRAM on a chip. */
  readonly iram: number;
  /** Bytes of the probe's variables, those that nobody calls for included. */
  readonly ram: number;
}

/** Links a program with what these functions of the probe need; with none named, all of it. */
export async function linkedSize(
  calls: readonly string[] = [],
  { defines = {}, flags = [] }: Pick<CProgram, "defines" | "flags"> = {},
): Promise<LinkedSize> {
  const compiled = await compileForRv32({
    ...WHOLE_PROBE,
    name: "linked",
    // A section of its own for each function is what the linker drops; one for all of them tells where they would be.
    defines: { ...WHOLE_PROBE.defines, ...(calls.length === 0 ? IN_IRAM : {}), ...defines },
    flags: [...(WHOLE_PROBE.flags ?? []), ...flags],
  });
  const map = join(projectRoot, ".tmp", "c", "probe-size.map");
  const keep = calls.length > 0 ? ["-Wl,--gc-sections", ...calls.map((name) => `-Wl,-u,${name}`)] : [];
  await buildForRv32({
    ...WHOLE_PROBE,
    sources: [...compiled.map(({ object }) => object), ...rest],
    includeFolders: [...(WHOLE_PROBE.includeFolders ?? []), "bench/probe"],
    flags: ["-fno-builtin", "-T", "bench/probe/rv32.ld", "-Wl,-e,0", `-Wl,-Map=${map}`, ...INTERPOSE_FLAGS, ...keep],
  });
  const text = readFileSync(map, "utf8");
  const sections = text
    .slice(text.indexOf("Linker script and memory map"))
    .matchAll(/^ \.(text|iram1|rodata|srodata)\S*\s+0x[0-9a-f]+\s+0x([0-9a-f]+) (\S+)$/gm);
  const bySource = new Map<string, number>();
  let iram = 0;
  for (const [, section = "", hex = "", path] of sections) {
    const source = compiled.find(({ object }) => object === path)?.source;
    if (source === undefined) continue;
    const bytes = parseInt(hex, 16);
    bySource.set(source, (bySource.get(source) ?? 0) + bytes);
    if (section === "iram1") iram += bytes;
  }
  return { bySource, iram, ram: compiled.reduce((sum, { data, bss }) => sum + data + bss, 0) };
}

const IN_IRAM = { MM_HOT: '__attribute__((section(".iram1")))', MM_HOT_DATA: "" } as const;
