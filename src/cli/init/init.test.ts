// `memmap init` on trees of each kind, the odd ones too: what it changes, that it is all or nothing, and that --undo takes it back. None of the
// three build systems can be run here: what they make of it was not tried.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Plan } from "./plan.ts";
import { apply, planFor, undo } from "./project.ts";
import { bodyOf, codeOnly, withCall } from "./source-code.ts";

const cmake =
  "cmake_minimum_required(VERSION 3.16)\ninclude($ENV{IDF_PATH}/tools/cmake/project.cmake)\nproject(weather)\n";
const main = '#include <stdio.h>\n#include "esp_log.h"\n\nvoid app_main(void)\n{\n    printf("hello\\n");\n}\n';
const espIdf = {
  "CMakeLists.txt": cmake,
  "main/CMakeLists.txt": 'idf_component_register(SRCS "main.c")\n',
  "main/main.c": main,
};
const ini = "[env:esp32dev]\nplatform = espressif32\nboard = esp32dev\nframework = arduino\nmonitor_speed = 921600\n";
const sketch =
  "// blinks\n#include <WiFi.h>\n\nvoid setup() {\n  Serial.begin(115200);\n  pinMode(2, OUTPUT);\n}\n\nvoid loop() {}\n";

type Tree = Readonly<Record<string, string>>;

let scratch: string | undefined;
afterEach(() => {
  if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
  scratch = undefined;
});

function make(tree: Tree, name = "project"): string {
  scratch ??= mkdtempSync(join(tmpdir(), "memmap-init-"));
  const folder = join(scratch, name);
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

function read(folder: string, path: string): string {
  return readFileSync(join(folder, path), "utf8");
}

/** Every file with its text. */
function snapshot(folder: string, below = ""): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
    const path = `${below}${entry.name}`;
    if (entry.isDirectory()) Object.assign(found, snapshot(folder, `${path}/`));
    else found[path] = read(folder, path);
  }
  return found;
}

function carryOut(folder: string): Plan {
  const plan = planFor(folder);
  apply(folder, plan.changes);
  return plan;
}

const trees: readonly (readonly [string, Tree])[] = [
  ["ESP-IDF", espIdf],
  [
    "ESP-IDF with CRLF",
    Object.fromEntries(
      Object.entries({ ...espIdf, "sdkconfig.defaults": "CONFIG_A=y\n" }).map(([path, text]) => [
        path,
        text.replaceAll("\n", "\r\n"),
      ]),
    ),
  ],
  [
    "ESP-IDF with defaults that end without a line feed",
    { ...espIdf, "sdkconfig.defaults": "CONFIG_FREERTOS_HZ=1000" },
  ],
  [
    "ESP-IDF with heap tracing in its defaults",
    {
      ...espIdf,
      "sdkconfig.defaults": "CONFIG_HEAP_TRACING_STANDALONE=y\n# CONFIG_HEAP_TRACING_OFF is not set\nCONFIG_B=y\n",
    },
  ],
  [
    "ESP-IDF in C++",
    { "CMakeLists.txt": cmake, "main/app.cpp": '#include "app.hpp"\n\nextern "C" void app_main()\n{\n}\n' },
  ],
  [
    "ESP-IDF with app_main in a component",
    {
      "CMakeLists.txt": cmake,
      "components/core/CMakeLists.txt": 'idf_component_register(SRCS "core.c" INCLUDE_DIRS ".")\n',
      "components/core/core.c": main,
    },
  ],
  ["ESP-IDF with app_main in src", { "CMakeLists.txt": cmake, "src/deep/er/start.c": main }],
  ["PlatformIO", { "platformio.ini": ini, "src/main.cpp": sketch.replace("// blinks", "#include <Arduino.h>") }],
  [
    "PlatformIO with flags",
    {
      "platformio.ini": `[env]\nbuild_flags =\n    -DA=1\n    -DB=2\n\n${ini}build_flags = -DC\n\n[env:other]\nboard = x\n`,
      "src/main.cpp": sketch,
    },
  ],
  [
    "PlatformIO with ESP-IDF",
    { "platformio.ini": ini.replace("arduino", "espidf"), "CMakeLists.txt": cmake, "src/main.c": main },
  ],
  [
    "PlatformIO with CRLF",
    { "platformio.ini": ini.replaceAll("\n", "\r\n"), "src/main.cpp": sketch.replaceAll("\n", "\r\n") },
  ],
  ["a sketch", { "project.ino": sketch }],
  ["a sketch without Serial", { "project.ino": "void setup()\n{\n}\nvoid loop() {}\n" }],
];

