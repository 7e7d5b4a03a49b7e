// What the doctor concludes from settings, partition tables, versions and a board's answer.
import { describe, expect, test } from "vitest";
import { settingsOf } from "../init/esp-idf.ts";
import type { ProjectFiles } from "../init/plan.ts";
import { checkNode, checkPort } from "./machine.ts";
import { coreDumpPartition } from "./partitions.ts";
import { checkSettings } from "./sdkconfig.ts";

const good = `
CONFIG_IDF_TARGET="esp32s3"
CONFIG_MEMMAP_ENABLE=y
CONFIG_MEMMAP_INTERPOSE=y
CONFIG_MEMMAP_TRANSPORT_USB_SERIAL_JTAG=y
CONFIG_MEMMAP_STACK_DEPTH=6
CONFIG_MEMMAP_REGIONS_SECONDS=10
# CONFIG_HEAP_TRACING_STANDALONE is not set
`;

function check(more: string, coreDump: number | "not known" | undefined = undefined): string[] {
  return checkSettings(settingsOf(good + more), { coreDumpPartition: coreDump }).map(
    ({ state, what }) => `${state}: ${what}`,
  );
}

describe("settings", () => {
  test("a good project is well in every point", () => {
    expect(check("").every((line) => line.startsWith("ok"))).toBe(true);
  });

  test.each([
    ["CONFIG_HEAP_TRACING_STANDALONE=y", /^problem: ESP-IDF's heap tracing is on \(CONFIG_HEAP_TRACING_STANDALONE\)/],
    ["CONFIG_HEAP_TRACING_TOHOST=y", /^problem: .*HEAP_TRACING_TOHOST/],
    ["# CONFIG_MEMMAP_ENABLE is not set", /^problem: the probe is switched off/],
    ["CONFIG_MEMMAP_INTERPOSE=n", /^problem: only calls through memmap's macros/],
    [
      "CONFIG_MEMMAP_INTERPOSE=n\nCONFIG_HEAP_USE_HOOKS=y\nCONFIG_MEMMAP_HOOKS=y",
      /^note: allocations are seen by ESP-IDF's hooks/,
    ],
    [
      "CONFIG_MEMMAP_TRANSPORT_USB_SERIAL_JTAG=n\nCONFIG_MEMMAP_TRANSPORT_CONSOLE_UART=y\nCONFIG_ESP_CONSOLE_NONE=y",
      /^problem: the stream goes to the console, and there is none/,
    ],
    [
      "CONFIG_MEMMAP_TRANSPORT_USB_SERIAL_JTAG=n\nCONFIG_MEMMAP_TRANSPORT_CONSOLE_UART=y\nCONFIG_ESP_CONSOLE_UART_BAUDRATE=115200",
      /^note: .* at 115,200 baud, enough for about 2,304 events a second$/,
    ],
    [
      "CONFIG_MEMMAP_TRANSPORT_USB_SERIAL_JTAG=n\nCONFIG_MEMMAP_TRANSPORT_CONSOLE_UART=y\nCONFIG_ESP_CONSOLE_UART_BAUDRATE=921600",
      /^ok: .*--baud 921600/,
    ],
    ["CONFIG_IDF_TARGET_ARCH_RISCV=y", /^problem: call stacks of 6 are asked for, and RISC-V has none/],
    [
      "CONFIG_IDF_TARGET_ARCH_RISCV=y\nCONFIG_MEMMAP_STACK_DEPTH=1\nCONFIG_MEMMAP_DIRECT_CALLERS=y",
      /^note: call sites are the callers of malloc/,
    ],
    ["CONFIG_MEMMAP_STACK_DEPTH=2", /^problem: call sites are 2 levels deep/],
    [
      "CONFIG_SPIRAM=y\nCONFIG_ESP_INT_WDT=y\nCONFIG_ESP_INT_WDT_TIMEOUT_MS=300",
      /^note: the heap walks all blocks of PSRAM.*300 ms/,
    ],
    ["CONFIG_COMPILER_KASAN=y", /^note: KASAN/],
  ])("%s", (more, expected) => {
    const lines = check(more);
    expect(
      lines.find((line) => expected.test(line)),
      lines.join("\n"),
    ).toBeDefined();
  });

  test("a core dump needs room for what it takes", () => {
    const all = "CONFIG_ESP_COREDUMP_ENABLE_TO_FLASH=y\nCONFIG_ESP_COREDUMP_CAPTURE_DRAM=y\n";
    expect(check(all, undefined).join()).toContain(
      "problem: core dumps go to flash, and the partition table has no coredump",
    );
    expect(check(all, 64 * 1024).join()).toContain(
      "problem: a core dump with all of DRAM (CONFIG_ESP_COREDUMP_CAPTURE_DRAM) can take 512 KiB; its partition has 64.0 KiB",
    );
    expect(check(all, 1 << 20).join()).toContain("ok: the core dump partition of 1.00 MiB holds a whole dump");
    expect(check(`${all}CONFIG_SPIRAM=y\n`, 1 << 20).join()).toContain(
      "note: a core dump with all of DRAM (CONFIG_ESP_COREDUMP_CAPTURE_DRAM) can take 512 KiB, and the blocks in PSRAM beside",
    );
    expect(check("CONFIG_ESP_COREDUMP_ENABLE_TO_FLASH=y\nCONFIG_MEMMAP_IN_CORE_DUMP=y\n", 64 * 1024).join()).toContain(
      "problem: a core dump with the probe's tables can take 106 KiB",
    );
    expect(check(all, "not known").join()).toContain("is not known");
  });

  test("settings of other forms are read too", () => {
    const settings = settingsOf('CONFIG_A="x y"\r\n  CONFIG_B = y \r\n# CONFIG_C is not set\r\nCONFIG_B=n\n');
    expect([...settings]).toEqual([
      ["CONFIG_A", "x y"],
      ["CONFIG_B", "n"],
      ["CONFIG_C", "n"],
    ]);
  });
});

test.each([
  ["coredump, data, coredump, , 64K", 65_536],
  ["# x\nnvs,data,nvs,0x9000,0x4000\ncore,data,coredump,,0x10000,encrypted # y", 65_536],
  ["a, 1, 3, , 1M", 1 << 20],
  ["nvs, data, nvs, , 16K", undefined],
])("the partition table %j", (table, size) => {
  const files: ProjectFiles = { read: (path) => (path === "parts.csv" ? table : undefined), list: () => [] };
  const settings = new Map([["CONFIG_PARTITION_TABLE_CUSTOM_FILENAME", "parts.csv"]]);
  expect(coreDumpPartition(files, settings)).toBe(size);
  expect(coreDumpPartition(files, new Map())).toBe("not known");
  expect(coreDumpPartition(files, new Map([["CONFIG_PARTITION_TABLE_SINGLE_APP", "y"]]))).toBeUndefined();
});

test("Node's version and a port that is not there", async () => {
  expect(checkNode("20.19.0").state).toBe("ok");
  expect(checkNode("24.0.1").state).toBe("ok");
  expect(checkNode("20.18.9")).toMatchObject({
    state: "problem",
    what: expect.stringContaining("20.18.9 is too old") as string,
  });
  expect(checkNode("18.20.0").state).toBe("problem");
  if (process.platform !== "win32")
    expect((await checkPort("/dev/ttyUSB99")).map(({ what }) => what).join()).toContain("there is no /dev/ttyUSB99");
});
