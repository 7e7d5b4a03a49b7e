// The probe compiles for Xtensa, the ESP32's own architecture, without a warning. (lx106 with call0 is what there is as a package; the
// ESP32's windowed ABI differs in calls, not in what the compiler says of the sources.) The sizes are printed.
import { expect, test } from "vitest";
import { compileForXtensa } from "../tools/build-c.ts";
import { HEAP_SOURCES, LIBC_SOURCES, PROBE_INCLUDES, probeSources } from "../tools/c-sources.ts";
import { needsCommands } from "./toolchain.ts";

test("probe, heap and conformance program compile for Xtensa", async (context) => {
  needsCommands(context, "xtensa-lx106-elf-gcc", "xtensa-lx106-elf-size");
  const probe = probeSources();
  const sizes = await compileForXtensa({
    name: "probe",
    sources: [
      ...probe,
      "simulator/heap/port_simulated_heap.c",
      "firmware/examples/conformance/main/conformance.c",
      ...HEAP_SOURCES,
      ...LIBC_SOURCES,
    ],
    includeFolders: [
      ...PROBE_INCLUDES,
      "simulator/heap",
      "simulator/libc/include",
      "firmware/examples/conformance/main",
    ],
    flags: ["-fno-builtin"],
  });
  const own = sizes.filter(({ source }) => probe.includes(source));
  const sum = (part: "text" | "data" | "bss") => own.reduce((total, size) => total + size[part], 0);
  console.log(`probe on Xtensa at -Os: ${sum("text")} bytes of code, ${sum("data")} data, ${sum("bss")} bss`);
  expect(own.length).toBe(probe.length);
  expect(sum("text")).toBeGreaterThan(0);
});
