// What the probe's objects are made of: nothing with CONFIG_MEMMAP_ENABLE=n, no warning for the chips' compilers, with ESP-IDF's port
// against own declarations of what it uses of ESP-IDF; no way from IRAM into flash.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileForRv32, projectRoot, STRICT_FLAGS } from "../../tools/build-c.ts";
import { DIRECT_CALLER_FLAGS, INTERPOSE_FLAGS } from "../../tools/c-sources.ts";
import { atLength } from "../length.ts";
import { allNeedCommands, needsCommands } from "../toolchain.ts";
import { linkedSize, WHOLE_PROBE } from "./linked-size.ts";
import { buildProbeTest, PROBE_INCLUDES, PROBE_SOURCES } from "./sources.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "memmap-objects-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function compile(compiler: string, source: string, flags: readonly string[]): string {
  const object = join(folder, `${basename(source)}.o`);
  execFileSync(compiler, [...STRICT_FLAGS, ...flags, "-c", source, "-o", object], { cwd: projectRoot, stdio: "pipe" });
  return object;
}

const include = (folders: readonly string[]): string[] => folders.map((path) => `-I${path}`);

const idfIncludes = ["test/firmware/idf", "test/firmware/idf/private"];
const espIdfPort = ["firmware/memmap/port", "firmware/memmap/transports"].flatMap((folder) =>
  readdirSync(join(projectRoot, folder))
    .filter((name) => /espidf.*\.c$/.test(name) || (folder.endsWith("transports") && name.endsWith(".c")))
    .map((name) => `${folder}/${name}`),
);

const CROSS_COMPILERS = ["riscv64-unknown-elf-gcc", "xtensa-lx106-elf-gcc"] as const;

