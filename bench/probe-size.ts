// Bytes of the probe's code at -Os: by what it is for, for RV32 and Xtensa; and what is left of it in programs that use only a part,
// as the linker drops what nobody calls.
import { execFileSync } from "node:child_process";
import { compileForRv32, compileForXtensa, type ObjectSize } from "../tools/build-c.ts";
import { linkedSize, WHOLE_PROBE } from "../test/firmware/linked-size.ts";
import { PROBE_SOURCES } from "../test/firmware/sources.ts";

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
      "state",
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
    files: ["stream", "send", "compose", "frame", "command", "retire", "kept", "panic", "selftest"],
    leftOut: "no call of memmap_stream_start()",
  },
  {
    name: "faults, failures",
    files: ["store", "report", "blame", "sweep", "quarantine", "check", "failure", "format"],
    leftOut: "their text with CONFIG_MEMMAP_PRINT_REPORTS=n",
  },
  {
    name: "lists, console",
    files: ["api", "lists", "statistics", "groups", "cost", "console"],
    leftOut: "no call of list_allocations(), memmap_top(), memmap_console() …",
  },
];

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
  ...WHOLE_PROBE,
  name: "probe-iram",
  sources: [...PROBE_SOURCES, "port_espidf", "port_espidf_callers"].map((name) =>
    name.startsWith("port") ? `firmware/memmap/port/${name}.c` : name,
  ),
  includeFolders: ["test/firmware/idf", "test/firmware/idf/private", ...(WHOLE_PROBE.includeFolders ?? [])],
  defines: { ESP_PLATFORM: 1, CONFIG_IDF_TARGET: '"esp32"', CONFIG_MEMMAP_TRANSPORT_OWN: 1 },
};

const xtensaEspIdf = { ...espIdf, defines: { ...espIdf.defines, CONFIG_IDF_TARGET_ARCH_XTENSA: 1 } };

/** Bytes of what MM_HOT puts into IRAM. */
function iramOf(sizeCommand: string, objects: readonly ObjectSize[]): number {
  const paths = objects.map(({ object }) => object);
  const sections = execFileSync(sizeCommand, ["-A", ...paths], { encoding: "utf8" }).matchAll(/^\.iram1\S*\s+(\d+)/gm);
  return [...sections].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
}

/** Sums of code and constants by source file. */
type Sizes = ReadonlyMap<string, number>;

const ofObjects = (objects: readonly ObjectSize[]): Sizes => new Map(objects.map(({ source, text }) => [source, text]));

function sumOf(sizes: Sizes, files: readonly string[] = PROBE_SOURCES): number {
  return files.reduce((sum, file) => sum + (sizes.get(file) ?? 0), 0);
}

export async function printSizes(): Promise<void> {
  const known = groups.flatMap(({ files }) => files.map(pathOf));
  const unknown = PROBE_SOURCES.filter((source) => !known.includes(source));
  if (unknown.length > 0) throw new Error(`no group for ${unknown.join(", ")}`);

  const objects = await compileForRv32(WHOLE_PROBE);
  const everything = await linkedSize();
  const columns = [everything.bySource, ofObjects(objects), ofObjects(await compileForXtensa(WHOLE_PROBE))];
  const row = (name: string, sizes: readonly number[], note = ""): void => {
    const numbers = sizes.map((size) => String(size).padStart(9)).join("");
    console.log(`  ${name.padEnd(30)}${numbers}${note && `   ${note}`}`);
  };
  console.log("\n-Os, default configuration, interposed: bytes of code and constants");
  console.log(
    `  ${"".padEnd(30)}${["RV32", "objects", "Xtensa"].map((title) => title.padStart(9)).join("")}   left out with`,
  );
  for (const { name, files, leftOut } of groups) {
    const paths = files.map(pathOf);
    row(
      name,
      columns.map((sizes) => sumOf(sizes, paths)),
      leftOut,
    );
  }
  row(
    "everything",
    columns.map((sizes) => sumOf(sizes)),
  );
  const shared = await linkedSize([], { flags: ["-msave-restore"] });
  row("everything, with", [sumOf(shared.bySource)], "ESP-IDF's CONFIG_COMPILER_SAVE_RESTORE_LIBCALLS");
  for (const { name, calls, defines } of programs)
    row(name, [sumOf((await linkedSize(calls, { defines: defines ?? {} })).bySource)]);
  row("of everything, in IRAM", [everything.iram], "with CONFIG_MEMMAP_IN_IRAM");
  for (const level of ["-Og", "-O2"]) {
    const { bySource, iram } = await linkedSize([], { flags: [level] });
    row(`everything at ${level}`, [sumOf(bySource)], `in IRAM ${String(iram)}`);
  }
  const iram = [
    iramOf("riscv64-unknown-elf-size", await compileForRv32(espIdf)),
    iramOf("xtensa-lx106-elf-size", await compileForXtensa(xtensaEspIdf)),
  ];
  console.log(`  that with ESP-IDF's port, as objects: RV32 ${String(iram[0])}, Xtensa ${String(iram[1])}`);
  const holds = everything.iram <= 6144;
  console.log(
    `  ${holds ? "holds" : "FAILS"}: code that has to be in IRAM, linked for RV32, at most 6 KB: ${String(everything.iram)}`,
  );
  const ram = objects.reduce((sum, { data, bss }) => sum + data + bss, 0);
  console.log(`  RAM: ${String(ram)}`);
}

const pathOf = (file: string): string => `firmware/memmap/src/${file}.c`;
