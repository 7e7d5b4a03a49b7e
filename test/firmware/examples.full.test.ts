// Everything that a user copies: the examples for ESP-IDF and Arduino, the test application, and the snippets of the documents compile without
// a warning, with the probe and without it, for both kinds of chip.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, normalize } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { projectRoot, STRICT_FLAGS } from "../../tools/build-c.ts";
import { allNeedCommands } from "../toolchain.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "memmap-examples-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const includes = [
  ...["test/firmware/idf", "test/firmware/arduino", "simulator/libc/include", "simulator/heap"],
  ...["firmware/memmap/include", "firmware/examples/conformance/main"],
].map((path) => `-I${path}`);
const common = ["-Os", "-ffreestanding", "-Wall", "-Wextra", "-Werror", "-DESP_PLATFORM", ...includes];
const chips = [
  { chip: "esp32c3", tools: "riscv64-unknown-elf", flags: ["-march=rv32imc", "-mabi=ilp32"] },
  { chip: "esp32", tools: "xtensa-lx106-elf", flags: ["-mlongcalls", "-DCONFIG_IDF_TARGET_ARCH_XTENSA=1"] },
];

const read = (path: string): string => readFileSync(join(projectRoot, path), "utf8");

/** All files below a folder, from the project's root. */
function filesBelow(path: string): string[] {
  return readdirSync(join(projectRoot, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(projectRoot.length + 1));
}

const all = ["firmware/memmap/examples", "firmware/memmap/test_apps", "firmware/examples"].flatMap(filesBelow);
const programs = all.filter((path) => path.endsWith(".c"));
const sketches = all.filter((path) => path.endsWith(".ino"));

describe.each(chips)("$chip", ({ tools, flags }) => {
  allNeedCommands(`${tools}-gcc`);
  const compile = (language: "c" | "c++", path: string, more: readonly string[] = []): void => {
    const standard =
      language === "c" ? STRICT_FLAGS : ["-std=gnu++17", "-fno-exceptions", "-fno-rtti", "-Drestrict=__restrict"];
    const compiler = `${tools}-${language === "c" ? "gcc" : "g++"}`;
    const args = [
      ...standard,
      ...common,
      ...flags,
      ...more,
      "-x",
      language,
      "-c",
      path,
      "-o",
      join(folder, "object.o"),
    ];
    execFileSync(compiler, args, { cwd: projectRoot, stdio: "pipe" });
  };

  test.each(programs)("%s", (path) => {
    compile("c", path);
    compile("c", path, ["-DCONFIG_MEMMAP_ENABLE=0"]);
  });

  test.each(sketches)("%s", (path) => {
    const flags = ["-include", "Arduino.h", "-DARDUINO=10819", "-DMEMMAP_TEST_NO_SDKCONFIG"];
    compile("c++", path, flags);
    compile("c++", path, [...flags, "-DCONFIG_MEMMAP_ENABLE=0"]);
  });

  describe.each(["firmware/memmap/README.md", "docs/transports.md", "docs/real-board.md"])("%s", (path) => {
    const snippets = [...read(path).matchAll(/^```c\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? "");
    test.each(snippets.map((snippet) => [snippet.split("\n")[0] ?? "", snippet] as const))("%s", (_name, snippet) => {
      const file = join(folder, "snippet.c");
      writeFileSync(file, asProgram(snippet));
      compile("c", file, ["-Wno-unused-function", "-Wno-unused-parameter"]);
    });
  });
});

/** A snippet as a file: what it includes and its functions first, the rest in a function of its own. */
function asProgram(snippet: string): string {
  const lines = snippet.replaceAll("…", "");
  const includeLines = lines.match(/^#include .*$/gm) ?? [];
  const functions = lines.match(/^[\w *]+\([^;{]*\)\n\{[\s\S]*?^\}$/gm) ?? [];
  let rest = lines.replace(/^#include .*$/gm, "");
  for (const text of functions) rest = rest.replace(text, "");
  return [
    '#include "memmap.h"',
    '#include "memmap_transports.h"',
    ...includeLines,
    "// What the snippet takes for granted of the application.",
    "size_t spi_free_space(void);",
    "bool spi_write_all(const uint8_t *bytes, size_t length);",
    "void do_something(void);",
    "void app_main(void);",
    ...functions,
    `static void snippet(void)\n{\n${rest}\n}`,
  ].join("\n");
}

describe("projects", () => {
  const projects = all.filter((path) => /^(?!.*\/main\/).*CMakeLists\.txt$/.test(path)).map(dirname);

  test("are where they are expected", () => {
    expect(projects.sort()).toEqual([
      "firmware/examples/conformance",
      "firmware/memmap/examples/flight_recorder",
      "firmware/memmap/examples/planted_faults",
      "firmware/memmap/test_apps",
    ]);
    expect(sketches).toEqual(["firmware/memmap/examples/arduino_serial/arduino_serial.ino"]);
  });

  test.each(projects)("%s finds the component and names only options that there are", (project) => {
    const manifest = join(project, "main/idf_component.yml");
    const found = existsSync(join(projectRoot, manifest))
      ? normalize(join(project, "main", /override_path: "(.*?)"/.exec(read(manifest))?.[1] ?? ""))
      : normalize(
          join(project, /EXTRA_COMPONENT_DIRS (\S+?)\)/.exec(read(join(project, "CMakeLists.txt")))?.[1] ?? ""),
        );
    expect(existsSync(join(projectRoot, found, "idf_component.yml"))).toBe(true);
    const sources =
      /SRCS ([\w. ]+?)(?: [A-Z]|\))/.exec(read(join(project, "main/CMakeLists.txt")))?.[1]?.split(" ") ?? [];
    for (const source of sources) expect(existsSync(join(projectRoot, project, "main", source))).toBe(true);
    const options = new Set(
      [...read("firmware/memmap/Kconfig").matchAll(/config (MEMMAP_\w+)/g)].map((match) => match[1]),
    );
    const settings = filesBelow(project)
      .filter((path) => /sdkconfig/.test(path))
      .map(read)
      .join("\n");
    const named = [...settings.matchAll(/^CONFIG_(MEMMAP_\w+)/gm)].map((match) => match[1]);
    expect(named.filter((name) => !options.has(name))).toEqual([]);
  });

  test.each(["firmware/memmap/README.md", "docs/transports.md", "docs/probe-cost.md", "docs/real-board.md"])(
    "%s names only options and functions that there are",
    (path) => {
      const known = [
        "include/memmap.h",
        "include/memmap_config.h",
        "include/memmap_transports.h",
        "include/memmap.hpp",
        "Kconfig",
      ]
        .map((name) => read(`firmware/memmap/${name}`))
        .join("\n");
      const text = read(path);
      const options = [...text.matchAll(/CONFIG_(MEMMAP_\w+)/g)].map((match) => match[1] ?? "");
      const functions = [...text.matchAll(/\b(memmap_\w+)\(/g)].map((match) => match[1] ?? "");
      expect([...options, ...functions].filter((name) => !known.includes(name))).toEqual([]);
    },
  );
});
