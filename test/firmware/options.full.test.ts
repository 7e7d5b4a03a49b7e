// What the options of Kconfig do to the objects: nothing is left with CONFIG_MEMMAP_ENABLE=n, what one more of each costs is what the help says, and
// ESP-IDF's core dump finds what it should.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../../tools/build-c.ts";
import { allNeedCommands, needsCommands } from "../toolchain.ts";
import { CROSS_COMPILERS, espIdfIncludes, espIdfPort, include, objectFolder } from "./compile.ts";
import { PROBE_INCLUDES, PROBE_SOURCES } from "./sources.ts";

const compile = objectFolder();

describe("CONFIG_MEMMAP_ENABLE=n", () => {
  allNeedCommands("gcc");
  const flags = ["-Os", "-DCONFIG_MEMMAP_ENABLE=0", ...espIdfIncludes];
  const symbols = (object: string): string[] =>
    execFileSync("nm", ["--format=posix", object], { encoding: "utf8" })
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.split(" ").slice(0, 2).join(" "));

  test("the classic program is plain heap calls", () => {
    const object = compile("gcc", "test/firmware/classic-program.c", flags);
    expect(symbols(object).filter((line) => !line.startsWith(".") && !/ [Ur]$/.test(line))).toEqual(["app_main T"]);
    const foreign = symbols(object).filter((line) => /^(heap|mm|memmap|trace|list)/.test(line));
    expect(foreign).toEqual(["heap_caps_free U", "heap_caps_malloc U"]);
  });

  test.each([...PROBE_SOURCES, ...espIdfPort])("%s is empty", (source) => {
    const size = execFileSync("size", [compile("gcc", source, [...flags, "-fno-asynchronous-unwind-tables"])], {
      encoding: "utf8",
    });
    expect(size.split("\n")[1]?.trim().split(/\s+/).slice(0, 3)).toEqual(["0", "0", "0"]);
  });
});

describe("Kconfig", () => {
  const text = readFileSync(join(projectRoot, "firmware/memmap/Kconfig"), "utf8");
  const options = new Map(
    text
      .split(/^ *config MEMMAP_/m)
      .slice(1)
      .map((option) => [/^\w+/.exec(option)?.[0] ?? "", /\bhelp\n([\s\S]*)/.exec(option)?.[1] ?? ""]),
  );

  test.each([...options])("%s says what it costs", (_name, help) => {
    expect(help).toMatch(/\d ?(bytes|KB)|\b\d+ instructions|No RAM|[Nn]o bytes|bytes of RAM/);
  });

  /** Bytes of variables, with all as it is by itself but this option. */
  function ram(option: string, value: number): number {
    const flags = [
      "-march=rv32imc",
      "-mabi=ilp32",
      "-O0", // quickest, and variables are as large
      "-ffreestanding",
      `-DCONFIG_MEMMAP_${option}=${value}`,
    ].concat(include(["simulator/libc/include", ...PROBE_INCLUDES]));
    const sources = ["table", "sites", "tasks", "events", "freed", "store", "send"];
    const objects = sources.map((name) => compile("riscv64-unknown-elf-gcc", `firmware/memmap/src/${name}.c`, flags));
    const sizes = execFileSync("riscv64-unknown-elf-size", ["-t", ...objects], { encoding: "utf8" });
    const [, data = 0, bss = 0] = (sizes.trim().split("\n").at(-1) ?? "").trim().split(/\s+/).map(Number);
    return data + bss;
  }
  let byItself: number | undefined;

  // `from` is the option's default.
  test.for([
    { option: "TABLE_CAPACITY", from: 2048, to: 1024 },
    { option: "SITE_CAPACITY", from: 256, to: 356 },
    { option: "NAMED_SITE_CAPACITY", from: 64, to: 164 },
    { option: "TASK_CAPACITY", from: 32, to: 60 },
    { option: "FREED_HISTORY", from: 64, to: 164 },
    { option: "REPORT_CAPACITY", from: 6, to: 106 },
    { option: "FRAME_COUNT", from: 8, to: 108 },
  ])("$option says how many bytes one more takes", { timeout: 60_000 }, ({ option, from, to }, context) => {
    needsCommands(context, "riscv64-unknown-elf-gcc");
    byItself ??= ram(option, from);
    const bytes = Math.round((ram(option, to) - byItself) / (to - from)); // padding aside
    expect(options.get(option)).toMatch(new RegExp(`\\b${bytes} bytes`));
  });
});

describe("CONFIG_MEMMAP_IN_CORE_DUMP", () => {
  allNeedCommands(...CROSS_COMPILERS);
  /** What ESP-IDF's core dump finds by its section name, wherever memory is dumped at all. */
  const tables: Readonly<Record<string, readonly string[]>> = {
    "table.c": ["mm_blocks", "mm_table_chains", "mm_table_links"],
    "sites.c": ["mm_sites", "mm_site_index", "table", "named"],
    "tasks.c": ["table"],
    "events.c": ["encoder"],
    "freed.c": ["history"],
    "store.c": ["reports"],
    "state.c": ["mm"],
  };
  const compilers = [
    { tools: "riscv64-unknown-elf", flags: ["-march=rv32imc", "-mabi=ilp32"] },
    { tools: "xtensa-lx106-elf", flags: ["-mlongcalls", "-DCONFIG_IDF_TARGET_ARCH_XTENSA=1"] },
  ];

  describe.each(compilers)("$tools", ({ tools, flags }) => {
    test.each(Object.entries(tables))("%s", (source, symbols) => {
      const all = [...flags, "-Os", "-DESP_PLATFORM", "-ffreestanding", '-DCONFIG_IDF_TARGET="esp32"'].concat(
        espIdfIncludes,
      );
      const placed = (inCoreDump: number): readonly { readonly symbol: string; readonly section: string }[] => {
        const flag = `-DCONFIG_MEMMAP_IN_CORE_DUMP=${inCoreDump}`;
        const object = compile(`${tools}-gcc`, `firmware/memmap/src/${source}`, [...all, flag]);
        const lines = execFileSync(`${tools}-objdump`, ["-t", object], { encoding: "utf8" }).split("\n");
        const sections = execFileSync(`${tools}-objdump`, ["-h", "-w", object], { encoding: "utf8" });
        return lines.flatMap((line) => {
          const [, section = "", symbol = ""] = / O (\S+)\s+[0-9a-f]+ (?:0x\w+ )?(\S+)$/.exec(line) ?? [];
          if (!symbols.includes(symbol)) return [];
          // Dumped is what is loaded, not what is only zeroed.
          const kind = new RegExp(`\\s${section.replaceAll(".", "\\.")}\\s.*`).exec(sections)?.[0] ?? "";
          return [{ symbol, section: kind.includes("CONTENTS") ? section.replace(/\.\d+$/, "") : "zeroed" }];
        });
      };
      const inDump = placed(1);
      expect(inDump.map(({ symbol }) => symbol).sort()).toEqual([...symbols].sort());
      expect(new Set(inDump.map(({ section }) => section))).toEqual(new Set([".dram2.coredump"]));
      expect(placed(0).map(({ section }) => section)).not.toContain(".dram2.coredump");
    });
  });
});