describe("CONFIG_MEMMAP_ENABLE=n", () => {
  allNeedCommands("gcc");
  const flags = ["-Os", "-DCONFIG_MEMMAP_ENABLE=0", ...include([...PROBE_INCLUDES, ...idfIncludes])];
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

  test.for([
    { option: "TABLE_CAPACITY", from: 1024, to: 2048 },
    { option: "SITE_CAPACITY", from: 256, to: 356 },
    { option: "NAMED_SITE_CAPACITY", from: 64, to: 164 },
    { option: "TASK_CAPACITY", from: 32, to: 60 },
    { option: "FREED_HISTORY", from: 64, to: 164 },
    { option: "REPORT_CAPACITY", from: 6, to: 106 },
    { option: "FRAME_COUNT", from: 8, to: 108 },
  ])("$option says how many bytes one more takes", { timeout: 60_000 }, ({ option, from, to }, context) => {
    needsCommands(context, "riscv64-unknown-elf-gcc");
    const ram = (value: number): number => {
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
    };
    const bytes = Math.round((ram(to) - ram(from)) / (to - from)); // padding aside
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
        include([...idfIncludes, "simulator/libc/include", ...PROBE_INCLUDES]),
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

describe("what is interposed is the same", () => {
  const flags = [...INTERPOSE_FLAGS, ...DIRECT_CALLER_FLAGS];
  const probeFile = (name: string): string => readFileSync(join(projectRoot, "firmware/memmap", name), "utf8");

  test("for ESP-IDF", () => {
    const text = probeFile("CMakeLists.txt");
    const lists = [...text.matchAll(/foreach\(symbol ([^)]*)\)/g)].flatMap((match) => match[1]?.split(/\s+/) ?? []);
    const single = [...text.matchAll(/--wrap=(heap\w+)/g)].map((match) => match[1] ?? "");
    expect(new Set([...lists, ...single].map((symbol) => `-Wl,--wrap=${symbol}`))).toEqual(new Set(flags));
  });

  test("for PlatformIO", () => {
    const library = JSON.parse(probeFile("library.json")) as { build: { flags: string[] } };
    expect(library.build.flags.filter((flag) => flag.includes("--wrap="))).toEqual(flags);
  });

  test("for Arduino, as its README says", () => {
    const line = /^compiler\.c\.elf\.extra_flags=(.*)$/m.exec(probeFile("README.md"))?.[1];
    expect(line?.split(" ")).toEqual(INTERPOSE_FLAGS);
  });

  test("in the code", () => {
    const code = ["interpose.c", "failure.c", "callers.c", "callers_cxx.c"]
      .map((name) => probeFile(`src/${name}`))
      .join();
    const defined = [
      ...[
        ...code.matchAll(/^NOTED(?:_THEN)?\([^,]*, (\w+),/gm),
        ...code.matchAll(/^NOTED_(?:VOID|PREFER)\((\w+),/gm),
      ].map((match) => match[1]),
      ...[...code.matchAll(/__wrap_(\w+)\(/g)].map((match) => match[1]),
    ];
    expect(new Set(defined.map((symbol) => `-Wl,--wrap=${symbol}`))).toEqual(new Set(flags));
  });
});

/** The short form generates no code for most of the builds: what the compiler only sees in its optimizer it then sees in those of `WHOLE_CHIPS`. */
const QUICKLY = atLength({ short: ["-fsyntax-only"], long: [] });
const WHOLE_CHIPS: ReadonlySet<string> = new Set(["esp32c3", "esp32"]);

describe("no compiler warns", () => {
  allNeedCommands(...CROSS_COMPILERS);
  const espIdf = [
    "-DESP_PLATFORM",
    "-ffreestanding",
    ...include([...idfIncludes, "simulator/libc/include", ...PROBE_INCLUDES]),
  ];
  const sources = [...PROBE_SOURCES, ...espIdfPort, "firmware/memmap/examples/planted_faults/main/main.c"];
  const optional = ["-DCONFIG_MEMMAP_TCP=1", "-DCONFIG_MEMMAP_FLIGHT_RECORDER=1"];
  const riscv = ["-march=rv32imc", "-mabi=ilp32", "-Os", ...optional];
  const xtensa = [...optional, "-mlongcalls", "-mtext-section-literals", "-Os", "-DCONFIG_IDF_TARGET_ARCH_XTENSA=1"];
  const builds = [
    {
      chip: "esp32c3",
      compiler: "riscv64-unknown-elf-gcc",
      flags: [...riscv, "-DCONFIG_MEMMAP_TRANSPORT_USB_SERIAL_JTAG=1"],
    },
    {
      chip: "esp32c6",
      compiler: "riscv64-unknown-elf-gcc",
      flags: [
        ...riscv,
        "-DCONFIG_ESP_SYSTEM_USE_FRAME_POINTER=1",
        "-DCONFIG_MEMMAP_STACK_DEPTH=6",
        "-DCONFIG_MEMMAP_TRANSPORT_UART=1",
        "-DCONFIG_FREERTOS_NUMBER_OF_CORES=1",
      ],
    },
    {
      chip: "esp32c3 without frame pointers",
      compiler: "riscv64-unknown-elf-gcc",
      flags: [...riscv, "-DCONFIG_MEMMAP_DIRECT_CALLERS=1", "-DCONFIG_MEMMAP_TRANSPORT_OWN=1"],
    },
    {
      chip: "esp32c3 whose last events survive a panic",
      compiler: "riscv64-unknown-elf-gcc",
      flags: [
        ...riscv,
        "-DCONFIG_MEMMAP_PANIC_HANDLER=1",
        "-DCONFIG_MEMMAP_SURVIVE=1",
        "-DCONFIG_MEMMAP_SURVIVE_BYTES=4096",
        "-DCONFIG_MEMMAP_TRANSPORT_OWN=1",
      ],
    },
    {
      chip: "esp32c2 with all left out that can be",
      compiler: "riscv64-unknown-elf-gcc",
      flags: [
        ...riscv,
        ...["INTERPOSE", "IN_IRAM", "IN_CORE_DUMP", "PRINT_REPORTS", "RED_ZONE_BYTES", "QUARANTINE_BYTES"].map(
          (name) => `-DCONFIG_MEMMAP_${name}=0`,
        ),
        "-DCONFIG_FREERTOS_NUMBER_OF_CORES=1",
        "-DCONFIG_MEMMAP_TRANSPORT_OWN=1",
      ],
    },
    {
      chip: "esp32c3 with the heap's hooks",
      compiler: "riscv64-unknown-elf-gcc",
      flags: [
        ...riscv,
        "-DCONFIG_MEMMAP_INTERPOSE=0",
        "-DCONFIG_MEMMAP_HOOKS=1",
        "-DCONFIG_HEAP_USE_HOOKS=1",
        "-DCONFIG_MEMMAP_TRANSPORT_OWN=1",
      ],
    },
    {
      chip: "esp32s3 with a heap that poisons and tracks tasks",
      compiler: "xtensa-lx106-elf-gcc",
      flags: [
        ...xtensa,
        "-DCONFIG_HEAP_POISONING_COMPREHENSIVE=1",
        "-DCONFIG_HEAP_TASK_TRACKING=1",
        "-DCONFIG_MEMMAP_TRANSPORT_USB_SERIAL_JTAG=1",
      ],
    },
    {
      chip: "esp32",
      compiler: "xtensa-lx106-elf-gcc",
      flags: [...xtensa, "-DCONFIG_MEMMAP_STACK_DEPTH=6", "-DCONFIG_MEMMAP_TRANSPORT_CONSOLE_UART=1"],
    },
  ];

  test.each(builds)("ESP-IDF's port for $chip", { timeout: 60_000 }, ({ chip, compiler, flags }) => {
    const all = [...espIdf, `-DCONFIG_IDF_TARGET="${chip}"`, ...flags, ...(WHOLE_CHIPS.has(chip) ? [] : QUICKLY)];
    for (const source of sources) compile(compiler, source, all);
  });

  test("Arduino, which compiles and searches src/ alone and ships no private header", { timeout: 60_000 }, () => {
    const folder = "firmware/memmap/src";
    const names = readdirSync(join(projectRoot, folder), { recursive: true, encoding: "utf8" });
    const flags = [...include(["test/firmware/idf", "simulator/libc/include", "simulator/heap", folder]), ...riscv];
    const arduino = [
      "-DESP_PLATFORM",
      "-DARDUINO=10819",
      "-DMEMMAP_TEST_NO_SDKCONFIG",
      "-ffreestanding",
      ...flags,
      ...QUICKLY,
    ];
    for (const name of names.filter((path) => path.endsWith(".c"))) {
      compile("riscv64-unknown-elf-gcc", `${folder}/${name}`, [...arduino, '-DCONFIG_IDF_TARGET="esp32c3"']);
    }
  });

  test("PlatformIO, with the flags of library.json", { timeout: 60_000 }, () => {
    const library = JSON.parse(readFileSync(join(projectRoot, "firmware/memmap/library.json"), "utf8")) as {
      readonly headers: readonly string[];
      readonly build: { readonly flags: readonly string[] };
    };
    for (const header of library.headers) readFileSync(join(projectRoot, "firmware/memmap/include", header));
    const own = library.build.flags.flatMap((flag) => {
      const [, folder] = /^-I (\w+)$/.exec(flag) ?? [];
      return folder === undefined ? [flag] : [`-Ifirmware/memmap/${folder}`];
    });
    const folders = include([
      "test/firmware/idf",
      "simulator/libc/include",
      "simulator/heap",
      "firmware/memmap/include",
    ]);
    const flags = ["-DESP_PLATFORM", "-DMEMMAP_TEST_NO_SDKCONFIG", "-ffreestanding", ...folders, ...own];
    const compilers = [
      { compiler: "riscv64-unknown-elf-gcc", chip: riscv },
      { compiler: "xtensa-lx106-elf-gcc", chip: xtensa },
    ];
    for (const { compiler, chip } of compilers) {
      const rest = chip.filter((flag) => !own.includes(flag));
      for (const source of [...PROBE_SOURCES, ...espIdfPort]) {
        compile(compiler, source, [...flags, ...rest, ...QUICKLY, '-DCONFIG_IDF_TARGET="esp32"']);
      }
    }
  });

  // Functions that came with a release: stand-ins by version, as no compiler here has ESP-IDF.
  test.each(["5.3.0", "5.3.3", "5.3.4", "5.4.0", "5.5.0", "6.0.0", "6.1.0"])(
    "USB-Serial-JTAG on ESP-IDF %s",
    (version) => {
      const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
      const number = (major << 16) | (minor << 8) | patch;
      const flags = [...espIdf, ...riscv, `-DMEMMAP_TEST_IDF=${number}`, "-DCONFIG_MEMMAP_TRANSPORT_USB_SERIAL_JTAG=1"];
      const object = compile("riscv64-unknown-elf-gcc", "firmware/memmap/port/port_espidf_transport.c", flags);
      const symbols = execFileSync("nm", ["--undefined-only", object], { encoding: "utf8" });
      expect(symbols.includes("usb_serial_jtag_is_driver_installed")).toBe(number >= 0x050304);
    },
  );

  test("a program of PlatformIO sees the probe without flags of its own, and not where Kconfig has it off", () => {
    const folders = include([
      "test/firmware/idf",
      "simulator/libc/include",
      "simulator/heap",
      "firmware/memmap/include",
    ]);
    const flags = ["-DESP_PLATFORM", "-ffreestanding", ...folders, ...riscv];
    const calls = (...more: readonly string[]): string =>
      execFileSync(
        "nm",
        [
          "--undefined-only",
          "--format=just-symbols",
          compile("riscv64-unknown-elf-gcc", "test/firmware/classic-program.c", [...flags, ...more]),
        ],
        { encoding: "utf8" },
      );
    expect(calls("-DMEMMAP_TEST_NO_SDKCONFIG")).toMatch(/^memmap_malloc$/m);
    expect(calls("-DMEMMAP_TEST_NO_SDKCONFIG", "-DCONFIG_MEMMAP_KCONFIG=1")).toMatch(/^heap_caps_malloc$/m);
    expect(calls("-DMEMMAP_TEST_NO_SDKCONFIG", "-DCONFIG_MEMMAP_ENABLE=0")).toMatch(/^heap_caps_malloc$/m);
  });

  test("code that declares the original's functions itself, in C and C++", (context) => {
    needsCommands(context, "g++");
    const source = "test/firmware/classic-redeclared.c";
    const common = ["-Wall", "-Wextra", "-Werror", "-DCONFIG_MEMMAP_CLASSIC_SIGNATURES=1", ...include(PROBE_INCLUDES)];
    for (const on of ["-DCONFIG_MEMMAP_ENABLE=1", "-DCONFIG_MEMMAP_ENABLE=0"]) {
      for (const before of [[], ["-DBEFORE"]]) {
        compile("gcc", source, [...common, on, ...before]);
        const object = join(folder, "redeclared.o");
        const cxx = ["-std=c++11", ...common, on, ...before, "-x", "c++", "-c", source, "-o", object];
        execFileSync("g++", cxx, { cwd: projectRoot, stdio: "pipe" });
      }
    }
    compile("gcc", "firmware/memmap/src/api.c", common);
  });

  test("the manifests name the same addresses", () => {
    const manifest = readFileSync(join(projectRoot, "firmware/memmap/idf_component.yml"), "utf8");
    const library = JSON.parse(readFileSync(join(projectRoot, "firmware/memmap/library.json"), "utf8")) as {
      readonly homepage: string;
      readonly repository: { readonly url: string };
    };
    const address = (key: string): string => new RegExp(`^${key}: "(https://[^"]+)"$`, "m").exec(manifest)?.[1] ?? "";
    const project = address("repository").replace(/\.git$/, "");
    expect(project).toMatch(/^https:/);
    expect(address("repository")).toBe(library.repository.url);
    expect(address("url")).toBe(library.homepage);
    expect(address("issues")).toBe(`${project}/issues`);
    expect(address("documentation")).toMatch(project);
  });

  test.each([
    {
      flags: ["-DCONFIG_HEAP_TRACING=1"],
      message: /set Component config > Heap memory debugging > Heap tracing to Disabled/,
    },
    {
      flags: ["-DCONFIG_MEMMAP_INTERPOSE=0", "-DCONFIG_MEMMAP_HOOKS=1"],
      message: /CONFIG_MEMMAP_HOOKS needs CONFIG_HEAP_USE_HOOKS/,
    },
    {
      flags: ["-DCONFIG_MEMMAP_SURVIVE=1", "-DCONFIG_ESP_SYSTEM_PANIC_PRINT_HALT=1"],
      message: /this configuration does not reset: set Component config/,
    },
    {
      flags: ["-DCONFIG_MEMMAP_SURVIVE=1", "-DMEMMAP_TEST_NO_SDKCONFIG"],
      message: /CONFIG_MEMMAP_SURVIVE needs ESP-IDF's own build/,
    },
    {
      flags: ["-DCONFIG_MEMMAP_TABLE_FROM_PSRAM=1", "-DCONFIG_MEMMAP_IN_IRAM=1"],
      message: /PSRAM cannot be read while the flash cache is off/,
    },
  ])("what cannot work says what to change: $flags", ({ flags, message }) => {
    const all = [...espIdf, ...riscv, '-DCONFIG_IDF_TARGET="esp32c3"', ...flags];
    expect(() => compile("riscv64-unknown-elf-gcc", "firmware/memmap/src/table.c", all)).toThrow(message);
  });

  test("clang", (context) => {
    needsCommands(context, "clang");
    const flags = ["-O1", "-DCONFIG_MEMMAP_INTERPOSE=1", ...include(PROBE_INCLUDES)];
    for (const source of [...PROBE_SOURCES, "test/firmware/port_host.c"]) compile("clang", source, flags);
  });
});

describe("RAM", () => {
  allNeedCommands("riscv64-unknown-elf-gcc");

  // The default configuration's, and no more than can be spared on the smallest of these chips.
  test.each([
    { depth: 1, most: 42 * 1024 },
    { depth: 6, most: 48 * 1024 },
  ])("is at most $most bytes at stack depth $depth", { timeout: 300_000 }, async ({ depth, most }) => {
    const defines = { ...WHOLE_PROBE.defines, CONFIG_MEMMAP_STACK_DEPTH: depth };
    const objects = await compileForRv32({ ...WHOLE_PROBE, defines });
    const bytes = objects.reduce((sum, { data, bss }) => sum + data + bss, 0);
    expect(bytes).toBeLessThanOrEqual(most);
    expect(bytes).toBeGreaterThan(0.9 * most);
  });
});

describe("memmap_print_cost()", () => {
  allNeedCommands("gcc");

  test("names all of the probe's variables, and what it has from the heap", { timeout: 120_000 }, async () => {
    const program = await buildProbeTest({ name: "cost", sources: ["cost.c"], interposed: true, sanitizer: "none" });
    const text = execFileSync(program, { encoding: "utf8" });
    const objects = PROBE_SOURCES.map((source) =>
      compile("gcc", source, ["-O1", "-DCONFIG_MEMMAP_INTERPOSE=1", ...include([...PROBE_INCLUDES])]),
    );
    // The last line has text, data and bss; constants that hold addresses are data on a host.
    const [, data = 0, bss = 0] = (
      execFileSync("size", ["-t", ...objects], { encoding: "utf8" })
        .trim()
        .split("\n")
        .at(-1) ?? ""
    )
      .trim()
      .split(/\s+/)
      .map(Number);
    const [, variables = 0, heap = 0] = (/: (\d+) bytes of variables, (\d+) bytes from the heap/.exec(text) ?? []).map(
      Number,
    );
    const parts = [...text.matchAll(/^ {2}(\d+) bytes: /gm)].map(([, bytes]) => Number(bytes));
    expect(parts.length).toBeGreaterThan(9);
    expect(parts.reduce((sum, bytes) => sum + bytes, 0)).toBe(variables + heap);
    expect(Math.abs(variables - data - bss)).toBeLessThan(0.03 * variables);
    expect(heap).toBe(3 + 8 + 100);
    expect(text).toContain("26638 bytes: 2048 blocks that the table holds");
  });
});

describe("stack", () => {
  allNeedCommands("riscv64-unknown-elf-gcc");
  let graphs: readonly string[] | undefined;

  /** What GCC says of each function's frame and calls, one text a source. */
  function callGraphs(): readonly string[] {
    const flags = ["-march=rv32imc", "-mabi=ilp32", "-Os", "-ffreestanding", "-fcallgraph-info=su"].concat(
      "-DCONFIG_MEMMAP_INTERPOSE=1",
      include(["simulator/libc/include", ...PROBE_INCLUDES, "test/firmware/idf"]),
    );
    return PROBE_SOURCES.map((source) =>
      readFileSync(compile("riscv64-unknown-elf-gcc", source, flags).replace(/\.o$/, ".ci"), "utf8"),
    );
  }

  // What docs/probe-cost.md says. A report is printed in the task that happens to call; its stack must bear that.
  test.each([
    { entry: "__wrap_heap_caps_free", most: 1200 },
    { entry: "__wrap_heap_caps_malloc_base", most: 1408 },
    { entry: "__wrap_heap_caps_realloc_base", most: 1504 },
    { entry: "memmap_drain", most: 1504 },
  ])(
    "$entry takes at most $most bytes with a report, besides what prints it",
    { timeout: 300_000 },
    ({ entry, most }) => {
      graphs ??= callGraphs();
      expect(deepest(graphs, entry)).toBeLessThanOrEqual(most);
      expect(deepest(graphs, entry)).toBeGreaterThan(most / 2);
    },
  );

  /** Bytes of stack from `entry` on along the deepest way through these call graphs; calls by pointer aside. */
  function deepest(graphs: readonly string[], entry: string): number {
    const frames = new Map<string, number>();
    const calls = new Map<string, string[]>();
    for (const graph of graphs) {
      for (const [, name = "", bytes] of graph.matchAll(/^node: \{ title: "([^"]+)" label: "[^"]*?(\d+) bytes/gm)) {
        frames.set(name, Number(bytes));
      }
      for (const [, from = "", to = ""] of graph.matchAll(/^edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"/gm)) {
        calls.set(from, [...(calls.get(from) ?? []), to]);
      }
    }
    const below = (name: string, way: readonly string[]): number =>
      way.includes(name)
        ? 0
        : (frames.get(name) ?? 0) +
          Math.max(0, ...[...new Set(calls.get(name))].map((called) => below(called, [...way, name])));
    return below(entry, []);
  }
});

describe("what runs with the flash cache off stays in IRAM", () => {
  allNeedCommands(...CROSS_COMPILERS);
  // Only called where flash is readable (memmap_port_flash_ready()), or from tasks, which do not run while the cache is off.
  const guarded = [
    ...["mm_blame", "obtain_checked", "release_checked", "mm_zone_write"],
    ...["check_name", "report", "report_call", "mm_report_failure", "mm_method_name"],
  ];
  const tasksOnly = ["mm_quarantine_trim", "memmap_port_allocation_failed"];

  const optimizations = atLength<readonly (readonly [string, number])[]>({
    short: [
      ["-Os", 1],
      ["-O2", 1],
    ],
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
    const includes = include([...idfIncludes, "simulator/libc/include", ...PROBE_INCLUDES]);
    execFileSync(
      "riscv64-unknown-elf-gcc",
      [...STRICT_FLAGS, optimization, ...flags, ...configuration, ...includes, "-o", object, ...sources],
      { cwd: projectRoot, stdio: "pipe" },
    );
    const ways = [...waysOutOfIram(object)].filter((way) => ![...guarded, ...tasksOnly].includes(way));
    expect(ways).toEqual([]);
  });

  test("which is at most 6 KB at -Os with everything on", { timeout: 300_000 }, async () => {
    const { iram, bySource } = await linkedSize();
    expect(bySource.size).toBeGreaterThan(20);
    expect(iram).toBeGreaterThan(4000);
    expect(iram).toBeLessThanOrEqual(6144);
  });

  /** Functions and constants in flash that code in IRAM refers to. */
  function waysOutOfIram(object: string): Set<string> {
    const objdump = (option: string): string[] =>
      execFileSync("riscv64-unknown-elf-objdump", [option, object], { encoding: "utf8", maxBuffer: 1 << 26 }).split(
        "\n",
      );
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
      if (inIram && name !== undefined && inFlash.has(name))
        ways.add(name.replace(/\.(constprop|isra|part)\.\d+$/, ""));
    }
    return ways;
  }
});
