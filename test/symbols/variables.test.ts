// Addresses of data: which static variable, and what of it.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { describeVariable, LogAnnotator, openSymbols, type Symbols } from "../../src/symbols/index.ts";
import { sharedData } from "../shared-data.ts";
import { fixture } from "./fixtures.ts";

function says(symbols: Symbols, name: string, offset: number): string | undefined {
  const address = (symbols.find(name)[0]?.address ?? 0) + offset;
  const variable = symbols.variableAt(address);
  return variable === undefined ? undefined : describeVariable(address, variable);
}

test.each(["riscv", "xtensa"] as const)("a variable of %s with its member, file and line", (name) => {
  const symbols = openSymbols(fixture(name));
  expect(says(symbols, "newest", 0)).toBe("newest at main/app.c:45 [main]");
  expect(says(symbols, "total_readings", 2)).toBe("total_readings+0x2 at main/app.c:46 [main]");
  expect(says(symbols, "esp_app_desc", 8)).toMatch(
    /^esp_app_desc\+0x8 = esp_app_desc\.reserv1\[0\] at main\/app\.c:\d+ \[main\]$/,
  );
  expect(says(symbols, "esp_app_desc", 18)).toMatch(/^esp_app_desc\+0x12 = esp_app_desc\.version\[2\] at /);
  expect(says(symbols, "_ZN6sensorL6filterE", 0)).toMatch(
    /^sensor::filter = sensor::filter\.last at main\/sensor\.cpp:12 /,
  );
});

test("what is no variable has none: code, the heap, the end of the last one", () => {
  const symbols = openSymbols(fixture("riscv"));
  for (const address of [0, symbols.find("app_main")[0]?.address ?? 0, 0x3ffb_1234, 0xffff_fffc]) {
    expect(symbols.variableAt(address)).toBeUndefined();
  }
});

test("a log's addresses of variables are named", () => {
  const symbols = openSymbols(fixture("xtensa"));
  const address = symbols.find("newest")[0]?.address ?? 0;
  const annotator = new LogAnnotator(symbols);
  annotator.line(`assert failed: list 0x${address.toString(16).padStart(8, "0")} is broken`);
  expect(annotator.flush()).toMatchObject([{ kind: "variable", address, variable: { name: "newest" } }]);
});

describe.skipIf(sharedData() === undefined)("needs the shared data", () => {
  test("structures of real firmware, down to the member", () => {
    const symbols = openSymbols(readFileSync(sharedData("coredump/esp32c3/app.elf") ?? ""));
    expect(says(symbols, "pxReadyTasksLists", 20)).toMatch(
      /^pxReadyTasksLists\+0x14 = pxReadyTasksLists\[1\]\.uxNumberOfItems at /,
    );
    expect(says(symbols, "soc_memory_regions", 20)).toMatch(/= soc_memory_regions\[1\]\.start at /);
    expect(says(symbols, "__sf", 20)).toMatch(/= __sf\[0\]\._bf\._size at newlib\//);
  });
});
