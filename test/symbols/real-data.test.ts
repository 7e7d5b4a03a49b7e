// Real firmware: what ESP-IDF's own tools said about the same addresses, and what is known of the chips.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { openSymbols, type Symbols } from "../../src/symbols/index.ts";
import { sharedData } from "../shared-data.ts";

function open(path: string): Symbols {
  return openSymbols(readFileSync(sharedData(path) ?? ""));
}

const isAbsent = sharedData() === undefined;

/** Blocks of "HEAP: Allocated …", each with the lines of its callers. */
function expectedCallers(text: string): string[][] {
  // The report at the end says those that leaked once more.
  const [events = ""] = text.split("HEAP TRACE REPORT");
  return events
    .split(/^\[[0-9.]+\] HEAP: /m)
    .slice(1)
    .map((block) => {
      const lines = block.split("\n").slice(1);
      const end = lines.findIndex((line) => line.trim() === "");
      return lines
        .slice(0, end < 0 ? lines.length : end)
        .map((line) => line.replace(/ \(discriminator \d+\)$/, "").trim());
    });
}

describe.skipIf(isAbsent)("needs the shared data", () => {
  test.each(["", "_mcore"])("the callers of systemview/expected_output%s", (suffix) => {
    const symbols = open("systemview/sysview_tracing_heap_log.elf");
    const read = (name: string): string => readFileSync(sharedData(`systemview/${name}`) ?? "", "utf8");
    const { events } = JSON.parse(read(`expected_output${suffix}.json`)) as {
      events: { callers?: string[]; ts: number }[];
    };
    const callers = events.flatMap((event) => (event.callers === undefined ? [] : [event.callers]));
    const lines = expectedCallers(read(`expected_output${suffix}`));
    expect(callers.length).toBe(99);
    // That tool looks up return addresses as they are; so do we here.
    const ours = callers.map((addresses) =>
      addresses
        .map(Number)
        .filter((address) => address !== 0)
        .map((address) => {
          const [frame] = symbols.symbolize(address);
          return `${frame?.file}:${frame?.line}`;
        }),
    );
    expect(ours).toEqual(lines);
  });

  test("the same callers as call sites: the user's line is the call itself", () => {
    const symbols = open("systemview/sysview_tracing_heap_log.elf");
    const stack = [0x40081eff, 0x40081f34, 0x4008da18, 0x400d3caf, 0x400e3898, 0x400880dc];
    const { frames, site } = symbols.attribute(stack.flatMap((address) => symbols.symbolizeReturn(address)));
    expect(frames[site]).toMatchObject({ function: "app_main", path: "main/sysview_heap_log.c", component: "main" });
    expect(frames.slice(0, site).every(({ isAllocator }) => isAllocator)).toBe(true);
    expect(frames.slice(0, site).map((frame) => basename(frame.path))).toContain("heap_caps.c");
  });

  test("an ESP32 of ESP-IDF 6: application, chip, regions", () => {
    const symbols = open("systemview/sysview_tracing_heap_log.elf");
    expect(symbols.app).toMatchObject({ project: "sysview_tracing_heap_log", idfVersion: "v6.0-dev-497-g0d25276b608" });
    expect([symbols.chip, symbols.architecture]).toEqual(["esp32", "xtensa"]);
    const dram = symbols.regions.find(({ name }) => name === "DRAM");
    const diram = symbols.regions.find(({ name }) => name === "D/IRAM");
    expect(dram?.caps).toEqual([0x1004, 0x80a, 0]);
    expect(diram?.caps).toEqual([0, 0x180c, 0x3]);
    expect(Math.min(...symbols.regions.map(({ start }) => start))).toBe(0x3ffae000);
    expect(symbols.layout("multi_heap_info")?.size).toBe(20);
    expect([...symbols.dwarfVersions.keys()]).toEqual([2, 4, 5]);
    expect(symbols.problems).toEqual([]);
  });

  test("an ESP32-C3: application, chip, regions, and the frames of its core dump", () => {
    const symbols = open("coredump/esp32c3/app.elf");
    expect(symbols.app).toMatchObject({ project: "test_core_dump", idfVersion: "v5.3-dev-458-g8c0f8b041e" });
    expect([symbols.chip, symbols.architecture]).toEqual(["esp32c3", "riscv"]);
    expect(symbols.regions.map(({ start }) => start)).toContain(0x3fc80000);
    // From the expected output: crashed at 0x40380698; the rest are return addresses.
    const frames = [0x40380698, 0x4038368e, 0x403887b8, 0x42009354].map((address, i) =>
      i === 0 ? symbols.symbolize(address) : symbols.symbolizeReturn(address),
    );
    expect(frames.map(([frame]) => `${frame?.function}:${frame?.line}`)).toEqual([
      "panic_abort:472",
      "esp_system_abort:93",
      "abort:38",
      "fail_once:14",
    ]);
    expect(symbols.followsCall(0x42009354)).toBe(true);
    expect(symbols.followsCall(0x42009355)).toBe(false);
  });

  test.each(["coredump/esp32/app.elf", "coredump/esp32c3/app.elf", "systemview/sysview_tracing_heap_log.elf"])(
    "static RAM that has no symbol is given to whom it belongs: %s",
    (path) => {
      const totals = (symbols: Symbols): Map<string, number> =>
        new Map(symbols.components.map(({ component, data, bss, iram }) => [component, data + bss + iram]));
      const byName = totals(open(path));
      const all = [...byName.values()].reduce((sum, bytes) => sum + bytes, 0);
      // The symbols' own sizes leave up to a sixth of it over: literal pools of Xtensa, assembler code, strings.
      expect((byName.get("(no symbol)") ?? 0) / all).toBeLessThan(0.05);
    },
  );

  test("the linker's map says whose strings are", () => {
    const bytes = readFileSync(sharedData("coredump/esp32/app.elf") ?? "");
    const data = (map?: string): Map<string, number> =>
      new Map(
        openSymbols(bytes, map === undefined ? {} : { map }).components.map(({ component, data: size }) => [
          component,
          size,
        ]),
      );
    const without = data();
    const own = data(" .rodata.str1.1 0x3ffb02d8 0x41c /idf/components/esp_wifi/lib/libpp.a(pp.o)");
    expect((own.get("esp_wifi") ?? 0) - (without.get("esp_wifi") ?? 0)).toBe(0x41c);
    const many = data(` .rodata.str1.1
                0x3ffb02d8 0x41c /idf/components/esp_wifi/lib/libpp.a(pp.o)
                            0x20 (size before relaxing)
`);
    expect(many.get("(merged strings)")).toBe(0x41c);
  });
});
