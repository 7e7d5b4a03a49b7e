import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { compressed, fixture } from "../../test/symbols/fixtures.ts";
import { findElf, openElfFile, symbolOptions, tryFindElf } from "./find-elf.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "memmap-elf-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Makes a file; `age` in seconds tells older from newer. */
function put(path: string, content = "", age = 0): void {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content);
  utimesSync(full, 1e9 - age, 1e9 - age);
}

test("the build folder of ESP-IDF, from the project and from inside of it", () => {
  put("build/app.elf");
  put("build/bootloader/bootloader.elf");
  put("main/app.c");
  expect(findElf(undefined, root).path).toBe(join("build", "app.elf"));
  expect(findElf(undefined, join(root, "main")).path).toBe(join("..", "build", "app.elf"));
  expect(findElf(root, "/").path).toBe(join(root, "build", "app.elf").slice(1));
});

test("the one that the build system names goes before others that lie there", () => {
  put("build/old-name.elf");
  put("build/app.elf", "", 100);
  put("build/project_description.json", JSON.stringify({ app_elf: "app.elf" }));
  expect(findElf(undefined, root)).toEqual({ path: join("build", "app.elf"), others: [] });
});

test("the newest environment of PlatformIO, and the others are named", () => {
  put(".pio/build/esp32/firmware.elf", "", 50);
  put(".pio/build/esp32c3/firmware.elf");
  expect(findElf(undefined, root)).toEqual({
    path: join(".pio", "build", "esp32c3", "firmware.elf"),
    others: [join(".pio", "build", "esp32", "firmware.elf")],
  });
});

test("a file is itself; what is not there is said with what to do", () => {
  put("x.elf");
  expect(findElf("x.elf", root)).toEqual({ path: "x.elf", others: [] });
  expect(() => findElf("y.elf", root)).toThrow(expect.objectContaining({ code: "elf-missing" }));
  put("empty/readme");
  expect(() => findElf("empty", root)).toThrow(expect.objectContaining({ code: "elf-missing" }));
  expect(tryFindElf(join(root, "empty", "no", "such", "folder", "at", "all", "x"))).toBeUndefined();
});

test("the linker's map: next to the ELF, or where older PlatformIO left it under the project's name", () => {
  const mapOf = (elf: string): string | undefined => {
    const { map } = symbolOptions(join(root, elf));
    return map === undefined ? undefined : Buffer.from(map).toString();
  };
  put("build/app.elf");
  put("build/bootloader.map", "LOAD x\nOUTPUT(bootloader.elf elf32-xtensa-le)\n");
  expect(mapOf("build/app.elf")).toBeUndefined();
  put("build/app.map", "by name");
  expect(mapOf("build/app.elf")).toBe("by name");

  put(".pio/build/esp32dev/firmware.elf");
  expect(mapOf(".pio/build/esp32dev/firmware.elf")).toBeUndefined();
  const text = "Memory map\nOUTPUT(.pio/build/esp32dev/firmware.elf elf32-xtensa-le)\n";
  put("other.map", text.replace("firmware", "another"));
  put("greenhouse.map", text);
  expect(mapOf(".pio/build/esp32dev/firmware.elf")).toBe(text);
  put(".pio/build/esp32dev/firmware.map", "next to it");
  expect(mapOf(".pio/build/esp32dev/firmware.elf")).toBe("next to it");
});

test.each(["zlib", "zstd"] as const)(
  "compressed debug information: the library is loaded when it comes up, %s",
  (kind) => {
    const path = join(root, "app.elf");
    writeFileSync(path, fixture("riscv"));
    const plain = openElfFile(path);
    writeFileSync(path, compressed(fixture("riscv"), kind));
    const packed = openElfFile(path);
    const [start = 0, end = 0] = plain.elf.executable;
    for (let address = start; address < end; address += 2) {
      expect(packed.symbolize(address)).toEqual(plain.symbolize(address));
    }
    expect(packed.knows).toBe("lines");
    expect(packed.problems).toEqual([]);
  },
);
