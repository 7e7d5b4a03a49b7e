// Bytes of the probe's code at -Os: by what it is for, for RV32 and Xtensa; and what is left of it in programs that use only a part,
// as the linker drops what nobody calls.
import { execFileSync } from "node:child_process";
import { buildForRv32, compileForRv32, compileForXtensa, type ObjectSize, sizeOf } from "../tools/build-c.ts";
import { PROBE_INCLUDES, PROBE_SOURCES } from "../test/firmware/sources.ts";

/** Files of firmware/memmap/src by purpose, and when they are left out. A file that is in no group is an error. */
const groups: readonly { readonly name: string; readonly files: readonly string[]; readonly leftOut: string }[] = [
  {
    name: "hot path",
    files: [
      "track",
      "table",
      "sites",
      "tasks",
      "events",
      "guard",
      "freed",
      "sample",
      "interpose",
      "callers",
      "callers_cxx",
      "hooks",
    ],
    leftOut: "CONFIG_MEMMAP_ENABLE=n",
  },
  {
    name: "stream",
    files: ["stream", "compose", "frame", "command"],
    leftOut: "no call of memmap_stream_start()",
  },
  {
    name: "faults, failures",
    files: ["report", "blame", "check", "failure", "format"],
    leftOut: "their text with CONFIG_MEMMAP_PRINT_REPORTS=n",
  },
  {
    name: "lists, console",
    files: ["classic", "groups", "console"],
    leftOut: "no call of list_allocations(), memmap_top(), memmap_console() …",
  },
];

const program = {
  name: "probe-size",
  includeFolders: ["simulator/libc/include", ...PROBE_INCLUDES],
  defines: { CONFIG_MEMMAP_INTERPOSE: 1 },
  flags: ["-fno-builtin"],
};

const interposed = ["malloc_base", "calloc_base", "realloc_base", "aligned_alloc_base", "free"].map(
  (name) => `__wrap_heap_caps_${name}`,
);
const macros = ["memmap_malloc", "memmap_calloc", "memmap_realloc", "memmap_aligned_alloc", "memmap_free_and_clear"];
const silent = { CONFIG_MEMMAP_PRINT_REPORTS: 0 };
const programs: readonly { name: string; calls: readonly string[]; defines?: Record<string, number> }[] = [
  { name: "interposition", calls: interposed },
  { name: "  without printing reports", calls: interposed, defines: silent },
  { name: "interposition, stream", calls: [...interposed, "memmap_stream_start"] },
  { name: "  without printing reports", calls: [...interposed, "memmap_stream_start"], defines: silent },
  { name: "macros, stream", calls: [...macros, "memmap_stream_start"] },
];

/** ESP-IDF's port compiled for a chip, as far as its own headers in test/ go. */
const espIdf = {
  ...program,
  name: "probe-iram",
  sources: [...PROBE_SOURCES, "port_espidf", "port_espidf_callers"].map((name) =>
    name.startsWith("port") ? `firmware/memmap/port/${name}.c` : name,
  ),
  includeFolders: ["test/firmware/idf", "test/firmware/idf/private", ...program.includeFolders],
  defines: { ESP_PLATFORM: 1, CONFIG_IDF_TARGET: '"esp32"', CONFIG_MEMMAP_TRANSPORT_OWN: 1 },
};

/** Bytes of what MM_HOT puts into IRAM. */
function iramOf(sizeCommand: string, objects: readonly ObjectSize[]): number {
  const paths = objects.map(({ object }) => object);
  const sections = execFileSync(sizeCommand, ["-A", ...paths], { encoding: "utf8" }).matchAll(/^\.iram1\S*\s+(\d+)/gm);
  return [...sections].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
}

export async function printSizes(): Promise<void> {
  const sources = { ...program, sources: PROBE_SOURCES };
  const [rv32, xtensa] = [await compileForRv32(sources), await compileForXtensa(sources)];
  console.log("\n-Os, default configuration: bytes of code and constants");
  console.log(`  ${"".padEnd(36)}${"RV32".padStart(9)}${"Xtensa".padStart(9)}   left out with`);
  const row = (name: string, sizes: readonly number[], leftOut = ""): void => {
    const numbers = sizes.map((size) => String(size).padStart(9)).join("");
    console.log(`  ${name.padEnd(36)}${numbers}${leftOut && `   ${leftOut}`}`);
  };
  const known = groups.flatMap(({ files }) => files.map(pathOf));
  const unknown = PROBE_SOURCES.filter((source) => !known.includes(source));
  if (unknown.length > 0) throw new Error(`no group for ${unknown.join(", ")}`);
  for (const { name, files, leftOut } of groups) {
    const paths = files.map(pathOf);
    const sums = [rv32, xtensa].map((objects) =>
      objects.filter(({ source }) => paths.includes(source)).reduce((sum, { text }) => sum + text, 0),
    );
    row(name, sums, leftOut);
  }
  row(
    "everything",
    [rv32, xtensa].map((objects) => objects.reduce((sum, { text }) => sum + text, 0)),
  );
  row(
    "in IRAM, by CONFIG_MEMMAP_IN_IRAM",
    [
      iramOf("riscv64-unknown-elf-size", await compileForRv32(espIdf)),
      iramOf(
        "xtensa-lx106-elf-size",
        await compileForXtensa({ ...espIdf, defines: { ...espIdf.defines, CONFIG_IDF_TARGET_ARCH_XTENSA: 1 } }),
      ),
    ],
    "CONFIG_MEMMAP_IN_IRAM=n",
  );
  console.log("\nlinked, of that stays in a program that uses");
  const whole = await linked([]);
  row("everything", [whole.text], `${String(whole.data + whole.bss)} bytes of RAM`);
  for (const { name, calls, defines } of programs) row(name, [(await linked(calls, defines)).text]);
}

const pathOf = (file: string): string => `firmware/memmap/src/${file}.c`;

/** The probe linked into one object: all of it, or what these functions need. */
async function linked(calls: readonly string[], defines: Record<string, number> = {}): ReturnType<typeof sizeOf> {
  const needed = calls.length > 0 ? ["-Wl,--gc-sections", ...calls.map((name) => `-Wl,-u,${name}`)] : [];
  const flags = [...program.flags, "-r", ...needed];
  const path = await buildForRv32({
    ...program,
    sources: PROBE_SOURCES,
    defines: { ...program.defines, ...defines },
    flags,
  });
  return sizeOf("riscv64-unknown-elf-size", path);
}
