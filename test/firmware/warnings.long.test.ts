// No compiler warns of the probe: the chips' compilers, with ESP-IDF's port against own declarations of what it uses of ESP-IDF, in the ways in which
// ESP-IDF, Arduino and PlatformIO build it; and what cannot work says what to change.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot, STRICT_FLAGS } from "../../tools/build-c.ts";
import { atLength, covered } from "../length.ts";
import { allNeedCommands, needsCommands } from "../toolchain.ts";
import { CROSS_COMPILERS, espIdfIncludes, espIdfPort, include, objectFolder } from "./compile.ts";
import { PROBE_INCLUDES, PROBE_SOURCES } from "./sources.ts";

const compile = objectFolder();

/**
 * The short form generates no code for most of the builds: what a compiler sees only in its optimizer it sees here in that of `WHOLE_CHIP`, and for RISC-V
 * where footprint and ways out of IRAM are measured.
 */
const isQuick = atLength({ short: true, long: false });
const WHOLE_CHIP = "esp32";

/** Throws what the compiler says of any of these; one run of it for all, where no code is generated. */
function compileAll(compiler: string, sources: readonly string[], flags: readonly string[], quickly = isQuick): void {
  if (!quickly) for (const source of sources) compile(compiler, source, flags);
  else {
    const args = [...STRICT_FLAGS, ...flags, "-fsyntax-only", ...sources];
    execFileSync(compiler, args, { cwd: projectRoot, stdio: "pipe" });
  }
}

describe("no compiler warns", () => {
  allNeedCommands(...CROSS_COMPILERS);
  const espIdf = ["-DESP_PLATFORM", "-ffreestanding", ...espIdfIncludes];
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

  // Each option in one build; in the short form those of one place alone.
  const chosen = atLength({ short: builds.filter((_, i) => [3, 4, 6, 7].includes(i)), long: builds });
  test.each(chosen)("ESP-IDF's port for $chip", { timeout: 60_000 }, ({ chip, compiler, flags }) => {
    const all = [...espIdf, `-DCONFIG_IDF_TARGET="${chip}"`, ...flags];
    compileAll(compiler, sources, all, isQuick && chip !== WHOLE_CHIP);
    covered(`${chip}: ${sources.length} sources`);
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
      '-DCONFIG_IDF_TARGET="esp32c3"',
    ];
    const all = names.filter((path) => path.endsWith(".c")).map((name) => `${folder}/${name}`);
    compileAll("riscv64-unknown-elf-gcc", all, arduino);
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
      compileAll(compiler, [...PROBE_SOURCES, ...espIdfPort], [...flags, ...rest, '-DCONFIG_IDF_TARGET="esp32"']);
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
        const cxx = ["-std=c++11", ...common, on, ...before, "-x", "c++", "-fsyntax-only", source];
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
    compileAll("clang", [...PROBE_SOURCES, "test/firmware/port_host.c"], flags);
  });
});
