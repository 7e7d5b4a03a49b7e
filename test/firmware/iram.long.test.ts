// What runs with the flash cache off stays in IRAM: no code there calls into flash.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { projectRoot, STRICT_FLAGS } from "../../tools/build-c.ts";
import { atLength, covered } from "../length.ts";
import { allNeedCommands } from "../toolchain.ts";
import { espIdfIncludes } from "./compile.ts";
import { PROBE_SOURCES } from "./sources.ts";

allNeedCommands("riscv64-unknown-elf-gcc");
const folder = mkdtempSync(join(tmpdir(), "memmap-iram-"));
afterAll(() => rmSync(folder, { recursive: true }));

// Only called where flash is readable (memmap_port_flash_ready()), or from tasks, which do not run while the cache is off.
const guarded = [
  ...["mm_blame", "obtain_checked", "release_checked", "mm_zone_write"],
  ...["check_name", "report", "report_call", "mm_report_failure", "mm_method_name"],
];
const tasksOnly = ["mm_quarantine_trim", "memmap_port_allocation_failed"];

const optimizations = atLength<readonly (readonly [string, number])[]>({
  short: [["-Os", 1]],
  long: [
    ["-Os", 1],
    ["-O2", 1],
    ["-Og", 1],
    ["-Os", 0],
  ],
});
test.each(optimizations)("RISC-V at %s, interposed: %i", { timeout: 300_000 }, (optimization, interposed) => {
  const object = join(folder, "iram.o");
  const sources = [
    ...PROBE_SOURCES,
    "firmware/memmap/port/port_espidf.c",
    "firmware/memmap/port/port_espidf_callers.c",
  ];
  const flags = ["-march=rv32imc", "-mabi=ilp32", "-ffreestanding", "-nostdlib", "-ffunction-sections", "-r"];
  const configuration = [
    "-DESP_PLATFORM",
    '-DCONFIG_IDF_TARGET="esp32c3"',
    "-DCONFIG_MEMMAP_STACK_DEPTH=4",
    "-DCONFIG_MEMMAP_TRANSPORT_OWN=1",
    `-DCONFIG_MEMMAP_INTERPOSE=${String(interposed)}`,
    `-DCONFIG_MEMMAP_DIRECT_CALLERS=${String(interposed)}`,
  ];
  execFileSync(
    "riscv64-unknown-elf-gcc",
    [...STRICT_FLAGS, optimization, ...flags, ...configuration, ...espIdfIncludes, "-o", object, ...sources],
    { cwd: projectRoot, stdio: "pipe" },
  );
  covered(`${optimization}, interposed: ${interposed}: ${sources.length} sources`);
  const ways = [...waysOutOfIram(object)].filter((way) => ![...guarded, ...tasksOnly].includes(way));
  expect(ways).toEqual([]);
});

/** Functions and constants in flash that code in IRAM refers to. */
function waysOutOfIram(object: string): Set<string> {
  const objdump = (option: string): string[] =>
    execFileSync("riscv64-unknown-elf-objdump", [option, object], { encoding: "utf8", maxBuffer: 1 << 26 }).split("\n");
  const inFlash = new Set<string>();
  for (const line of objdump("-t")) {
    const [, section = "", name = ""] = /(\.(?:text|rodata)\S*)\s+[0-9a-f]+ (\S+)$/.exec(line) ?? [];
    if (section !== "") inFlash.add(name);
  }
  const ways = new Set<string>();
  let inIram = false;
  for (const line of objdump("-r")) {
    const section = /^RELOCATION RECORDS FOR \[(.*)\]/.exec(line)?.[1];
    if (section !== undefined) inIram = section.startsWith(".iram1");
    const name = / R_RISCV_\S+\s+([^\s+]+)/.exec(line)?.[1];
    if (inIram && name !== undefined && inFlash.has(name)) ways.add(name.replace(/\.(constprop|isra|part)\.\d+$/, ""));
  }
  return ways;
}