describe.each(trees)("%s", (_name, tree) => {
  test("is set up, a second time needs nothing, and is taken back to the byte", () => {
    const folder = make(tree);
    const root = dirname(folder);
    const before = snapshot(root);
    const { changes, next } = carryOut(folder);
    expect(changes.length).toBeGreaterThan(1);
    expect(next).toHaveLength(2);
    const after = snapshot(root);
    const started = Object.values(after).filter(
      (text) => /^\s*memmap_stream_start\(/m.test(text) && !text.includes("the probe"),
    );
    expect(started.length).toBeGreaterThan(0);
    for (const [path, text] of Object.entries(before)) {
      const eol = text.includes("\r\n");
      if (eol) expect(after[path]?.replaceAll("\r\n", ""), path).not.toContain("\n");
      else expect(after[path], path).not.toContain("\r");
    }
    expect(planFor(folder).changes).toEqual([]);
    expect(undo(folder)?.left).toEqual([]);
    expect(snapshot(root)).toEqual(before);
    expect(undo(folder)).toBeUndefined();
  });
});

test("ESP-IDF: component, settings and the line, each where it belongs", () => {
  const folder = make({ ...espIdf, sdkconfig: 'CONFIG_IDF_TARGET="esp32c3"\nCONFIG_HEAP_TRACING_STANDALONE=y\n' });
  const { notes } = carryOut(folder);
  expect(read(folder, "components/memmap/include/memmap.h")).toContain("memmap_stream_start");
  expect(read(folder, "sdkconfig.defaults")).toBe(
    "# memmap\nCONFIG_MEMMAP_ENABLE=y\nCONFIG_HEAP_TRACING_OFF=y\nCONFIG_ESP_SYSTEM_USE_FRAME_POINTER=y\n",
  );
  expect(read(folder, "main/main.c")).toBe(
    '#include <stdio.h>\n#include "esp_log.h"\n#include "memmap.h"\n\nvoid app_main(void)\n{\n    memmap_stream_start(NULL); // memmap: to the console\'s UART or USB\n    printf("hello\\n");\n}\n',
  );
  expect(notes.join()).toContain("sdkconfig exists and says otherwise (CONFIG_HEAP_TRACING_STANDALONE)");
});

test("a component that holds app_main says that it needs memmap", () => {
  const folder = make(trees[5]?.[1] ?? {});
  carryOut(folder);
  expect(read(folder, "components/core/CMakeLists.txt")).toBe(
    'idf_component_register(SRCS "core.c" INCLUDE_DIRS "." PRIV_REQUIRES memmap)\n',
  );
});

test("app_main in a folder of any name; a stream that is started elsewhere is not started twice", () => {
  const app = {
    "CMakeLists.txt": cmake,
    "app/CMakeLists.txt": "idf_component_register(SRCS a.c\n  PRIV_REQUIRES nvs_flash)\n",
    "app/a.c": main,
  };
  const folder = make(app);
  carryOut(folder);
  expect(read(folder, "app/a.c")).toContain("memmap_stream_start(NULL);");
  expect(read(folder, "app/CMakeLists.txt")).toBe(
    "idf_component_register(SRCS a.c\n  PRIV_REQUIRES memmap nvs_flash)\n",
  );
  const started = make(
    { ...espIdf, "main/net.c": "void net(void)\n{\n    memmap_stream_start(&tcp);\n}\n" },
    "started",
  );
  expect(planFor(started).changes.map(({ path }) => path)).toEqual(["components/memmap", "sdkconfig.defaults"]);
  for (const [name, files] of Object.entries({
    "idf-comment": { ...espIdf, "main/net.c": "// memmap_stream_start(NULL);\n" },
    "pio-comment": { "platformio.ini": ini, "src/main.cpp": `// memmap_stream_start(NULL);\n${sketch}` },
    "sketch-comment": { "sketch-comment.ino": `/* memmap_stream_start(&x); */\n${sketch}` },
  })) {
    const whys = planFor(make(files, name)).changes.map(({ why }) => why);
    expect(whys, name).toContainEqual(expect.stringMatching(/^starts the stream/));
  }
  const copied = make(
    {
      ...espIdf,
      "build/main.c": "memmap_stream_start(NULL);",
      "managed_components/x/x.c": "void app_main(void)\n{\n}\n",
    },
    "copied",
  );
  expect(planFor(copied).changes.at(-1)?.path).toBe("main/main.c");
});

test("the component manager's memmap is not copied a second time", () => {
  const folder = make({ ...espIdf, "main/idf_component.yml": 'dependencies:\n  memmap/memmap: "*"\n' });
  expect(planFor(folder).changes.some(({ kind }) => kind === "copy")).toBe(false);
});

test("PlatformIO: each environment has the flag once, behind what it has", () => {
  const folder = make(trees[8]?.[1] ?? {});
  carryOut(folder);
  const flag = "-DCONFIG_MEMMAP_TRANSPORT_CONSOLE_UART=1";
  expect(read(folder, "platformio.ini")).toContain(`build_flags =\n    -DA=1\n    -DB=2\n    ${flag}\n`);
  expect(read(folder, "platformio.ini")).toContain(`build_flags = -DC\n    ${flag}\n`);
  expect(read(folder, "platformio.ini").split(flag)).toHaveLength(3);
});

test("a sketch's stream starts behind its own Serial.begin()", () => {
  const folder = make({ "project.ino": sketch });
  carryOut(folder);
  const text = read(folder, "project.ino");
  expect(text).toMatch(
    /setTxBufferSize\(2048\);[^\n]*\n {2}Serial\.begin\(115200\);\n {2}static const memmap_transport_t[^\n]*\n {2}memmap_stream_start/,
  );
  expect(text.indexOf("#include <memmap.h>")).toBeLessThan(text.indexOf("static bool memmap_write_frame"));
  expect(existsSync(join(dirname(folder), "libraries/memmap/library.properties"))).toBe(true);
});

test("what others have changed since stays when it is taken back", () => {
  const folder = make({ ...espIdf, "sdkconfig.defaults": "CONFIG_A=y\n" });
  carryOut(folder);
  writeFileSync(join(folder, "sdkconfig.defaults"), `${read(folder, "sdkconfig.defaults")}CONFIG_LATER=y\n`);
  writeFileSync(join(folder, "main/main.c"), "void app_main(void) {}\n");
  const undone = undo(folder);
  expect(undone).toMatchObject({ edited: ["sdkconfig.defaults"], left: ["main/main.c"] });
  expect(read(folder, "sdkconfig.defaults")).toBe("CONFIG_A=y\nCONFIG_LATER=y\n");
  expect(read(folder, "main/main.c")).toBe("void app_main(void) {}\n");
});

test.skipIf(process.getuid?.() === 0 || process.platform === "win32")(
  "without permission nothing at all is changed",
  () => {
    const folder = make(espIdf);
    chmodSync(join(folder, "main/main.c"), 0o444);
    const before = snapshot(folder);
    expect(() => carryOut(folder)).toThrow(/may not be written/);
    expect(snapshot(folder)).toEqual(before);
  },
);

test("a failure on the way puts everything back", () => {
  const folder = make({ ...espIdf, "components/memmap": "somebody else's" });
  const before = snapshot(folder);
  expect(() => carryOut(folder)).toThrow(/is there already/);
  expect(snapshot(folder)).toEqual(before);
  const other = make({ ...espIdf, "sdkconfig.defaults/kept.txt": "a folder where a file should go" }, "other");
  const otherBefore = snapshot(other);
  expect(() => carryOut(other)).toThrow(/could not be changed.*sdkconfig\.defaults/);
  expect(snapshot(other)).toEqual(otherBefore);
});

test("a folder that is no project is said to be none, and one without app_main is set up as far as possible", () => {
  expect(() => planFor(make({ "notes.txt": "x" }))).toThrow(/no project that memmap knows/);
  const { notes, changes } = planFor(make({ "CMakeLists.txt": cmake, "main/rust.rs": "" }, "other"));
  expect(notes.join()).toContain("no app_main() was found");
  expect(changes.map(({ path }) => path)).toEqual(["components/memmap", "sdkconfig.defaults"]);
});

test("the copied probe is the package's own", () => {
  const folder = make(espIdf);
  carryOut(folder);
  const own = join(import.meta.dirname, "../../../firmware/memmap");
  expect(statSync(join(folder, "components/memmap/Kconfig")).size).toBe(statSync(join(own, "Kconfig")).size);
});

describe("one line into a program", () => {
  test.each([
    ["a declaration", "void app_main(void);\nint x;\n"],
    ["a comment", "// void app_main(void) { }\n/* void app_main(void) { */\n"],
    ["a string", 'const char *s = "void app_main(void) {";\n'],
    ["another function", "void my_app_main(void) { }\n"],
  ])("%s is no function", (_what, text) => {
    expect(bodyOf(text, "app_main")).toBeUndefined();
  });

  test("includes within #if are no place for ours, nor is a comment", () => {
    const text = '#include "a.h"\n#if X\n#include "b.h"\n#endif\n/*\n#include "c.h"\n*/\nvoid app_main() { }\n';
    expect(withCall(text, "app_main", ["go();"], '"memmap.h"')).toContain('#include "a.h"\n#include "memmap.h"\n#if X');
    expect(withCall("/* licence */\nvoid app_main() {\n  x();\n}\n", "app_main", ["go();"], '"memmap.h"')).toBe(
      '/* licence */\n#include "memmap.h"\nvoid app_main() {\n  go();\n  x();\n}\n',
    );
  });

  test("blanking keeps every place", () => {
    const text = 'a /* b\n c */ "d\\"e" \'f\' // g\nh';
    expect(codeOnly(text)).toHaveLength(text.length);
    expect(codeOnly(text).replace(/\s+/g, "")).toBe("ah");
  });
});
